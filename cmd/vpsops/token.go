package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vpsops/policy"
)

func tokenCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:     "token",
		Short:   "Make bearer tokens for MCP clients",
		Long:    "Make bearer tokens for MCP clients that come over HTTP. docs/AUTH.md tells who is who.",
		Example: "  vpsops token new --person ana --scopes read --expires 30d",
	}
	groupOfCommands(c)
	c.AddCommand(tokenNewCommand(p))
	return c
}

// newToken is what a token is to be good for.
type newToken struct {
	person  string
	scopes  []string
	expires string
}

func tokenNewCommand(p *program) *cobra.Command {
	var t newToken
	c := &cobra.Command{
		Use:   "new --person PERSON",
		Short: "Make a bearer token, shown once, and its line for the policy file",
		Long: `Make a bearer token for an MCP client of a person's. Standard output is two
lines: the token, which is shown this once and kept nowhere, and the line for
the person's tokens in the policy file, which holds only its hash. It lets
nobody in before it stands there, and no longer once it is taken out.

Keep the token from assistants' conversations and from logs: whoever sends it is
the person. A person still says yes to what the policy wants a yes for.`,
		Example: `  vpsops token new --person ana
  vpsops token new --person ana --scopes read --expires 30d`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return p.tokenNew(c, t) },
	}
	c.Flags().StringVar(&t.person, "person", "", "whose token it is: a person of the policy")
	c.Flags().StringSliceVar(&t.scopes, "scopes", []string{"read", "write"}, "what it may be used for: read, write")
	c.Flags().StringVar(&t.expires, "expires", "90d", "when it ends: such as 90d, 12h, 2027-06-30 or never")
	return c
}

func (p *program) tokenNew(c *cobra.Command, t newToken) error {
	scopes, err := tokenScopes(t.scopes)
	if err != nil {
		return err
	}
	expires, err := tokenExpiry(t.expires, time.Now())
	if err != nil {
		return err
	}
	if t.person == "" {
		return &usageError{errors.New("whose token is it? For example --person ana")}
	}
	if err := p.personListed(c, t.person); err != nil {
		return err
	}
	token := "vpsops_" + rand.Text()
	sum := sha256.Sum256([]byte(token))
	fmt.Fprintln(p.stdout, token)
	fmt.Fprintf(p.stdout, "{id: %s, sha256: %q, scopes: [%s]%s}\n", tokenID(t.person), hex.EncodeToString(sum[:]), strings.Join(scopes, ", "), expires)
	fmt.Fprintf(p.stderr, "put the second line into the policy, in the list people.%s.tokens; the token is shown this once\n", t.person)
	return nil
}

// personListed wants a person whom the policy lists, where one is configured.
func (p *program) personListed(c *cobra.Command, person string) error {
	cfg, err := p.settings(c.Context())
	if err != nil || cfg.PolicyFile == "" {
		return err
	}
	pol, err := loadPolicy(cfg.PolicyFile)
	if err != nil {
		return &usageError{err}
	}
	if !pol.HasPerson(person) {
		return &usageError{fmt.Errorf("%s lists nobody called %q; it lists %s", cfg.PolicyFile, person, strings.Join(pol.People(), ", "))}
	}
	return nil
}

// tokenScopes are the scopes in the policy's own order and spelling.
func tokenScopes(given []string) ([]string, error) {
	known := []string{string(policy.ReadScope), string(policy.WriteScope)}
	for _, s := range given {
		if !slices.Contains(known, s) {
			return nil, &usageError{fmt.Errorf("there is no scope %q; there are read and write, for example --scopes read,write", s)}
		}
	}
	scopes := slices.DeleteFunc(known, func(s string) bool { return !slices.Contains(given, s) })
	if len(scopes) == 0 {
		return nil, &usageError{errors.New("a token needs a scope, for example --scopes read")}
	}
	return scopes, nil
}

// tokenExpiry is the policy's spelling of when a token ends, with what stands
// before it. A span of days ends with a date, which is the first moment of that
// day where the policy lives; a shorter one to the minute.
func tokenExpiry(given string, now time.Time) (string, error) {
	const key, day = ", expires: ", 24 * time.Hour
	wrong := &usageError{fmt.Errorf("--expires is %q, not a time to come; for example 90d, 12h, 2027-06-30 or never", given)}
	if given == "never" {
		return "", nil
	}
	if date, err := time.Parse(time.DateOnly, given); err == nil {
		if !date.After(now) {
			return "", wrong
		}
		return key + given, nil
	}
	if days, ok := strings.CutSuffix(given, "d"); ok {
		const longest = 36500
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > longest {
			return "", wrong
		}
		if n > 1 {
			return key + now.AddDate(0, 0, n).Format(time.DateOnly), nil
		}
		return key + strconv.Quote(now.Add(day).UTC().Format(time.RFC3339)), nil
	}
	span, err := time.ParseDuration(given)
	if err != nil || span < time.Minute {
		return "", wrong
	}
	return key + strconv.Quote(now.Add(span).UTC().Format(time.RFC3339)), nil
}

// tokenID names the token in the audit trail: after its person, and unlike any
// other. It is plain, so that no spelling of YAML changes it.
func tokenID(person string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(person))
	const unlike = 8
	return "t-" + plain + "-" + strings.ToLower(rand.Text()[:unlike])
}
