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

// Reminder calls those who could vote, once, before a request expires.
func (w *Writer) Reminder(v gate.View) Message {
	left := elapsed(v.ExpiresAt.Sub(w.Now()))
	all := append([]md{"⏰ *Still waiting*, " + md(left) + " left, until " + clock(v.ExpiresAt) + ": " + brief(v) + w.account(v)}, w.needs(v)...)
	p := Press{Request: v.ID}
	return message([]slack.Block{section(all...), slack.NewActionBlock("", w.button(ActRequest, "Show the request", p))},
		"Still waiting, "+left+" left: "+what(v)+".", needText(v))
}

// Again says to who asks for what is open already that it is the same request,
// where its cards stand, and what it waits for. here is the channel that it is
// said in.
func (w *Writer) Again(v gate.View, here string, stand []string) Message {
	all := []md{"🟡 *Open already*: " + brief(v) + w.account(v), "Nothing new was asked for: this is the same request, asked " + date(v.CreatedAt)}
	if len(stand) > 0 {
		all = append(all, "*Its card*  "+places(here, stand))
	}
	all = append(append(all, w.needs(v)...), "*Expires*  "+date(v.ExpiresAt))
	p := Press{Request: v.ID}
	return message([]slack.Block{section(all...), slack.NewActionBlock("", w.button(ActRequest, "Show the request", p)), small(requestID(v))},
		"Open already, as the same request: "+what(v)+".", needText(v))
}

// Brief says to one person how a request stands, where its card is before them.
func (w *Writer) Brief(v gate.View) Message {
	return message([]slack.Block{section(join(" · ", state(v), brief(v)+w.account(v), requestID(v)))}, headline(v)+".")
}

// places are channels in words, the one where it is said first.
func places(here string, channels []string) md {
	var all []md
	direct := false
	for _, id := range channels {
		switch {
		case id == here:
			all = append([]md{"here"}, all...)
		case strings.HasPrefix(id, "D"):
			direct = true
		case isID(id):
			all = append(all, "in <#"+md(id)+">")
		default:
			all = append(all, "in "+name(id))
		}
	}
	if direct {
		all = append(all, "in your messages with the app")
	}
	return join(", ", all...)
}

// isID tells whether a text is written as Slack writes ids.
func isID(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
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
	parts = append(parts, requestID(v), ended(v))
	return message([]slack.Block{section(join(" · ", parts...))}, string(v.State)+": "+what(v)+"; asked by "+inert.Text(v.Person, maxName)+".")
}

// ended is when it was: the line may stand there long after, since Slack was out
// of reach, or vpsops not running.
func ended(v gate.View) md {
	over := overAt(v)
	if over.IsZero() {
		return ""
	}
	return dateSecs(over)
}

// overAt is when the server had arrived, or else when the API had answered or it
// was decided otherwise.
func overAt(v gate.View) time.Time {
	if v.SettledAt.IsZero() {
		return v.EndedAt
	}
	return v.SettledAt
}

// HoldLine is one line for the audit channel, of a lock or a freeze that was put
// up or lifted. It calls nobody.
func (w *Writer) HoldLine(c gate.HoldChange) Message {
	h := c.Hold
	verb, plain := md("❄️ *frozen*"), "Frozen"
	switch lock := h.Kind == ledger.LockHold; {
	case lock && c.Lifted:
		verb, plain = "🔓 *unlocked*", "Unlocked"
	case lock:
		verb, plain = "🔒 *locked*", "Locked"
	case c.Lifted:
		verb, plain = "☀️ *unfrozen*", "Unfrozen"
	}
	parts := []md{verb + ": " + w.heldBack(h, c.Server), "by " + name(c.Person) + " through " + front(c.Front)}
	switch {
	case c.Lifted && h.Owner != c.Person && h.Owner != "":
		parts = append(parts, "put up by "+name(h.Owner))
	case !c.Lifted && h.Until.IsZero():
		parts = append(parts, "until it is lifted")
	case !c.Lifted:
		parts = append(parts, "until "+date(h.Until))
	}
	parts = append(parts, prose(h.Because, maxReason/2), dateSecs(c.At))
	return message([]slack.Block{section(join(" · ", parts...))}, plain+": "+holdSubject(h, c.Server)+w.accountText(h.Account)+"; by "+inert.Text(c.Person, maxName)+".")
}

// heldBack is what a lock or a freeze keeps from changes; server is what the server is called, "" where it isn't one or that isn't known.
func (w *Writer) heldBack(h ledger.Hold, server string) md {
	what := join(" ", scope(h.Scope), valueOf(h))
	if server != "" {
		what = "server " + name(server) + ", id " + word(h.Value)
	}
	return what + w.accountOf(h.Account)
}

func holdSubject(h ledger.Hold, server string) string {
	return inert.Text(string(scope(h.Scope))+" "+cmp.Or(server, h.Value), maxName*2)
}

// MoreChanges is one line for the audit channel in the place of many: of so many
// changes, or more, that came about while nobody told of them there.
func (w *Writer) MoreChanges(n int, orMore bool) Message {
	number := grouped(n)
	if orMore {
		number += " or more"
	}
	return w.Note("… and " + number + " more changes while vpsops was not in Slack: /vps audit and vpsops audit tail show them.")
}

// lasted is how long it was from the call to the end, where there was one.
func lasted(v gate.View) time.Duration {
	over := overAt(v)
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
