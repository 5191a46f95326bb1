package command

import (
	"strings"
	"unicode"
)

// String writes the command as Parse reads it: parsing it gives the command
// again.
func (c Command) String() string {
	r, known := ruleOf(c.Verb)
	if !known {
		return string(c.Verb)
	}
	parts := []string{string(c.Verb)}
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(string(c.Topic))
	add(written(c.Server))
	add(written(c.Request))
	add(string(c.Which))
	add(c.scopeText())
	for _, k := range r.allKeys() {
		if v := *k.field(&c); v != "" {
			add(k.name + "=" + value(v))
		}
	}
	add(written(c.Text))
	if c.For > 0 {
		add("for " + durationText(c.For))
	}
	for _, f := range r.flags {
		if *f.field(&c) {
			add(f.name)
		}
	}
	if c.Because != "" {
		add("because " + escape(c.Because))
	}
	return strings.Join(parts, " ")
}

func (c Command) scopeText() string {
	switch c.Scope {
	case "":
		return ""
	case ScopeAll:
		return string(ScopeAll)
	case ScopeSet:
		if isSimple(c.Target) && !strings.Contains(c.Target, ":") && c.Target != string(ScopeAll) {
			return written(c.Target)
		}
	}
	return value(string(c.Scope) + ":" + c.Target)
}

// keywords have a meaning of their own where they stand alone.
var keywords = []string{"because", "for", "share", "replace", "break-glass", "mine", "open", "all"}

// written is a word that stands alone.
func written(s string) string {
	for _, k := range keywords {
		if strings.EqualFold(k, s) {
			return `"` + s + `"`
		}
	}
	return value(s)
}

// value is a word behind its key, quoted where it must be.
func value(s string) string {
	if s == "" || isSimple(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range escape(s) {
		if r == '\\' || strings.ContainsRune(doubleQuotes, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// isSimple tells whether a word means itself without quotes.
func isSimple(s string) bool {
	for _, r := range s {
		plain := r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.:/@+", r))
		if !plain {
			return false
		}
	}
	return true
}
