package blockkit

import (
	"maps"
	"reflect"
)

func same(a, b any) bool { return reflect.DeepEqual(a, b) }

// elementRule is what an interactive element may hold beside type and action_id.
type elementRule struct {
	fields fields
	also   func(*checker, pointer, map[string]any)
}

// with adds fields to some.
func with(base fields, more ...fields) fields {
	base = maps.Clone(base)
	for _, m := range more {
		maps.Copy(base, m)
	}
	return base
}

var (
	confirmable = fields{"confirm": {confirmation, false}}
	focusable   = fields{"focus_on_load": {focus, false}}
	holding     = fields{"placeholder": {plainText(150), false}}
	dispatching = fields{"dispatch_action_config": {dispatchConfig, false}}
	manyPicked  = fields{"max_selected_items": {integer(1, 1_000_000), false}}
	menu        = with(confirmable, focusable, holding)
)

// focus: one element of a view may have it.
func focus(c *checker, at pointer, v any) {
	boolean(c, at, v)
	if v != true {
		return
	}
	if c.focused {
		c.add(at, "only one element can have focus_on_load set to true")
	}
	c.focused = true
}

// elements are the interactive elements.
// https://docs.slack.dev/reference/block-kit/block-elements
var elements = map[string]elementRule{
	"button": {fields: with(confirmable, fields{
		"text":                {plainText(75), true},
		"value":               {text(0, 2000), false},
		"url":                 {link, false},
		"style":               {oneOfWords("primary", "danger"), false},
		"accessibility_label": {text(1, 75), false},
	})},
	"workflow_button": {fields: with(confirmable, fields{
		"text":                {plainText(75), true},
		"workflow":            {anything, true},
		"style":               {oneOfWords("primary", "danger"), false},
		"accessibility_label": {text(1, 75), false},
	})},
	"overflow": {fields: with(confirmable, fields{"options": {options(1, 5, plainText(75)), true}})},
	"checkboxes": {fields: with(confirmable, focusable, fields{
		"options":         {options(1, 10, anyText(75)), true},
		"initial_options": {options(1, 10, anyText(75)), false},
	}), also: initialOptions},
	"radio_buttons": {fields: with(confirmable, focusable, fields{
		"options":        {options(1, 10, anyText(75)), true},
		"initial_option": {option(anyText(75)), false},
	}), also: initialOption},
	"datepicker": {fields: with(menu, fields{"initial_date": {date("2006-01-02", "YYYY-MM-DD"), false}})},
	"timepicker": {fields: with(menu, fields{
		"initial_time": {date("15:04", "HH:mm"), false}, "timezone": {text(1, 100), false},
	})},
	"datetimepicker": {fields: with(confirmable, focusable, fields{
		"initial_date_time": {integer(1_000_000_000, 9_999_999_999), false},
	})},
	"plain_text_input": {fields: with(focusable, holding, dispatching, fields{
		"initial_value": {text(0, 3000), false},
		"multiline":     {boolean, false},
		"min_length":    {integer(0, 3000), false},
		"max_length":    {integer(1, 3000), false},
	}), also: lengthsAgree},
	"rich_text_input": {fields: with(focusable, holding, dispatching, fields{
		"initial_value": {richText, false},
		"min_lines":     {integer(1, 100), false},
		"max_lines":     {integer(1, 100), false},
	}), also: linesAgree},
	"email_text_input": {fields: with(focusable, holding, dispatching, fields{"initial_value": {text(0, 3000), false}})},
	"url_text_input":   {fields: with(focusable, holding, dispatching, fields{"initial_value": {text(0, 3000), false}})},
	"number_input": {fields: with(focusable, holding, dispatching, fields{
		"is_decimal_allowed": {boolean, true},
		"initial_value":      {decimal, false},
		"min_value":          {decimal, false},
		"max_value":          {decimal, false},
	}), also: valuesAgree},
	"file_input": {fields: fields{
		"filetypes": {list(1, 100, text(1, 20)), false}, "max_files": {integer(1, 10), false},
	}},
	"static_select":         {fields: with(menu, static, fields{"initial_option": {option(plainText(75)), false}}), also: staticMenu},
	"multi_static_select":   {fields: with(menu, static, manyPicked, fields{"initial_options": {options(1, 100, plainText(75)), false}}), also: staticMenu},
	"external_select":       {fields: with(menu, external, fields{"initial_option": {option(plainText(75)), false}})},
	"multi_external_select": {fields: with(menu, external, manyPicked, fields{"initial_options": {options(1, 100, plainText(75)), false}})},
	"users_select":          {fields: with(menu, fields{"initial_user": {text(1, 255), false}})},
	"multi_users_select":    {fields: with(menu, manyPicked, fields{"initial_users": {list(1, 1000, text(1, 255)), false}})},
	"channels_select": {fields: with(menu, answering, fields{
		"initial_channel": {text(1, 255), false},
	})},
	"multi_channels_select": {fields: with(menu, manyPicked, fields{"initial_channels": {list(1, 1000, text(1, 255)), false}})},
	"conversations_select": {fields: with(menu, answering, conversations, fields{
		"initial_conversation": {text(1, 255), false},
	})},
	"multi_conversations_select": {fields: with(menu, manyPicked, conversations, fields{
		"initial_conversations": {list(1, 1000, text(1, 255)), false},
	})},
	"feedback_buttons": {fields: fields{
		"positive_button": {feedbackButton, true}, "negative_button": {feedbackButton, true},
	}},
	"icon_button": {fields: with(confirmable, fields{
		"icon":                {text(1, 255), true},
		"text":                {plainText(75), true},
		"value":               {text(0, 2000), false},
		"accessibility_label": {text(1, 75), false},
		"visible_to_user_ids": {list(1, 10, text(1, 255)), false},
	})},
}

var (
	static = fields{
		"options":       {options(1, 100, plainText(75)), false},
		"option_groups": {list(1, 100, optionGroup), false},
	}
	external      = fields{"min_query_length": {integer(0, 1000), false}}
	answering     = fields{"response_url_enabled": {boolean, false}}
	conversations = fields{
		"default_to_current_conversation": {boolean, false},
		"filter":                          {conversationFilter, false},
	}
)

// element makes a rule of the kinds of element that may stand there.
func element(kinds ...string) rule {
	allowed := map[string]bool{}
	for _, k := range kinds {
		allowed[k] = true
	}
	return func(c *checker, at pointer, v any) {
		o, ok := v.(map[string]any)
		kind, _ := o["type"].(string)
		switch {
		case !ok:
			c.add(at, "must provide an object")
		case kind == "":
			c.add(at, "missing required field: type")
		case !allowed[kind]:
			c.add(at.key("type"), "unsupported type: "+kind)
		default:
			c.element(at, o, elements[kind])
		}
	}
}

func (c *checker) element(at pointer, o map[string]any, r elementRule) {
	c.fields(at, o, r.fields, "type", "action_id")
	if id, ok := o["action_id"]; ok {
		text(1, 255)(c, at.key("action_id"), id)
	}
	if r.also != nil {
		r.also(c, at, o)
	}
}
