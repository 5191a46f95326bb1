package card

import (
	"cmp"
	"strings"

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
	if why := inert.Line(v.Request.Message, maxReason/2); why != "" {
		parts = append(parts, prose(why, maxReason/2))
	}
	parts = append(parts, requestID(v))
	return message([]slack.Block{section(join(" · ", parts...))}, string(v.State)+": "+what(v)+"; asked by "+inert.Text(v.Person, maxName)+".")
}

// votersLine names who voted, without calling them.
func votersLine(v gate.View) md {
	var yes, no []md
	for _, vote := range v.Votes[:min(len(v.Votes), maxMentions)] {
		if vote.Approve {
			yes = append(yes, name(vote.Person))
		} else {
			no = append(no, name(vote.Person))
		}
	}
	var parts []md
	if len(yes) > 0 {
		parts = append(parts, "approved by "+join(", ", yes...))
	}
	if len(no) > 0 {
		parts = append(parts, "denied by "+join(", ", no...))
	}
	return join("; ", parts...)
}

// Checkpoint is one line for the audit channel: kept there, it shows later
// whether the trail up to it was changed.
func (w *Writer) Checkpoint(c ledger.Checkpoint) Message {
	line := c.String()
	return message([]slack.Block{small("🔏 Checkpoint of the audit trail at row "+md(grouped(int(c.Seq)))+"; `vpsops audit verify --checkpoint` takes it:", "`"+md(line)+"`")}, line)
}
