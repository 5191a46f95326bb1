package blockkit

import "slices"

// The composition objects.
// https://docs.slack.dev/reference/block-kit/composition-objects

// plainText is a text object of type plain_text.
func plainText(most int) rule { return textObject(most, "plain_text") }

// anyText is a text object of either type.
func anyText(most int) rule { return textObject(most, "plain_text", "mrkdwn") }

func mrkdwn(most int) rule { return textObject(most, "mrkdwn") }

func textObject(most int, kinds ...string) rule {
	return object(fields{
		"type":     {oneOfWords(kinds...), true},
		"text":     {text(1, most), true},
		"emoji":    {boolean, false},
		"verbatim": {boolean, false},
	}, textMarks)
}

// textMarks: emoji belongs to plain_text, verbatim to mrkdwn.
func textMarks(c *checker, at pointer, o map[string]any) {
	kind, _ := o["type"].(string)
	if _, ok := o["emoji"]; ok && kind == "mrkdwn" {
		c.add(at, "invalid additional property: emoji")
	}
	if _, ok := o["verbatim"]; ok && kind == "plain_text" {
		c.add(at, "invalid additional property: verbatim")
	}
}

// confirmation asks again before an action is sent.
func confirmation(c *checker, at pointer, v any) {
	object(fields{
		"title":   {plainText(100), true},
		"text":    {anyText(300), true},
		"confirm": {plainText(30), true},
		"deny":    {plainText(30), true},
		"style":   {oneOfWords("primary", "danger"), false},
	})(c, at, v)
}

// option is an item of a menu, a checkbox or a radio button.
func option(label rule) rule {
	return object(fields{
		"text":        {label, true},
		"value":       {text(1, 150), true},
		"description": {anyText(75), false},
		"url":         {link, false},
	})
}

// options are a menu's, each value once.
func options(least, most int, label rule) rule {
	return func(c *checker, at pointer, v any) {
		list(least, most, option(label))(c, at, v)
		c.uniqueValues(at, v, map[string]bool{})
	}
}

func (c *checker) uniqueValues(at pointer, v any, seen map[string]bool) {
	items, _ := v.([]any)
	for i, item := range items {
		o, _ := item.(map[string]any)
		value, ok := o["value"].(string)
		if ok && seen[value] {
			c.add(at.index(i).key("value"), "value must be unique: "+value)
		}
		seen[value] = true
	}
}

func optionGroup(c *checker, at pointer, v any) {
	object(fields{
		"label":   {plainText(75), true},
		"options": {options(1, 100, plainText(75)), true},
	})(c, at, v)
}

// dispatchConfig says when typing in an input is told to the app.
func dispatchConfig(c *checker, at pointer, v any) {
	object(fields{
		"trigger_actions_on": {list(1, 2, oneOfWords("on_enter_pressed", "on_character_entered")), true},
	})(c, at, v)
}

func conversationFilter(c *checker, at pointer, v any) {
	object(fields{
		"include":                          {list(1, 4, oneOfWords("im", "mpim", "private", "public")), false},
		"exclude_external_shared_channels": {boolean, false},
		"exclude_bot_users":                {boolean, false},
	}, func(c *checker, at pointer, o map[string]any) {
		c.atLeastOne(at, o, "include", "exclude_external_shared_channels", "exclude_bot_users")
	})(c, at, v)
}

func slackFile(c *checker, at pointer, v any) {
	object(fields{
		"id":  {text(1, 255), false},
		"url": {link, false},
	}, func(c *checker, at pointer, o map[string]any) { c.oneOf(at, o, "id", "url") })(c, at, v)
}

// picksAmong holds that each of an element's initial options is one of its
// options, word for word.
func (c *checker) picksAmong(at pointer, o map[string]any, initial ...any) {
	offered := offeredOptions(o)
	for _, pick := range initial {
		if !slices.ContainsFunc(offered, func(v any) bool { return same(v, pick) }) {
			c.add(at, "must exactly match one of the options")
		}
	}
}

func offeredOptions(o map[string]any) []any {
	offered, _ := o["options"].([]any)
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(map[string]any)
		more, _ := group["options"].([]any)
		offered = append(slices.Clip(offered), more...)
	}
	return offered
}
