package config

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// DefaultAccount is the name of the one account that VPS_API_TOKEN sets.
const DefaultAccount = "default"

// Account is one account of the API.
type Account struct {
	Name  string // of a-z, 0-9 and hyphen; unique
	Token Secret

	variable string // that holds the token, as it is set
}

// TokenPlace says where the token is set, for whoever must set another.
func (a Account) TokenPlace() string {
	place := a.variable
	if name, isFile := strings.CutSuffix(a.variable, fileSuffix); isFile {
		place = "the file that " + a.variable + " names"
		if name == oneToken {
			return "the token in " + place
		}
	}
	if a.variable == oneToken {
		return place
	}
	return fmt.Sprintf("the token of account %s in %s", a.Name, place)
}

// The variables of API tokens, of which one may be set.
const (
	oneToken      = "VPS_API_TOKEN"
	severalTokens = "VPS_API_TOKENS"
)

// accounts reads VPS_API_TOKEN or VPS_API_TOKENS.
func (p *parser) accounts(token, tokens string) []Account {
	const one, several = oneToken, severalTokens
	switch {
	case token != "" && tokens != "":
		p.fault(several, "is set beside %s, and only one may be", one)
		return nil
	case token != "":
		return []Account{{DefaultAccount, p.apiToken(one, token), p.setBy(one)}}
	}
	var accounts []Account
	seen := map[string]bool{}
	for i, item := range list(tokens) {
		name, token, ok := strings.Cut(item, ":")
		switch {
		case !ok || token == "":
			p.fault(several, "has no NAME:TOKEN in place %d", i+1)
		case !isAccountName(name):
			// What stands there may be a token with a colon: it isn't shown.
			p.fault(several, "has an account name in place %d that isn't of a-z, 0-9 and hyphen", i+1)
		case seen[name]:
			p.fault(several, "names the account %q twice", name)
		default:
			seen[name] = true
			accounts = append(accounts, Account{name, p.apiToken(several, token), p.setBy(several)})
		}
	}
	return accounts
}

// apiToken finds what stands around a token by a slip: the API would only say that it is
// none. It isn't shown.
func (p *parser) apiToken(name, value string) Secret {
	switch {
	case strings.ContainsAny(value[:1], "\"'"):
		p.fault(name, "begins with a quote, which is no part of a token")
	case strings.Contains(value, oneToken): // a line of a file of settings
		p.fault(name, "holds the name of the variable, where the token alone belongs")
	case filepath.IsAbs(value) && isFile(value):
		p.fault(name, "is the path of a file, where the token itself belongs; %s would name the file", name+fileSuffix)
	default:
		return p.secret(name, value)
	}
	return Secret{}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// distinct wants each account's token to be its own: by the one name a server
// would pass the policy's rules for the other. Where the API is on this machine
// it is a simulated one, which takes a single token, and a warning does.
func (p *parser) distinct(accounts []Account, api *url.URL) (warnings []string) {
	nameOf := map[string]string{}
	for _, a := range accounts {
		first, taken := nameOf[a.Token.Reveal()]
		if nameOf[a.Token.Reveal()] = a.Name; !taken {
			continue
		}
		const problem = "gives the accounts %q and %q the same token, so that what the policy says of the one is passed by the name of the other"
		if api != nil && IsLoopback(api.Host) {
			warnings = append(warnings, p.setBy(severalTokens)+" "+fmt.Sprintf(problem, first, a.Name))
			continue
		}
		p.fault(severalTokens, problem, first, a.Name)
	}
	return warnings
}

func isAccountName(s string) bool {
	const longest = 63
	return s != "" && len(s) <= longest && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
