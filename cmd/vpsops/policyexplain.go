package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vpsops/internal/config"
	"vpsops/internal/nearest"
	"vpsops/policy"
)

// explainQuestion is what "policy explain" is asked.
type explainQuestion struct {
	as, do, server, through, channel, at, format string

	name, location, plan, os, account string // what a create would make; the name also what an update would call it
}

func policyExplainCommand(p *program) *cobra.Command {
	var q explainQuestion
	c := &cobra.Command{
		Use:   "explain [FILE]",
		Short: "Say why an ask would end as it would",
		Long: `Say why an ask would end as it would: the rules that matter, what is needed, who
could give it, and what would make it allowed. The last line is the effect.

Locks, freezes and VPSOPS_READ_ONLY are not looked at; "vpsops console -c whoami"
shows those in force, to whoever may list servers.

The server is looked for in every account. One that the API cannot tell of is
judged by its name, and the answer says so. Whoever is not listed is a stranger.

A create is judged by what it would make: --name, --location, --plan, --os and
--account say it. An update is judged by the name it would give, too: --name.`,
		Example: `  vpsops policy explain --as ana --do delete --server prod-db-1 --through mcp
  vpsops policy explain --as ana --do create --name web-2 --location us-east --plan 1
  vpsops policy explain --as ana --do update --server prod-db-1 --name old-db-1
  vpsops policy explain --as ana --do stop --server prod-db-1 --at "2026-12-24 10:00" --format json`,
		Args: atMostOneFile,
		RunE: func(c *cobra.Command, args []string) error { return p.policyExplain(c.Context(), q, args) },
	}
	f := c.Flags()
	f.StringVar(&q.as, "as", "", "the person who asks")
	f.StringVar(&q.do, "do", "", "the action: "+actionNames())
	f.StringVar(&q.server, "server", "", "the server: an id or an exact name")
	f.StringVar(&q.name, "name", "", "the name that a create or an update would give")
	f.StringVar(&q.location, "location", "", "where a create would be")
	f.StringVar(&q.plan, "plan", "", "a create's plan: an id or a name")
	f.StringVar(&q.os, "os", "", "a create's system: an id or a name")
	f.StringVar(&q.account, "account", "", "a create's account; the first, if left out")
	f.StringVar(&q.through, "through", "", "the way: mcp, slack, console or page")
	f.StringVar(&q.channel, "in", "", "the Slack channel's id")
	f.StringVar(&q.at, "at", "", `when: "2026-11-25 10:00" in the policy's zone, or RFC 3339; now, if left out`)
	f.StringVar(&q.format, "format", "text", "text or json")
	return c
}

func actionNames() string {
	var names []string
	for _, a := range policy.Actions() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

func (p *program) policyExplain(ctx context.Context, q explainQuestion, args []string) error {
	if err := q.check(); err != nil {
		return &usageError{err}
	}
	cfg, err := p.settings(ctx)
	if err != nil {
		return err
	}
	pol, err := p.policyToExplain(cfg, args)
	if err != nil {
		return err
	}
	p.doubtQuestion(q, pol)
	ask := policy.Ask{Action: policy.Action(q.do), Actor: policy.Actor{Front: policy.Front(q.through), Channel: q.channel}}
	if ask.At, err = whenIn(pol.Zone(), q.at); err != nil {
		return &usageError{err}
	}
	if ask.Action == policy.Create {
		return writeExplanation(p.stdout, q.explainCreate(cfg, pol, ask), q.format)
	}
	if q.server == "" {
		ask.AnyServer = ask.Action == policy.List // a list is answered by what of it may be seen
		return writeExplanation(p.stdout, pol.ExplainAs(q.as, ask), q.format)
	}
	found := p.findServer(ctx, cfg, q.server)
	ask.Account, ask.Server = found.server.Account, &found.server
	if q.name != "" {
		after := found.server
		after.Name = q.name
		ask.After = &after
	}
	e := pol.ExplainAs(q.as, ask)
	if len(cfg.Accounts) > 1 {
		e.Account, e.AlsoIn = ask.Account, found.alsoIn
	}
	e.NotRead = !found.read
	if ask.Action == policy.Update && q.name == "" {
		e.Unsaid = []string{"name"}
	}
	return writeExplanation(p.stdout, e, q.format)
}

// doubtQuestion tells of a person and a channel that may be slips: the answer to them
// reads like any other.
func (p *program) doubtQuestion(q explainQuestion, pol *policy.Policy) {
	if q.as != policy.Stranger && !pol.HasPerson(q.as) {
		if near := nearest.Word(q.as, pol.People()); near != "" {
			fmt.Fprintf(p.stderr, "vpsops: the policy lists no person %q, so a stranger asks; did you mean %s?\n", q.as, near)
		}
	}
	if channels := pol.Channels(); q.channel != "" && !slices.Contains(channels, q.channel) {
		text := fmt.Sprintf("vpsops: no rule names the channel %q; rules name channels by their ids", q.channel)
		if near := nearest.Word(strings.TrimPrefix(q.channel, "#"), channels); near != "" {
			text += "; did you mean " + near + "?"
		}
		fmt.Fprintln(p.stderr, text)
	}
}

// explainCreate judges what would be made, and never a server that is called so
// already.
func (q explainQuestion) explainCreate(cfg *config.Config, pol *policy.Policy, ask policy.Ask) policy.Explanation {
	made := policy.Server{
		Name: cmp.Or(q.name, q.server), Location: q.location,
		PlanID: q.plan, Plan: q.plan, OSID: q.os, OS: q.os, Account: q.account,
	}
	if made.Account == "" && len(cfg.Accounts) > 0 {
		made.Account = cfg.Accounts[0].Name // as an ask does that names none
	}
	var unsaid []string
	for _, part := range []struct {
		what, value string
		goesBy      func(policy.ServerMatch) bool
	}{
		{"name", made.Name, func(m policy.ServerMatch) bool { return len(m.Name) > 0 }},
		{"location", made.Location, func(m policy.ServerMatch) bool { return len(m.Location) > 0 }},
		{"plan", made.Plan, func(m policy.ServerMatch) bool { return len(m.Plan) > 0 }},
		{"system", made.OS, func(m policy.ServerMatch) bool { return len(m.OS) > 0 }},
		{"account", made.Account, func(m policy.ServerMatch) bool { return len(m.Account) > 0 }},
	} {
		if part.value == "" && anySet(pol, part.goesBy) {
			unsaid = append(unsaid, part.what)
		}
	}
	if made != (policy.Server{}) {
		ask.After, ask.Account = &made, made.Account
	}
	e := pol.ExplainAs(q.as, ask)
	if e.Unsaid = unsaid; len(cfg.Accounts) > 1 {
		e.Account = ask.Account
	}
	return e
}

// anySet tells whether one of the policy's server sets is such.
func anySet(pol *policy.Policy, is func(policy.ServerMatch) bool) bool {
	for _, set := range pol.Document().ServerSets {
		if slices.ContainsFunc(set, is) {
			return true
		}
	}
	return false
}

func (q explainQuestion) check() error {
	switch {
	case q.as == "" || q.do == "":
		return errors.New("explain needs --as PERSON and --do ACTION")
	case !policy.Action(q.do).Known():
		return fmt.Errorf("--do is one of %s", actionNames())
	case q.through != "" && !policy.Front(q.through).Known():
		return errors.New("--through is mcp, slack, console or page")
	case q.do != string(policy.Create) && q.location+q.plan+q.os+q.account != "":
		return errors.New("--location, --plan, --os and --account say what a create would make: of a server that is there, the API tells them")
	case q.do != string(policy.Create) && q.do != string(policy.Update) && q.name != "":
		return errors.New("--name is what a create or an update would call a server: --server says which one is meant")
	case q.do == string(policy.Create) && q.name != "" && q.server != "":
		return errors.New("a create is of no server that is there: say its name by --name alone")
	case q.do == string(policy.Update) && q.name != "" && q.server == "":
		return errors.New("--name is what an update would call the server: --server says which one is meant")
	case q.format != "text" && q.format != "json":
		return errors.New("--format is text or json")
	}
	return nil
}

// policyToExplain is the named file, the configured one, or the built-in
// policy.
func (p *program) policyToExplain(cfg *config.Config, args []string) (*policy.Policy, error) {
	file := cfg.PolicyFile
	if len(args) == 1 {
		file = args[0]
	}
	if file == "" {
		return policy.Local(cfg.Person, cfg.Person)
	}
	pol, err := loadPolicy(file)
	if err != nil {
		return nil, &usageError{err}
	}
	return pol, nil
}

func whenIn(zone *time.Location, text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("--at is a time such as \"2026-11-25 10:00\", not %q", text)
	}
	return at, nil
}

func writeExplanation(w io.Writer, e policy.Explanation, format string) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(e)
	}
	_, err := fmt.Fprintln(w, strings.TrimSuffix(e.String(), "\n"))
	return err
}
