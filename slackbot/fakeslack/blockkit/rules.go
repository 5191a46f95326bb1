package blockkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// rule checks one value.
type rule func(c *checker, at pointer, v any)

// field is what an object may hold under a name.
type field struct {
	rule     rule
	required bool
}

type fields map[string]field

// fields checks an object's fields against what it may hold. The names in
// others are looked at elsewhere.
func (c *checker) fields(at pointer, o map[string]any, want fields, others ...string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		v, ok := o[name]
		switch {
		case ok:
			want[name].rule(c, at.key(name), v)
		case want[name].required:
			c.add(at, "missing required field: "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if _, ok := want[name]; !ok && !slices.Contains(others, name) {
			c.add(at, "invalid additional property: "+name)
		}
	}
}

// oneOf wants exactly one of two fields.
func (c *checker) oneOf(at pointer, o map[string]any, a, b string) {
	_, hasA := o[a]
	_, hasB := o[b]
	if hasA == hasB {
		c.add(at, fmt.Sprintf("must define exactly one of %s or %s", a, b))
	}
}

// atLeastOne wants one of the fields or more.
func (c *checker) atLeastOne(at pointer, o map[string]any, names ...string) {
	for _, name := range names {
		if _, ok := o[name]; ok {
			return
		}
	}
	c.add(at, "must define at least one of "+strings.Join(names, ", "))
}

func (c *checker) count(at pointer, n, least, most int) {
	switch {
	case n > most:
		c.add(at, fmt.Sprintf("no more than %d items allowed", most))
	case n < least:
		c.add(at, fmt.Sprintf("no fewer than %d items required", least))
	}
}

func (c *checker) length(at pointer, s string, least, most int) {
	switch n := utf8.RuneCountInString(s); {
	case n > most:
		c.add(at, fmt.Sprintf("must be less than %d characters", most+1))
	case n < least:
		c.add(at, fmt.Sprintf("must be more than %d characters", least-1))
	}
}

// object makes a rule of an object's fields.
func object(want fields, also ...func(*checker, pointer, map[string]any)) rule {
	return func(c *checker, at pointer, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.add(at, "must provide an object")
			return
		}
		c.fields(at, o, want)
		for _, more := range also {
			more(c, at, o)
		}
	}
}

func list(least, most int, each rule) rule {
	return func(c *checker, at pointer, v any) {
		items, ok := v.([]any)
		if !ok {
			c.add(at, "must provide an array")
			return
		}
		c.count(at, len(items), least, most)
		for i, item := range items {
			each(c, at.index(i), item)
		}
	}
}

// text is a string of so many characters.
func text(least, most int) rule {
	return func(c *checker, at pointer, v any) {
		s, ok := v.(string)
		if !ok {
			c.add(at, "must be a string")
			return
		}
		c.length(at, s, least, most)
	}
}

func oneOfWords(words ...string) rule {
	return func(c *checker, at pointer, v any) {
		if s, _ := v.(string); !slices.Contains(words, s) {
			c.add(at, "must be one of "+strings.Join(words, ", "))
		}
	}
}

func boolean(c *checker, at pointer, v any) {
	if _, ok := v.(bool); !ok {
		c.add(at, "must be a boolean")
	}
}

func number(c *checker, at pointer, v any) {
	if _, ok := v.(float64); !ok {
		c.add(at, "must be a number")
	}
}

func integer(least, most int) rule {
	return func(c *checker, at pointer, v any) {
		n, ok := v.(float64)
		if !ok || n != float64(int(n)) {
			c.add(at, "must be an integer")
			return
		}
		if n < float64(least) || n > float64(most) {
			c.add(at, fmt.Sprintf("must be between %d and %d", least, most))
		}
	}
}

// decimal is a number written in a string, as number_input has its bounds.
func decimal(c *checker, at pointer, v any) {
	s, _ := v.(string)
	if s == "" || !json.Valid([]byte(s)) || strings.ContainsAny(s, `{["tfn`) {
		c.add(at, "must be a string that holds a number")
	}
}

// link is an address, of at most 3,000 characters everywhere.
func link(c *checker, at pointer, v any) {
	text(1, 3000)(c, at, v)
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || (u.Host == "" && u.Opaque == "") {
		c.add(at, "must be a valid URL")
	}
}

// anything is for what Slack's reference doesn't lay down.
func anything(*checker, pointer, any) {}
