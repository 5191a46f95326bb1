package card

import (
	"cmp"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// words are what an action is called: to be done, being done, done, and the
// doing.
type words struct{ do, doing, done, noun string }

func wordsOf(v gate.View) words {
	if newName(v) != "" {
		return words{"Rename", "Renaming", "Renamed", "renaming"}
	}
	switch v.Action {
	case policy.Create:
		return words{"Create", "Creating", "Created", "creating"}
	case policy.Update:
		return words{"Change", "Changing", "Changed", "changing"}
	case policy.Delete:
		return words{"Delete", "Deleting", "Deleted", "deleting"}
	case policy.Start:
		return words{"Start", "Starting", "Started", "starting"}
	case policy.Stop:
		return words{"Stop", "Stopping", "Stopped", "stopping"}
	case policy.Reboot:
		return words{"Reboot", "Rebooting", "Rebooted", "rebooting"}
	}
	a := inert.Text(string(v.Action), maxName)
	return words{a, a, a, a}
}

// newName is what an update calls the server from then on, or "".
func newName(v gate.View) string {
	for _, c := range v.Shown.Changes {
		if c.Field == "name" {
			return c.To
		}
	}
	return ""
}

// target is a request's server for a headline: its name, and where it is
// renamed the new one.
func target(v gate.View) string {
	s := title(called(v))
	if to := newName(v); to != "" {
		s += " to " + title(to)
	}
	return s
}

// called is the server's name, or what the asker called it where it was not
// looked up.
func called(v gate.View) string {
	switch {
	case v.Shown.Name() != "":
		return v.Shown.Name()
	case v.Operation.Create != nil:
		return v.Operation.Create.Name
	}
	return v.Operation.Server.Text
}

// headline says in a few words what is asked, or what became of it.
func headline(v gate.View) string {
	w, on := wordsOf(v), target(v)
	switch v.State {
	case ledger.Pending:
		return w.do + " " + on + ending(v)
	case ledger.Approved, ledger.Executing:
		if v.HeldBack() {
			return "⏸️ Held back: " + w.noun + " " + on
		}
		if v.Elsewhere {
			return "⏸️ Not carried out here: " + w.noun + " " + on
		}
		return "⏳ " + w.doing + " " + on
	case ledger.Succeeded:
		switch {
		case isLost(v):
			return "⚠️ " + w.doing + " " + on + ": it is " + lastSeen(v)
		case v.Outcome == gate.OutcomeAccepted:
			return "⏳ " + w.doing + " " + on
		}
		return "✅ " + w.done + " " + on
	case ledger.Failed:
		return "❌ Failed: " + w.noun + " " + on
	case ledger.Unknown:
		return "❓ Not known yet: " + w.noun + " " + on
	}
	return cmp.Or(notDone(v.State), inert.Text(string(v.State), maxName)) + ": " + w.noun + " " + on
}

func ending(v gate.View) string {
	switch {
	case v.Action == policy.Delete:
		return " for good?"
	case v.Action == policy.Create && v.Shown.MonthlyPrice != "":
		return " for " + inert.Text(v.Shown.MonthlyPrice, maxName) + " a month?"
	}
	return "?"
}

// isLost tells whether a server that was to arrive is elsewhere, or no more.
func isLost(v gate.View) bool { return v.Gone() || v.Astray() }

// notDone is a state in which nothing was sent; "" for one that is not known here.
func notDone(s ledger.State) string {
	switch s {
	case ledger.Denied:
		return "🚫 Denied"
	case ledger.Expired:
		return "⌛ Expired"
	case ledger.Cancelled:
		return "↩️ Cancelled"
	case ledger.Superseded:
		return "↩️ Replaced by a newer ask"
	case ledger.Invalidated:
		return "⚠️ Void"
	}
	return ""
}

// brief is what a request does in a line.
func brief(v gate.View) md {
	line := bold(prose(wordsOf(v).do, maxName)) + " " + name(called(v))
	if to := newName(v); to != "" {
		line += " to " + name(to)
	}
	if v.ServerID != "" {
		line += " (id " + word(v.ServerID) + ")"
	}
	return line
}

// state is a request's state in a word, with a sign for the eye.
func state(v gate.View) md {
	switch v.State {
	case ledger.Pending:
		return "🟡 waiting"
	case ledger.Approved, ledger.Executing:
		if v.HeldBack() {
			return "⏸️ held back"
		}
		if v.Elsewhere {
			return "⏸️ not done here"
		}
		return "⏳ being done"
	case ledger.Succeeded:
		switch {
		case isLost(v):
			return "⚠️ " + word(lastSeen(v)) + ", not " + md(wordsOf(v).done)
		case v.Outcome == gate.OutcomeAccepted:
			return "⏳ on its way"
		}
		return "✅ done"
	case ledger.Failed:
		return "❌ failed"
	case ledger.Unknown:
		return "❓ not known yet"
	}
	if known := notDone(v.State); known != "" {
		return md(known) // its sign is ours, and no foreign text that hides something
	}
	return word(string(v.State))
}

func front(f policy.Front) md {
	switch f {
	case policy.MCP:
		return "an assistant"
	case policy.Slack:
		return "Slack"
	case policy.Console:
		return "the console"
	case policy.Page:
		return "the page"
	}
	return word(string(f))
}

// isDangerous tells whether something is lost, interrupted, changed or spent.
func isDangerous(a policy.Action) bool { return a != policy.Start }
