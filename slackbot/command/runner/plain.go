package runner

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command"
)

const (
	maxCell = 64  // runes of a foreign text in a table
	maxLine = 300 // of one in a line of its own
)

// MaxWarning is how many runes a sentence of ours has that may hold foreign text.
const MaxWarning = 600

func cell(s string) string {
	if s == "" {
		return "-"
	}
	return inert.Text(s, maxCell)
}

// Plain writes a result as lines of text, for a terminal or wherever there are
// no cards. Everything foreign in it is inert; it ends in a line break.
func Plain(r Result, now time.Time) string {
	var b strings.Builder
	if r.Text != "" {
		b.WriteString(strings.TrimRight(r.Text, "\n") + "\n")
	}
	switch {
	case r.Servers != nil:
		r.Servers.plain(&b)
	case r.Server != nil:
		r.Server.plain(&b, now)
	case r.Request != nil:
		plainRequest(&b, r.Request.View, now)
	case r.Requests != nil:
		r.Requests.plain(&b)
	case r.Hold != nil:
		r.Hold.plain(&b)
	case r.Trail != nil:
		r.Trail.plain(&b)
	case r.Who != nil:
		r.Who.plain(&b)
	case r.Form != nil:
		r.Form.plain(&b)
	}
	return b.String()
}

// table writes rows in columns; no inert text holds a tab.
func table(b *strings.Builder, rows [][]string) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	_ = t.Flush() // a Builder takes everything
}

func (s *Servers) plain(b *strings.Builder) {
	rows := [][]string{{"ID", "NAME", "STATUS", "ADDRESS", "LOCATION", "PLAN", "SYSTEM", "HOSTNAME"}}
	for _, v := range s.Rows {
		rows = append(rows, []string{
			cell(v.ID.String()), cell(v.Name), cell(string(v.Status)), cell(v.IPAddress),
			cell(v.Location), cell(v.Plan.Name), cell(v.OS.Name), cell(v.Hostname),
		})
	}
	if len(s.Rows) > 0 {
		table(b, rows)
	}
	var odd []string
	for _, v := range s.Rows {
		if isOdd(v) {
			odd = append(odd, cell(v.ID.String()))
		}
	}
	if len(odd) > 0 {
		fmt.Fprintf(b, "! Id %s: %s.\n", strings.Join(odd, ", "), gate.OddName)
	}
	fmt.Fprintf(b, "%d of %d servers", len(s.Rows), s.Total)
	if len(s.Accounts) > 1 {
		fmt.Fprintf(b, " of the account %s", cell(s.Account))
	}
	if s.Total > len(s.Rows) {
		b.WriteString("; status=, location= or a text narrow it down")
	}
	b.WriteString("\n")
}

// holdLine is a lock or a freeze in a line; server is what the server is called,
// where that is known.
func holdLine(h ledger.Hold, server string, accounts []string) string {
	verb := "FROZEN"
	if h.Kind == ledger.LockHold {
		verb = "LOCKED"
	}
	what := string(h.Scope)
	switch {
	case server != "":
		what += " " + cell(server) + " (id " + cell(h.Value) + ")"
	case h.Value != "":
		what += " " + cell(h.Value)
	}
	if len(accounts) > 1 && h.Account != "" {
		what += ", account " + cell(h.Account)
	}
	until := "until it is lifted"
	if !h.Until.IsZero() {
		until = "until " + h.Until.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%s: %s, by %s, %s: %s", verb, what, cell(h.Owner), until, inert.Line(h.Because, maxLine))
}

// holdInForce is a lock or a freeze in a line, and what of it isn't as it says.
func holdInForce(h gate.HoldInForce, accounts []string) string {
	line := holdLine(h.Hold, "", accounts)
	if h.Remark != "" {
		line += " (" + inert.Line(h.Remark, maxLine) + ")"
	}
	return line
}

func (h *Hold) plain(b *strings.Builder) {
	for _, held := range h.Held {
		if h.Lifted {
			fmt.Fprintf(b, "Lifted. It was %s\n", holdLine(held, h.Name, h.Accounts))
		} else {
			fmt.Fprintf(b, "%s\n", holdLine(held, h.Name, h.Accounts))
		}
	}
	for _, kept := range h.Kept {
		fmt.Fprintf(b, "Not lifted: %s\n  %s\n", holdLine(kept.Hold, h.Name, h.Accounts), inert.Line(kept.Why, MaxWarning))
	}
}

func (t *Trail) plain(b *strings.Builder) {
	if len(t.Rows) == 0 {
		b.WriteString("Nothing is recorded of it.\n")
		return
	}
	rows := make([][]string, len(t.Rows))
	for i, r := range t.Rows {
		about := r.RequestID
		if about == "" {
			about = r.ServerID
		}
		rows[i] = []string{r.At.UTC().Format("2006-01-02 15:04:05Z"), cell(r.Kind), cell(r.Person), cell(string(r.Front)), cell(about)}
		if len(t.Accounts) > 1 {
			rows[i] = append(rows[i], cell(r.Account))
		}
		rows[i] = append(rows[i], inert.Line(r.Detail, maxLine))
	}
	table(b, rows)
}

func (w *Who) plain(b *strings.Builder) {
	if w.Person == "" {
		fmt.Fprintf(b, "You are %s, whom the policy does not list: you may do nothing here.\n", cell(w.Actor.Identity.String()))
		return
	}
	fmt.Fprintf(b, "You are %s (%s), through %s.\n", cell(w.Person), cell(w.Actor.Identity.String()), w.Actor.Front)
	if w.ReadOnly {
		b.WriteString("vpsops runs read-only: nothing is changed, whoever asks.\n")
	}
	var rows [][]string
	for _, a := range policy.Actions() {
		if d, may := w.May[a]; may {
			rows = append(rows, []string{"  " + string(a), endsText(d.Effect)})
		}
	}
	b.WriteString("You may, at the least:\n")
	table(b, rows)
	for _, line := range command.UnreadLines(w.Unread) {
		fmt.Fprintln(b, line)
	}
	if len(w.Accounts) > 1 {
		fmt.Fprintf(b, "Accounts: %s\n", inert.Line(strings.Join(w.Accounts, ", "), maxLine))
	}
	for _, h := range w.Holds {
		fmt.Fprintln(b, holdInForce(h, w.Accounts))
	}
}

func endsText(e policy.Effect) string {
	switch e {
	case policy.Confirm:
		return "once you confirm"
	case policy.Approve:
		return "once others approve"
	case policy.Deny:
		return "not"
	}
	return "at once"
}
