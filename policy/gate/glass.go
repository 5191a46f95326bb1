package gate

import (
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
)

// Glass returns the rules that deny what is asked, and that a person lifted by
// break-glass.
func (v View) Glass() []policy.Rule {
	return slices.DeleteFunc(slices.Clone(v.Rules), func(r policy.Rule) bool { return !r.BreakGlass })
}

// glassWords are the end of what is asked, wherever it is said: everybody who sees
// the request sees that glass was broken.
func (v View) glassWords() string {
	var ids []string
	for _, r := range v.Glass() {
		ids = append(ids, inert.Text(r.ID, maxShownName))
	}
	if len(ids) == 0 {
		return ""
	}
	return ", with break-glass against " + strings.Join(ids, " and ")
}

// Warnings are what must be minded before anybody decides, a line each without a
// full stop, the gravest first. They hold foreign words, which are for the front
// end to make inert.
func (v View) Warnings() (lines []string) {
	for _, r := range v.Glass() {
		line := "break-glass: it goes against the rule " + r.ID + ", which denies it"
		if r.Why != "" {
			line += ": " + r.Why
		}
		lines = append(lines, line)
	}
	lines = append(lines, v.Shown.Warnings...)
	if v.HasOddName() {
		lines = append(lines, OddName)
	}
	return lines
}
