package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vpsops/internal/inert"
	"vpsops/internal/telemetry"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func requestsCommand(p *program) *cobra.Command {
	return family("requests", "List, show and cancel requests",
		`List requests and their votes, and take your own back. There is no approving
here: an assistant with a shell would use it.`,
		"  vpsops requests list --open\n  vpsops requests show req_…\n  vpsops requests cancel req_…",
		requestsListCommand(p), requestsShowCommand(p), requestsCancelCommand(p))
}

func requestsListCommand(p *program) *cobra.Command {
	var filter ledger.Filter
	var open, unsettled bool
	var format string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List requests, the newest first",
		Example: "  vpsops requests list --open\n  vpsops requests list --unsettled\n  vpsops requests list --person ana --format json",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return &usageError{errors.New("--format is text or json")}
			}
			if err := checkLimit(filter.Limit); err != nil {
				return err
			}
			limit := filter.Limit
			switch { // those whose time is up are told from the rest below: no limit may come before
			case open && unsettled:
				return &usageError{errors.New("--unsettled has those of --open in it: give one of them")}
			case open:
				filter.States, filter.Limit = []ledger.State{ledger.Pending, ledger.Approved}, 0
			case unsettled:
				filter.States, filter.Limit = telemetry.Unended(), 0
			}
			return p.records(c.Context(), func(core *core, l *ledger.SQL) error {
				return l.Read(c.Context(), func(tx ledger.ReadTx) error {
					if err := core.known(tx, subject{server: filter.ServerID, person: filter.Person}); err != nil {
						return err
					}
					found, err := tx.Requests(filter)
					if err != nil {
						return err
					}
					if open || unsettled {
						found = slices.DeleteFunc(found, func(r ledger.Request) bool { return stateNow(r) == ledger.Expired })
					}
					if limit > 0 {
						found = found[:min(limit, len(found))]
					}
					return writeRequests(p.stdout, found, format, len(core.cfg.Accounts) > 1)
				})
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&open, "open", false, "only those that wait to be decided or carried out")
	f.BoolVar(&unsettled, "unsettled", false, "only those whose end isn't known: open, being carried out, or of unknown outcome")
	f.StringVar(&filter.Person, "person", "", "only those of this asker")
	f.StringVar(&filter.ServerID, "server", "", "only those about the server with this id")
	f.IntVar(&filter.Limit, "limit", 50, "the newest so many; 0 for all")
	f.StringVar(&format, "format", "text", "text or json (a line each)")
	return c
}

// requestLine is a request as scripts read it.
type requestLine struct {
	ID        string          `json:"request_id"`
	State     ledger.State    `json:"state"`
	Action    policy.Action   `json:"action"`
	ServerID  string          `json:"server_id,omitempty"`
	Account   string          `json:"account"`
	Person    string          `json:"person"`
	Through   policy.Front    `json:"through"`
	CreatedAt time.Time       `json:"created_at"`
	Operation json.RawMessage `json:"operation"`
	Message   string          `json:"message,omitempty"`
}

// stateNow is a request's state as the next process that serves will write it
// down: time is up also while none does.
func stateNow(r ledger.Request) ledger.State {
	if r.State.Open() && !clock().Before(r.ExpiresAt) {
		return ledger.Expired
	}
	return r.State
}

// writeRequests writes them for scripts or for people: for those with the account,
// where several are configured or have something here.
func writeRequests(w io.Writer, found []ledger.Request, format string, several bool) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		for _, r := range found {
			if err := enc.Encode(requestLine{r.ID, stateNow(r), r.Action, r.ServerID, r.Account, r.Person, r.Front, r.CreatedAt.UTC(), r.Operation, r.Message}); err != nil {
				return err
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	several = several || slices.ContainsFunc(found, func(r ledger.Request) bool { return r.Account != found[0].Account })
	account := func(cell string) string {
		if !several {
			return ""
		}
		return cell + "\t"
	}
	fmt.Fprintf(t, "REQUEST\tSTATE\tWHAT\t%sASKED BY\tTHROUGH\tAT\n", account("ACCOUNT"))
	for _, r := range found {
		v, err := gate.ViewOf(r)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s%s\t%s\t%s\n", r.ID, stateNow(r), v.What(), account(inert.Text(r.Account, 40)), inert.Text(r.Person, 40), r.Front, r.CreatedAt.UTC().Format("2006-01-02 15:04:05Z"))
	}
	return t.Flush()
}

func requestsShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show a request, its votes and what happened to it",
		Example: "  vpsops requests show req_k3v6fkmz2tq4hwno",
		Args:    oneArgument,
		RunE: func(c *cobra.Command, args []string) error {
			return p.records(c.Context(), func(_ *core, l *ledger.SQL) error {
				return l.Read(c.Context(), func(tx ledger.ReadTx) error { return showRequest(p.stdout, tx, args[0]) })
			})
		},
	}
}

func oneArgument(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Errorf("%d arguments where one is wanted: %s", len(args), c.UseLine())}
	}
	return nil
}

// checkLimit refuses what would pass for no limit.
func checkLimit(n int) error {
	if n < 0 {
		return &usageError{errors.New("--limit is not negative; 0 is for all")}
	}
	return nil
}

func showRequest(w io.Writer, tx ledger.ReadTx, id string) error {
	r, err := tx.Request(id)
	if errors.Is(err, ledger.ErrNotFound) {
		return noRequest(id)
	}
	if err != nil {
		return err
	}
	v, err := gate.ViewOf(r)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s  %s\n%s\n", r.ID, stateNow(r), v.What())
	for _, line := range requestFacts(v) {
		if line[1] != "" {
			fmt.Fprintf(w, "%-9s %s\n", line[0]+":", inert.Line(line[1], 500))
		}
	}
	if err := showVotes(w, tx, id); err != nil {
		return err
	}
	rows, err := tx.Trail(ledger.EventFilter{RequestID: id})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "trail:")
	return writeTrail(w, rows, false)
}

// requestFacts are what stands in the ledger of a request, a line each; its
// asker's words last.
func requestFacts(v gate.View) (lines [][2]string) {
	for _, warning := range v.Warnings() {
		lines = append(lines, [2]string{"mind", warning})
	}
	lines = append(lines,
		[2]string{"asked by", v.Person + " (" + v.Identity.String() + ") through " + string(v.Front)},
		[2]string{"client", v.Client}, [2]string{"account", v.Account})
	if stateNow(v.Request).Open() {
		lines = append(lines, [2]string{"expires", v.ExpiresAt.UTC().Format(time.RFC3339)})
	}
	for _, need := range v.Wanted() {
		lines = append(lines, [2]string{"needs", need})
	}
	return append(lines, [2]string{"message", v.Request.Message}, [2]string{"reason", v.Reason})
}

func showVotes(w io.Writer, tx ledger.ReadTx, id string) error {
	votes, err := tx.Votes(id)
	if err != nil {
		return err
	}
	for _, v := range votes {
		verdict := map[bool]string{true: "approves", false: "denies"}[v.Approve]
		fmt.Fprintf(w, "vote:     %s %s, factor %s, through %s (%s), %s", inert.Text(v.Person, 40), verdict, v.Factor, v.Front, identityWords(v.Identity), v.At.UTC().Format(time.RFC3339))
		if v.Reason != "" {
			fmt.Fprintf(w, ": %s", inert.Line(v.Reason, 200))
		}
		fmt.Fprintln(w)
	}
	return nil
}

// identityWords say which of a person's identities it was: one that a provider vouches for
// is another thing than this machine's own.
func identityWords(id policy.Identity) string { return inert.Text(id.String(), 120) }

func requestsCancelCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "cancel ID",
		Short:   "Take back an open request of VPSOPS_PERSON's",
		Example: "  vpsops requests cancel req_k3v6fkmz2tq4hwno",
		Args:    oneArgument,
		RunE:    func(c *cobra.Command, args []string) error { return p.cancelRequest(c.Context(), args[0]) },
	}
}

func (p *program) cancelRequest(ctx context.Context, id string) error {
	c, err := p.ledgerKeeper(ctx)
	if err != nil {
		return err
	}
	if c.policy, err = newLivePolicy(c.cfg.PolicyFile, c.logger, func() (*policy.Policy, error) {
		return policy.Local(c.identity.ID, c.identity.ID)
	}); err != nil {
		return err
	}
	if err := c.knownPerson(); err != nil {
		return err
	}
	l, err := c.openLedger(ctx)
	if err != nil {
		return err
	}
	c.ledger = l
	c.gate = gate.New(gate.Config{Ledger: l, Policy: c.policy.current.Load, Key: c.key, Logger: c.logger})
	v, err := c.gate.Desk().Cancel(ctx, policy.Actor{Identity: c.identity, Front: policy.Console}, id)
	if err == nil {
		fmt.Fprintf(p.stdout, "%s is %s\n", v.ID, v.State)
	}
	return errors.Join(err, c.drain())
}

// writeTrail writes audit rows for people, a line each.
func writeTrail(w io.Writer, rows []ledger.Row, several bool) error {
	for _, r := range rows {
		account := ""
		if several {
			account = r.Account
		}
		who := inert.Text(r.Person, 40)
		if who == "" {
			who = "-"
		}
		parts := []string{fmt.Sprintf("%6d  %s  %-14s %-12s", r.Seq, r.At.UTC().Format("2006-01-02T15:04:05.000Z"), inert.Text(r.Kind, 40), who)}
		for _, s := range []string{r.RequestID, r.ServerID, account, r.Detail} {
			if s != "" {
				parts = append(parts, inert.Line(s, 300))
			}
		}
		if r.Identity != (policy.Identity{}) {
			parts = append(parts, "("+identityWords(r.Identity)+")")
		}
		if _, err := fmt.Fprintln(w, strings.Join(parts, "  ")); err != nil {
			return err
		}
	}
	return nil
}
