package card

import (
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command/runner"
)

// Request is the public face of a request, as it stands: the same for everybody
// in the channel. Of the same view it is the same, but for how long something
// goes on, which it tells in steps.
func (w *Writer) Request(v gate.View) Message {
	switch {
	case v.State == ledger.Pending:
		return w.pending(v)
	case Overdue(v, w.Now()):
		return w.overdue(v)
	}
	return w.later(v)
}

// pending is the face that people vote on: the danger first, then what would
// happen to what, who asks, what it takes; the asker's own words last.
func (w *Writer) pending(v gate.View) Message {
	var blocks []slack.Block
	if all := warnings(v); len(all) > 0 {
		blocks = append(blocks, section(all...))
	}
	blocks = append(blocks, header(headline(v)), section(w.facts(v)...), section(w.asking(v)...))
	blocks = append(blocks, smallPrint(v))
	blocks = append(blocks, reason(v)...)
	blocks = append(blocks, buttons(w.choices(v)...)...)
	return message(blocks, append(warningTexts(v),
		statement(v), serverText(v), askerText(v), "Expires "+utc(v.ExpiresAt)+".", reasonText(v))...)
}

// asking is who asks, and what it still takes.
func (w *Writer) asking(v gate.View) []md {
	all := append([]md{w.asker(v)}, w.needs(v)...)
	if v.Request.Message != "" {
		all = append(all, "ℹ️ "+prose(inert.Sentence(v.Request.Message, maxProse), maxProse))
	}
	all = append(all, w.votes(v)...)
	all = append(all, problems(v)...)
	return append(all, "*Expires*  "+date(v.ExpiresAt))
}

// statement says how it stands, in a sentence or two.
func statement(v gate.View) string { return inert.Line(runner.Message(v), maxText/2) }

func requestID(v gate.View) md { return "Request " + name(v.ID) }

func what(v gate.View) string { return inert.Line(v.What(), maxProse) }

// smallPrint is for who looks into it: by which rules, under what id, and when
// it ended.
func smallPrint(v gate.View) slack.Block {
	id := requestID(v)
	if !v.EndedAt.IsZero() {
		id += ", " + date(v.EndedAt)
	}
	if v.State == ledger.Denied && !refusedByPerson(v) {
		return small(id) // the rules stand above
	}
	return small(rules(v), id)
}

// reason is what the asker says, which nobody has checked: set apart, last.
func reason(v gate.View) []slack.Block {
	said := inert.Line(v.Reason, maxReason)
	if said == "" {
		return nil
	}
	return []slack.Block{small(md(whoseWords(v))), quote("“" + said + "”")}
}

func whoseWords(v gate.View) string {
	if v.Front == policy.MCP {
		return "The assistant's words, unchecked:"
	}
	return "The asker's words, unchecked:"
}

func reasonText(v gate.View) string {
	said := inert.Line(v.Reason, maxReason)
	if said == "" {
		return ""
	}
	return whoseWords(v) + " \"" + said + "\""
}

// serverText is the server as it is now, for the fallback.
func serverText(v gate.View) string {
	s := v.Shown.Server
	if s == nil {
		return ""
	}
	var parts []string
	for _, p := range []string{string(s.Status), s.Address, s.Location, s.Plan, s.OS} {
		if p != "" {
			parts = append(parts, inert.Text(p, maxName))
		}
	}
	return "The server is now: " + strings.Join(parts, ", ") + "."
}

// choices are what may be pressed while it waits.
func (w *Writer) choices(v gate.View) (all []slack.BlockElement) {
	if inSlack(v) {
		style := slack.StylePrimary
		if isDangerous(v.Action) {
			style = slack.StyleDanger
		}
		all = append(all, w.button(ActApprove, yes(v), Press{Request: v.ID, Digest: v.Digest}).WithStyle(style))
	}
	return append(all, w.refusals(v)...)
}

// refusals are what ends an open request, and the way to its page.
func (w *Writer) refusals(v gate.View) []slack.BlockElement {
	p := Press{Request: v.ID, Digest: v.Digest}
	all := []slack.BlockElement{w.button(ActDeny, "Deny", p), w.button(ActCancel, "Cancel (asker)", p)}
	if page := w.page(v); page != "" {
		open := w.button(ActOpen, "Open the page", Press{Request: v.ID}).WithURL(page)
		if v.State == ledger.Pending && len(v.Missing) > 0 && !inSlack(v) {
			open.WithStyle(slack.StylePrimary) // a yes is given there alone
		}
		all = append(all, open)
	}
	return all
}

// yes names the act, so that nobody presses a bare yes.
func yes(v gate.View) string {
	label := wordsOf(v).do + " " + target(v)
	for _, m := range v.Missing {
		if m.ByAsker() {
			return label
		}
	}
	return "Approve: " + strings.ToLower(label[:1]) + label[1:]
}

const maxURL = 3000 // of a button

func (w *Writer) page(v gate.View) string {
	if w.PageURL == nil {
		return ""
	}
	if url := w.PageURL(v.ID); len(url) <= maxURL {
		return url
	}
	return ""
}
