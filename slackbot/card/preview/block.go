package main

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// block is as much of a block as the page shows.
type block struct {
	Type      string
	Text      *text
	Accessory *element
	Elements  []element
	Label     *text
	Hint      *text
	Element   *element
	Optional  bool
}

type text struct{ Type, Text string }

func (t *text) plain() string {
	if t == nil {
		return ""
	}
	return t.Text
}

func (t *text) html() string {
	switch {
	case t == nil:
		return ""
	case t.Type == "mrkdwn":
		return mrkdwn(t.Text)
	}
	return breaks(html.EscapeString(t.Text))
}

// element is an element of a block, or of another element.
type element struct {
	Type          string
	Text          any // a text object, or a rich text's string
	Style         any
	URL           string
	Elements      []element
	Placeholder   *text
	InitialOption *option   `json:"initial_option"`
	InitialValue  string    `json:"initial_value"`
	Initial       []*option `json:"initial_options"`
	Options       []*option
	Multiline     bool
	Fallback      string // of a date
}

type option struct {
	Text        *text
	Description *text
	Value       string
}

func (e element) text() string {
	switch t := e.Text.(type) {
	case string:
		return breaks(html.EscapeString(t))
	case map[string]any:
		s, _ := t["text"].(string)
		kind, _ := t["type"].(string)
		return (&text{kind, s}).html()
	}
	return ""
}

func (b block) html() template.HTML {
	var inside string
	switch b.Type {
	case "section":
		inside = "<div class=words>" + b.Text.html() + "</div>"
		if b.Accessory != nil {
			inside += b.Accessory.html()
		}
	case "input":
		optional := ""
		if b.Optional {
			optional = " <i>(optional)</i>"
		}
		inside = "<label>" + b.Label.html() + optional + "</label>" + b.Element.html() + "<small>" + b.Hint.html() + "</small>"
	case "header":
		inside = b.Text.html()
	default:
		for _, e := range b.Elements {
			inside += e.html()
		}
	}
	return template.HTML("<div class=" + b.Type + ">" + inside + "</div>") //nolint:gosec // every text in it is escaped above
}

func (e element) html() string {
	style, _ := e.Style.(string)
	switch e.Type {
	case "button":
		return fmt.Sprintf("<button class=%q>%s</button>", style, e.text())
	case "static_select":
		label := e.Placeholder.html()
		if e.InitialOption != nil {
			label = e.InitialOption.Text.html()
		}
		return "<span class=select>" + label + "</span>"
	case "radio_buttons", "checkboxes":
		return e.boxes()
	case "plain_text_input":
		class := "field"
		if e.Multiline {
			class = "field multi"
		}
		return "<div class='" + class + "'>" + html.EscapeString(e.InitialValue) + "</div>"
	case "rich_text_quote":
		return "<blockquote>" + all(e.Elements) + "</blockquote>"
	case "rich_text_preformatted":
		return "<pre>" + all(e.Elements) + "</pre>"
	case "rich_text_section":
		return "<div>" + all(e.Elements) + "</div>"
	case "date":
		return "<span class=date>" + html.EscapeString(e.Fallback) + "</span>"
	case "mrkdwn", "plain_text":
		s, _ := e.Text.(string)
		return "<span>" + (&text{e.Type, s}).html() + "</span>"
	}
	return e.text()
}

func (e element) boxes() string {
	var b strings.Builder
	for _, o := range e.Options {
		mark := "☐ "
		if e.InitialOption != nil && e.InitialOption.Value == o.Value || len(e.Initial) > 0 && e.Initial[0].Value == o.Value {
			mark = "☑ "
		}
		b.WriteString("<div>" + mark + o.Text.html() + "</div>")
	}
	return b.String()
}

func all(elements []element) string {
	var b strings.Builder
	for _, e := range elements {
		b.WriteString(e.html())
	}
	return b.String()
}

func breaks(s string) string { return strings.ReplaceAll(s, "\n", "<br>") }
