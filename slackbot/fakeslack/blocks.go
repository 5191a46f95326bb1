package fakeslack

import (
	"encoding/json"
	"strings"
)

// part is an interactive element, and the block that it stands in.
type part struct {
	block, element map[string]any
}

func (p part) action() string  { return str(p.element, "action_id") }
func (p part) kind() string    { return str(p.element, "type") }
func (p part) blockID() string { return str(p.block, "block_id") }
func (p part) input() bool     { return str(p.block, "type") == "input" }

func str(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func array(v any) []any {
	a, _ := v.([]any)
	return a
}

func decode(raw json.RawMessage) any {
	var v any
	_ = json.Unmarshal(raw, &v) // what isn't JSON has nothing in it
	return v
}

func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("fakeslack: " + err.Error()) // only our own maps come here
	}
	return raw
}

// partsOf are the interactive elements of blocks, in order.
func partsOf(blocks []any) []part {
	var parts []part
	for _, v := range blocks {
		b := object(v)
		add := func(v any) {
			if e := object(v); str(e, "action_id") != "" {
				parts = append(parts, part{b, e})
			}
		}
		add(b["accessory"])
		add(b["element"])
		for _, e := range array(b["elements"]) {
			add(e)
		}
		for _, e := range array(b["actions"]) {
			add(e)
		}
		for _, row := range array(b["rows"]) {
			for _, cell := range array(row) {
				add(object(cell)["element"])
			}
		}
		parts = append(parts, partsOf(array(b["child_blocks"]))...)
		if str(b, "type") == "carousel" {
			parts = append(parts, partsOf(array(b["elements"]))...)
		}
	}
	return parts
}

func partsIn(raw json.RawMessage) []part { return partsOf(array(decode(raw))) }

func actionsOf(raw json.RawMessage) []string {
	var ids []string
	for _, p := range partsIn(raw) {
		ids = append(ids, p.action())
	}
	return ids
}

func valueOf(raw json.RawMessage, action string) string {
	for _, p := range partsIn(raw) {
		if p.action() == action {
			return str(p.element, "value")
		}
	}
	return ""
}

// interactive are the types of element that Slack gives an action id where they
// have none.
var interactive = map[string]bool{
	"button": true, "workflow_button": true, "overflow": true, "checkboxes": true, "radio_buttons": true,
	"datepicker": true, "timepicker": true, "datetimepicker": true, "plain_text_input": true, "rich_text_input": true,
	"email_text_input": true, "url_text_input": true, "number_input": true, "file_input": true, "static_select": true,
	"multi_static_select": true, "external_select": true, "multi_external_select": true, "users_select": true,
	"multi_users_select": true, "channels_select": true, "multi_channels_select": true, "conversations_select": true,
	"multi_conversations_select": true, "feedback_buttons": true, "icon_button": true,
}

// fillIDs gives blocks and elements the ids that they came without. Callers hold
// s.mu.
func (s *Slack) fillIDs(raw json.RawMessage) json.RawMessage {
	blocks := array(decode(raw))
	if len(blocks) == 0 {
		return nil
	}
	for _, b := range blocks {
		if o := object(b); o != nil && str(o, "block_id") == "" {
			o["block_id"] = s.secret("block")[:5]
		}
		s.fillActions(b)
	}
	return encode(blocks)
}

func (s *Slack) fillActions(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			s.fillActions(item)
		}
	case map[string]any:
		if interactive[str(v, "type")] && str(v, "action_id") == "" {
			v["action_id"] = s.secret("action")[:5]
		}
		for _, name := range []string{"accessory", "element", "elements", "actions", "rows", "child_blocks"} {
			s.fillActions(v[name])
		}
	}
}

// textOf is what a person reads in blocks, a text a line.
func textOf(raw json.RawMessage) string {
	var lines []string
	collectText(decode(raw), &lines)
	return strings.Join(lines, "\n")
}

// shownIn are the fields that hold what is shown, in the order of reading.
var shownIn = []string{
	"title", "subtitle", "caption", "label", "text", "description", "body", "subtext", "fields", "element", "accessory",
	"elements", "actions", "rows", "child_blocks", "options", "option_groups", "hint", "placeholder", "initial_value", "alt_text", "fallback",
}

func collectText(v any, lines *[]string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			*lines = append(*lines, v)
		}
	case []any:
		for _, item := range v {
			collectText(item, lines)
		}
	case map[string]any:
		for _, name := range shownIn {
			collectText(v[name], lines)
		}
	}
}
