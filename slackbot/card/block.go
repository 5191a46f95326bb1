package card

import (
	"strings"

	"github.com/slack-go/slack"
)

// Slack's limits, in characters where they are of a text
// (https://docs.slack.dev/reference/block-kit).
const (
	maxText        = 3000 // of a text object
	maxBlocks      = 50   // of a message
	maxViewBlocks  = 100  // of a modal or an App Home
	maxHeader      = 150
	maxButton      = 75
	maxValue       = 2000 // of a button
	maxMetadata    = 3000 // of a view
	maxOption      = 75   // of an option's text
	maxOptionValue = 150  // of its value
	maxOptions     = 100  // of a menu
	maxModalTitle  = 24   // of a modal's title, submit and close
	maxLabel       = 2000
)

// plain is a text object without markup. The text is ours, or inert.
func plain(s string, limit int) *slack.TextBlockObject {
	off := false // no emoji are made of :words:
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: cut(orDash(s), limit), Emoji: &off}
}

// marked is a text object in mrkdwn. Verbatim: Slack makes no links of its own.
func marked(s md) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: orDash(string(s)), Verbatim: true}
}

func orDash(s string) string {
	if s == "" {
		return "–" // Slack refuses an empty text
	}
	return s
}

func header(s string) slack.Block { return slack.NewHeaderBlock(plain(s, maxHeader)) }

// section is a paragraph of lines.
func section(all ...md) *slack.SectionBlock {
	return slack.NewSectionBlock(marked(lines(maxText, all...)), nil, nil, slack.SectionBlockOptionExpand(true))
}

// said is a paragraph of plain text, for what may hold foreign words. A moment in
// it is shown by everybody's own clock.
func said(s string) slack.Block {
	if len(moments(s)) > 0 {
		return slack.NewRichTextBlock("", slack.NewRichTextSection(withDates(cut(s, maxText))...))
	}
	return slack.NewSectionBlock(plain(s, maxText), nil, nil, slack.SectionBlockOptionExpand(true))
}

// small is a line in small print.
func small(all ...md) slack.Block {
	return slack.NewContextBlock("", marked(lines(maxText, all...)))
}

// quote is what somebody else says, word for word: a block of its own, with
// Slack's bar of a quotation beside it and no markup in it.
func quote(s string) slack.Block {
	text := slack.NewRichTextSectionTextElement(s, nil)
	return slack.NewRichTextBlock("", &slack.RichTextQuote{Type: slack.RTEQuote, Elements: []slack.RichTextSectionElement{text}})
}

// button is one that means a press.
func (w *Writer) button(action, label string, p Press) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, w.sealed(p, maxValue), plain(label, maxButton))
}

// sealed is a press as it travels; one that is too long for that means nothing.
func (w *Writer) sealed(p Press, limit int) string {
	if value := w.Seal(p); units(value) <= limit {
		return value
	}
	return w.Seal(Press{})
}

// row is lines with a button beside them.
func row(b *slack.ButtonBlockElement, all ...md) slack.Block {
	s := section(all...)
	s.Accessory = slack.NewAccessory(b)
	return s
}

// buttons is a row of buttons and menus, or nothing.
func buttons(elements ...slack.BlockElement) []slack.Block {
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", elements...)}
}

// capped keeps a message's or view's blocks within their number.
func capped(blocks []slack.Block, limit int) []slack.Block {
	if len(blocks) <= limit {
		return blocks
	}
	return append(blocks[:limit-1:limit-1], small("There is more than fits here."))
}

// message makes a message of blocks and its fallback, a sentence or line each.
func message(blocks []slack.Block, fallback ...string) Message {
	return Message{Text: fallbackText(fallback), Blocks: capped(blocks, maxBlocks)}
}

// fallbackText is for notifications and screen readers. Slack reads control
// sequences in it even where blocks are shown.
func fallbackText(all []string) string {
	var b strings.Builder
	for _, s := range all {
		if s == "" {
			continue
		}
		text := escape(withUTC(s))
		if b.Len() > 0 {
			text = "\n" + text
		}
		if units(b.String())+units(text) > maxText {
			continue // half an entity is none; what follows may fit
		}
		b.WriteString(text)
	}
	return orDash(b.String())
}
