package web

import (
	"cmp"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// headline says in a few words what a request would do: the dangerous thing
// first.
func headline(v gate.View) string {
	name := cmp.Or(inertName(v.Shown.Name()), "a server")
	switch v.Action {
	case policy.Delete:
		return "Delete " + name + " for good"
	case policy.Create:
		return "Create " + name + priceWords(v)
	case policy.Update:
		if to := newName(v); to != "" {
			return "Rename " + name + " to " + to
		}
		return "Change " + name
	case policy.Stop:
		return "Stop " + name
	case policy.Reboot:
		return "Restart " + name
	case policy.Start:
		return "Start " + name
	}
	return string(v.Action) + " " + name
}

func priceWords(v gate.View) string {
	if v.Shown.MonthlyPrice == "" {
		return ", price unknown"
	}
	return " for " + inertName(v.Shown.MonthlyPrice) + " a month"
}

func newName(v gate.View) string {
	for _, c := range v.Shown.Changes {
		if c.Field == "name" {
			return inertName(c.To)
		}
	}
	return ""
}

// consequence says what is lost, interrupted or spent.
func consequence(v gate.View) string {
	switch v.Action {
	case policy.Delete:
		return "The server and everything on it are lost. This cannot be undone."
	case policy.Create:
		if v.Shown.MonthlyPrice == "" {
			return "A new server costs money, and the price of this plan cannot be read."
		}
		return "A new server that costs " + inertName(v.Shown.MonthlyPrice) + " every month until somebody deletes it."
	case policy.Update:
		if newName(v) != "" {
			return "Rules and people that go by the name will take it for another server."
		}
		return "The server runs on; what is listed below changes."
	case policy.Stop:
		return "It shuts down, and what runs on it is out of reach until somebody starts it again."
	case policy.Reboot:
		return "It shuts down and comes back: what runs on it is interrupted for a while."
	}
	return "It is powered on."
}

// approveLabel names the act, so that nobody presses a bare yes. The server's
// name follows it.
func approveLabel(v gate.View, own bool) string {
	words := map[policy.Action][2]string{
		policy.Delete: {"Yes, delete", "Approve deleting"}, policy.Create: {"Yes, create", "Approve creating"},
		policy.Update: {"Yes, change", "Approve changing"}, policy.Stop: {"Yes, stop", "Approve stopping"},
		policy.Reboot: {"Yes, restart", "Approve restarting"}, policy.Start: {"Yes, start", "Approve starting"},
	}[v.Action]
	if newName(v) != "" {
		words = [2]string{"Yes, rename", "Approve renaming"}
	}
	if own {
		return words[0]
	}
	return words[1]
}

// badge is a state in a word, and how it is coloured.
type badge struct{ Text, Tone string }

func badgeOf(v gate.View, now time.Time) badge {
	switch v.State {
	case ledger.Pending:
		if !now.Before(v.ExpiresAt) {
			return badge{"expired", "quiet"}
		}
		return badge{"waiting", "wait"}
	case ledger.Approved, ledger.Executing:
		if v.HeldBack() {
			return badge{"held back", "wait"}
		}
		if v.Elsewhere {
			return badge{"not done here", "wait"}
		}
		return badge{"being done", "wait"}
	case ledger.Succeeded:
		switch {
		case v.Gone():
			return badge{"server gone", "bad"}
		case v.Astray():
			return badge{"not arrived", "bad"}
		case v.Outcome == gate.OutcomeAccepted:
			return badge{"on its way", "wait"}
		}
		return badge{"done", "good"}
	case ledger.Failed:
		return badge{"failed", "bad"}
	case ledger.Unknown:
		return badge{"unknown", "bad"}
	case ledger.Invalidated:
		return badge{"void", "quiet"}
	}
	return badge{string(v.State), "quiet"}
}

// outcome tells a person how a request stands that waits for nobody's vote.
func outcome(v gate.View) string {
	switch v.State {
	case ledger.Approved, ledger.Executing:
		if v.HeldBack() {
			return inert.Sentence(withMoments(v.Request.Message), maxReason)
		}
		if v.Elsewhere {
			return "It has the votes it needs, and " + withMoments(v.ElsewhereWords()) + "."
		}
		return "It has the votes it needs and is being carried out."
	case ledger.Succeeded:
		return success(v)
	case ledger.Unknown:
		if v.Action == policy.Reboot {
			return "Whether it happened is not known: the call was sent once and its answer was lost. A reboot leaves no trace to tell it by; look at the server before anybody asks again."
		}
		return "Whether it happened is not known yet: the call was sent once and its answer was lost. The server is being looked at to find out, and nothing is sent again."
	case ledger.Failed:
		return "It failed: " + stopped(v.Request.Message)
	}
	return "Nothing was done: " + stopped(v.Request.Message)
}

// stopped is a foreign text as the end of a sentence.
func stopped(s string) string {
	return strings.TrimSuffix(inert.Line(withMoments(s), maxReason), ".") + "."
}

// timing says how long a request took, or has taken so far.
func timing(v gate.View, now time.Time) string {
	switch {
	case v.SendingAt.IsZero():
		return ""
	case v.Outcome == gate.OutcomeAccepted, v.State == ledger.Executing, v.State == ledger.Unknown:
		return "Sent " + seconds(now.Sub(v.SendingAt)) + " ago."
	case !v.SettledAt.IsZero():
		return "It took " + seconds(v.SettledAt.Sub(v.SendingAt)) + "."
	case !v.EndedAt.IsZero():
		return "It took " + seconds(v.EndedAt.Sub(v.SendingAt)) + "."
	}
	return ""
}

// seconds is a time in which something was done.
func seconds(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	return d.Round(time.Second).String()
}

func success(v gate.View) string {
	status := inert.Text(v.ServerStatus, 40)
	switch {
	case v.Gone():
		return "The API took it. " + v.Whereabouts() + ": the audit trail tells whether it was through vpsops."
	case v.Outcome == gate.OutcomeAccepted:
		return "The API took it. " + v.Whereabouts() + "; this page follows it."
	case status == "":
		return "It is done."
	}
	return "It is done. The server is " + status + "."
}

func frontWords(f policy.Front) string {
	switch f {
	case policy.MCP:
		return "an AI assistant (MCP)"
	case policy.Slack:
		return "Slack"
	case policy.Console:
		return "the console"
	case policy.Page:
		return "this page"
	}
	return string(f)
}
