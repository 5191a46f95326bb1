package blockkit

import (
	"strconv"
	"time"
)

func staticMenu(c *checker, at pointer, o map[string]any) {
	c.oneOf(at, o, "options", "option_groups")
	initialOption(c, at, o)
	initialOptions(c, at, o)
}

func initialOption(c *checker, at pointer, o map[string]any) {
	if pick, ok := o["initial_option"]; ok {
		c.picksAmong(at.key("initial_option"), o, pick)
	}
}

func initialOptions(c *checker, at pointer, o map[string]any) {
	if picks, ok := o["initial_options"].([]any); ok {
		c.picksAmong(at.key("initial_options"), o, picks...)
	}
}

func lengthsAgree(c *checker, at pointer, o map[string]any) {
	c.ordered(at, o, "min_length", "max_length")
}

func linesAgree(c *checker, at pointer, o map[string]any) { c.ordered(at, o, "min_lines", "max_lines") }

func valuesAgree(c *checker, at pointer, o map[string]any) {
	c.ordered(at, o, "min_value", "max_value")
}

// ordered holds that one bound isn't above the other.
func (c *checker) ordered(at pointer, o map[string]any, least, most string) {
	low, hasLow := numberOf(o[least])
	high, hasHigh := numberOf(o[most])
	if hasLow && hasHigh && low > high {
		c.add(at, least+" must not be more than "+most)
	}
}

func numberOf(v any) (float64, bool) {
	if s, ok := v.(string); ok {
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil
	}
	n, ok := v.(float64)
	return n, ok
}

func date(layout, shown string) rule {
	return func(c *checker, at pointer, v any) {
		s, _ := v.(string)
		if _, err := time.Parse(layout, s); err != nil {
			c.add(at, "must be in the format "+shown)
		}
	}
}

func feedbackButton(c *checker, at pointer, v any) {
	object(fields{
		"text":                {plainText(75), true},
		"value":               {text(1, 2000), true},
		"accessibility_label": {text(1, 75), false},
	})(c, at, v)
}

// image is the element, of a section or a context.
func image(c *checker, at pointer, v any) {
	object(fields{
		"type":       {oneOfWords("image"), true},
		"alt_text":   {text(1, 2000), true},
		"image_url":  {link, false},
		"slack_file": {slackFile, false},
	}, imageSource)(c, at, v)
}

func imageSource(c *checker, at pointer, o map[string]any) { c.oneOf(at, o, "image_url", "slack_file") }

// uniqueActions holds that an action id stands once in a block.
func (c *checker) uniqueActions(at pointer, items any) {
	seen := map[string]bool{}
	list, _ := items.([]any)
	for i, item := range list {
		o, _ := item.(map[string]any)
		id, ok := o["action_id"].(string)
		if ok && seen[id] {
			c.add(at.index(i).key("action_id"), "action_id must be unique: "+id)
		}
		if ok {
			seen[id] = true
		}
	}
}
