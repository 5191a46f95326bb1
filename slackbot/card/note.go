package card

import (
	"cmp"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// Note is a notice to one person: plain text, whatever is in it.
func (w *Writer) Note(text string) Message {
	text = inertLines(text)
	return message([]slack.Block{said(text)}, text)
}

// inertLines keeps the line breaks of a text, and nothing else that moves.
func inertLines(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = inert.Line(line, maxText/2); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// Failure is what runner.Explain says of an error; for one of which it says
// nothing, that it went wrong here.
func (w *Writer) Failure(words string) Message {
	return w.Note("⚠️ " + cmp.Or(words, "Something went wrong here, and nothing was changed. Try again in a minute; whoever runs vpsops finds more in its log."))
}

// Reminder calls those who could vote, once, before a request expires.
func (w *Writer) Reminder(v gate.View) Message {
	left := elapsed(v.ExpiresAt.Sub(w.Now()))
	all := append([]md{"⏰ *Still waiting*, " + md(left) + " left, until " + clock(v.ExpiresAt) + ": " + brief(v)}, w.needs(v)...)
	p := Press{Request: v.ID}
	return message([]slack.Block{section(all...), slack.NewActionBlock("", w.button(ActRequest, "Show the request", p))},
		"Still waiting, "+left+" left: "+what(v)+".", needText(v))
}

func needText(v gate.View) string { return inert.Line(strings.Join(v.NeedLines(), "; "), maxProse) }

// AuditLine is one line for the audit channel. It calls nobody.
func (w *Writer) AuditLine(v gate.View) Message {
	by := name(v.Person)
	if v.Front == policy.MCP {
		by = "an assistant on behalf of " + by
	} else {
		by += " through " + front(v.Front)
	}
	parts := []md{state(v), brief(v), "asked by " + by}
	if len(w.Accounts) > 1 && v.Account != "" {
		parts = append(parts, "account "+name(v.Account))
	}
	if votes := votersLine(v); votes != "" {
		parts = append(parts, votes)
	}
	if d := lasted(v); d > 0 {
		parts = append(parts, "took "+md(took(d)))
	}
	if why := inert.Line(v.Request.Message, maxReason/2); why != "" {
		parts = append(parts, prose(why, maxReason/2))
	}
	parts = append(parts, requestID(v))
	return message([]slack.Block{section(join(" · ", parts...))}, string(v.State)+": "+what(v)+"; asked by "+inert.Text(v.Person, maxName)+".")
}

// lasted is how long it was from the call to the end, where there was one.
func lasted(v gate.View) time.Duration {
	over := v.SettledAt
	if over.IsZero() {
		over = v.EndedAt
	}
	if v.SendingAt.IsZero() || over.IsZero() || v.Outcome != gate.OutcomeSucceeded {
		return 0
	}
	return over.Sub(v.SendingAt)
}

// votersLine names who voted, without calling them.
func votersLine(v gate.View) md {
	var confirmed, approved, denied []md
	for _, vote := range v.Votes[:min(len(v.Votes), maxMentions)] {
		switch {
		case !vote.Approve:
			denied = append(denied, name(vote.Person))
		case vote.Person == v.Person:
			confirmed = append(confirmed, name(vote.Person))
		default:
			approved = append(approved, name(vote.Person))
		}
	}
	return join("; ", by("confirmed by ", confirmed), by("approved by ", approved), by("denied by ", denied))
}

func by(what md, who []md) md {
	if len(who) == 0 {
		return ""
	}
	return what + join(", ", who...)
}

// Checkpoint is one line for the audit channel: kept there, it shows later
// whether the trail up to it was changed.
func (w *Writer) Checkpoint(c ledger.Checkpoint) Message {
	line := c.String()
	return message([]slack.Block{small("🔏 Checkpoint of the audit trail at row "+md(grouped(int(c.Seq)))+"; `vpsops audit verify --checkpoint` takes it:", "`"+md(line)+"`")}, line)
}
