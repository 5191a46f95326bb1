package card

import (
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
)

// Result lays out what came of a command, but for a Form: that is CreateForm's
// or UpdateForm's.
func (w *Writer) Result(r runner.Result) Message {
	m := w.facet(r)
	if r.Text == "" {
		return m
	}
	blocks := append(ownText(r.Text), m.Blocks...)
	return Message{Text: fallbackText([]string{inertLines(r.Text), unescape(m.Text)}), Blocks: capped(blocks, maxBlocks)}
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func (w *Writer) facet(r runner.Result) Message {
	switch {
	case r.Servers != nil:
		return w.Servers(*r.Servers, ListPress(r.Command))
	case r.Server != nil:
		return w.Server(*r.Server)
	case r.Request != nil:
		return w.Request(r.Request.View)
	case r.Requests != nil:
		return w.requests(*r.Requests)
	case r.Hold != nil:
		return w.hold(*r.Hold)
	case r.Trail != nil:
		return w.trail(*r.Trail)
	case r.Who != nil:
		return w.who(*r.Who)
	}
	return Message{}
}

// ListPress is the press that leads to what a list command asks for.
func ListPress(c command.Command) Press {
	return Press{Account: c.Account, Status: c.Status, Where: c.Location, Text: c.Text}
}

// Command is the list command that a press of ActList stands for.
func (p Press) Command() command.Command {
	return command.Command{Verb: command.VerbList, Account: p.Account, Status: p.Status, Location: p.Where, Text: p.Text}
}

// ownText is text of ours, such as help. What stands in two columns there is a
// line for each row here: a phone has no room for columns.
func ownText(s string) (blocks []slack.Block) {
	var rows []md
	var prose []string
	flush := func() {
		for len(rows) > 0 {
			n := min(len(rows), maxTextRows)
			blocks, rows = append(blocks, section(rows[:n]...)), rows[n:]
		}
		if len(prose) > 0 {
			blocks, prose = append(blocks, said(strings.Join(prose, "\n"))), nil
		}
	}
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		left, right, columns := strings.Cut(line, "  ")
		if columns == (len(rows) == 0) {
			flush()
		}
		switch {
		case columns:
			rows = append(rows, textRow(left, right))
		case line != "":
			prose = append(prose, inert.Line(line, maxText/2))
		}
	}
	flush()
	return blocks
}

const maxTextRows = 15 // in a block

func textRow(left, right string) md {
	return code(strings.TrimSpace(left), maxLong) + " " + prose(right, maxLong)
}

func (w *Writer) requests(r runner.Requests) Message {
	if len(r.Open)+len(r.Own) == 0 {
		return w.Note("No requests.")
	}
	var blocks []slack.Block
	var texts []string
	for _, part := range []struct {
		head string
		rows []gate.View
	}{{"Open", r.Open}, {"Yours", r.Own}} {
		if len(part.rows) == 0 {
			continue
		}
		blocks = append(blocks, header(part.head))
		for _, v := range part.rows[:min(len(part.rows), PageRows)] {
			blocks = append(blocks, w.requestRow(v))
			texts = append(texts, inert.Text(string(v.State), maxName)+": "+what(v))
		}
	}
	return message(blocks, texts...)
}

// requestRow is a request in two lines, with a way to all of it.
func (w *Writer) requestRow(v gate.View) slack.Block {
	by := name(v.Person)
	if v.Front == policy.MCP {
		by += "'s assistant"
	}
	line := state(v) + " · asked by " + by + ", " + date(v.CreatedAt)
	if v.State == ledger.Pending || v.HeldBack() {
		line += " · expires " + date(v.ExpiresAt)
	}
	return row(w.button(ActRequest, "Show", Press{Request: v.ID}), brief(v)+w.account(v), line)
}

// hold is what everybody in the channel is told of a lock or a freeze.
func (w *Writer) hold(h runner.Hold) Message {
	var all []md
	var texts []string
	for _, held := range h.Held {
		line, text := w.holdLine(held, h.Name), w.holdText(held, h.Name)
		if h.Lifted {
			line, text = "Lifted by "+name(h.By)+". It was: "+line, "Lifted by "+inert.Text(h.By, maxName)+". It was: "+text
		}
		all, texts = append(all, line), append(texts, text)
	}
	for _, kept := range h.Kept {
		all = append(all, "⚠️ Not lifted: "+w.holdLine(kept.Hold, h.Name)+" "+prose(kept.Why, maxReason))
		texts = append(texts, "Not lifted: "+w.holdText(kept.Hold, h.Name))
	}
	return message([]slack.Block{section(all...)}, texts...)
}
