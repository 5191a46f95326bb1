package card

import (
	"slices"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command/runner"
)

// warnings are what must be seen before all else, a line each, the dangerous
// one first.
func warnings(v gate.View) (all []md) {
	former, glass := v.Shown.FormerNames, v.Glass()
	v.Shown.FormerNames, v.Rules = nil, nil // they get frames of their own
	for i, line := range runner.Warnings(v) {
		sign := md("⚠️ ")
		if i == 0 && v.Action == policy.Delete {
			sign = "🛑 "
		}
		all = append(all, sign+bold(prose(line, maxProse)))
	}
	if newName(v) != "" {
		all = append(all, "⚠️ *"+renames+"*")
	}
	if len(former) > 0 {
		all = append(all, "⚠️ *It was lately called* "+names(former))
	}
	for _, r := range glass {
		all = append(all, "🚨 *Break-glass*: it goes against the rule "+name(r.ID)+", which denies it: "+prose(r.Why, maxReason))
	}
	if isOdd(v, former) {
		all = append(all, oddName)
	}
	return all
}

// renames is what a new name does.
const renames = "Rules and people that go by the name will take it for another server."

const oddName md = "⚠️ *A name may not be what it looks like*: it holds more than plain letters, digits and signs."

// names are some foreign names, a frame each.
func names(all []string) md {
	var framed []md
	for _, s := range all[:min(len(all), maxMentions)] {
		framed = append(framed, name(s))
	}
	if more := len(all) - maxMentions; more > 0 {
		framed = append(framed, md(plural(more, "other")))
	}
	return join(", ", framed...)
}

// isOdd tells whether any name that the request is about may pass for another.
func isOdd(v gate.View, former []string) bool {
	all := append([]string{called(v), newName(v)}, former...)
	for _, f := range []*gate.Facts{v.Shown.Server, v.Shown.After} {
		if f != nil {
			all = append(all, f.Hostname)
		}
	}
	return slices.ContainsFunc(all, inert.Suspicious)
}

// warningTexts are the warnings for the fallback.
func warningTexts(v gate.View) []string {
	texts := []string{headline(v)}
	if all := runner.Warnings(v); len(all) > 0 {
		texts[0] += " " + all[0]
		texts = append(texts, all[1:]...)
	}
	if newName(v) != "" {
		texts = append(texts, renames)
	}
	if isOdd(v, v.Shown.FormerNames) {
		texts = append(texts, "A name may not be what it looks like.")
	}
	return texts
}
