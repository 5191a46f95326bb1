package config

import "strings"

// DefaultAccount is the name of the one account that VPS_API_TOKEN sets.
const DefaultAccount = "default"

// Account is one account of the API.
type Account struct {
	Name  string // of a-z, 0-9 and hyphen; unique
	Token Secret
}

// accounts reads VPS_API_TOKEN or VPS_API_TOKENS.
func (p *parser) accounts(token, tokens string) []Account {
	const one, several = "VPS_API_TOKEN", "VPS_API_TOKENS"
	switch {
	case token != "" && tokens != "":
		p.fault(several, "is set beside %s, and only one may be", one)
		return nil
	case token != "":
		return []Account{{Name: DefaultAccount, Token: p.secret(one, token)}}
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
			accounts = append(accounts, Account{Name: name, Token: p.secret(several, token)})
		}
	}
	return accounts
}

func isAccountName(s string) bool {
	const longest = 63
	return s != "" && len(s) <= longest && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
