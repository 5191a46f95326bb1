package runner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func (r *Requests) plain(b *strings.Builder) {
	rows := [][]string{{"REQUEST", "STATE", "WHAT", "ACCOUNT", "ASKED BY", "THROUGH", "AT"}}
	for _, v := range append(r.Open[:len(r.Open):len(r.Open)], r.Own...) {
		v.Several = false // said in a column of its own
		rows = append(rows, []string{cell(v.ID), string(v.State), v.What(), cell(v.Account), cell(v.Person), string(v.Front), v.CreatedAt.UTC().Format("2006-01-02 15:04:05Z")})
	}
	if len(rows) == 1 {
		b.WriteString("No requests.\n")
		return
	}
	if len(r.Accounts) < 2 {
		const account = 3
		for i, row := range rows {
			rows[i] = slices.Delete(row, account, account+1)
		}
	}
	table(b, rows)
}

// plainRequest says what will happen, to which server as it is now, and what is
// still needed: the dangerous line first, the asker's own words last.
func plainRequest(b *strings.Builder, v gate.View, now time.Time) {
	if v.State == ledger.Pending {
		for _, line := range Warnings(v) {
			fmt.Fprintf(b, "! %s\n", line)
		}
	}
	fmt.Fprintln(b, Message(v))
	if v.Again {
		fmt.Fprintf(b, "Nothing new was asked for: this is the same request, asked %s ago, with what was said then.\n", age(now.Sub(v.CreatedAt)))
	}
	if v.State == ledger.Pending {
		if why := v.ElsewhereWords(); why != "" {
			fmt.Fprintf(b, "! %s\n", inert.Sentence(why, MaxWarning))
		}
		if s := v.Shown.Server; s != nil {
			fmt.Fprintf(b, "  now      %s, %s, %s, plan %s, %s", cell(string(s.Status)), cell(s.Address), cell(s.Location), cell(s.Plan), cell(s.OS))
			if !s.CreatedAt.IsZero() {
				fmt.Fprintf(b, ", %s old", age(now.Sub(s.CreatedAt)))
			}
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "  expires  in %s\n", age(v.ExpiresAt.Sub(now)))
	}
	if v.Several {
		fmt.Fprintf(b, "  account  %s\n", cell(v.Account))
	}
	fmt.Fprintf(b, "  request  %s, asked by %s through %s\n", cell(v.ID), cell(v.Person), v.Front)
	for _, vote := range v.Votes {
		verdict := map[bool]string{true: "approved", false: "denied"}[vote.Approve]
		fmt.Fprintf(b, "  vote     %s %s", cell(vote.Person), verdict)
		if vote.Reason != "" {
			fmt.Fprintf(b, ": %s", inert.Line(vote.Reason, maxLine))
		}
		b.WriteString("\n")
	}
	if v.Reason != "" {
		fmt.Fprintf(b, "  because  \"%s\"\n", inert.Line(v.Reason, maxLine))
	}
}

// Warnings are what somebody must see before all else who is asked about a
// request, a line each.
func Warnings(v gate.View) []string {
	lines := Effects(v)
	if former := v.Shown.FormerNames; len(former) > 0 {
		names := make([]string, len(former))
		for i, name := range former {
			names[i] = inert.Name(name, maxCell)
		}
		lines = append(lines, "It was lately called "+inert.Line(strings.Join(names, ", "), maxLine)+".")
	}
	for _, w := range v.Warnings() {
		lines = append(lines, inert.Sentence(w, MaxWarning))
	}
	return lines
}

// Effects are what a request would do that somebody may mind, a line each.
func Effects(v gate.View) (lines []string) {
	switch v.Action {
	case policy.Delete:
		lines = append(lines, "This deletes the server and all that is on it, for ever.")
	case policy.Create:
		price := "at a price that is unknown"
		if v.Shown.MonthlyPrice != "" {
			price = "for " + cell(v.Shown.MonthlyPrice) + " a month"
		}
		lines = append(lines, "This orders a server, "+price+".")
	case policy.Stop, policy.Reboot:
		lines = append(lines, "This interrupts what the server does.")
	}
	return lines
}

// TrailOf is the command that shows what was done to a request's server.
func TrailOf(v gate.View) string {
	command := "audit " + cell(v.ServerID)
	if v.Several {
		command += " account=" + cell(v.Account)
	}
	return command
}

// Message says how a request stands.
func Message(v gate.View) string {
	switch {
	case v.Gone():
		return fmt.Sprintf("Accepted: %s. %s. \"list\" shows what is there, %q whether it was deleted through vpsops.", v.What(), v.Whereabouts(), TrailOf(v))
	case v.Outcome == gate.OutcomeAccepted:
		return fmt.Sprintf("Accepted: %s. %s.", v.What(), v.Whereabouts())
	case v.State != ledger.Unknown:
		return v.Message()
	case v.Action == policy.Reboot:
		return fmt.Sprintf("Unknown whether it happened: %s. The call was sent once, and a reboot leaves no trace to tell it by: look at the server before anybody asks again.", v.What())
	}
	return fmt.Sprintf("Unknown whether it happened: %s. The call was sent once; the server is being looked at to find out. Do not ask again: the request tells the end.", v.What())
}
