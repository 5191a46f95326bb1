package card

import (
	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/command/runner"
)

// warnings are what must be seen before all else, a line each, the dangerous
// one first.
func warnings(v gate.View) (all []md) {
	lines := runner.Effects(v)
	for _, w := range v.Shown.Warnings {
		lines = append(lines, inert.Sentence(w, runner.MaxWarning))
	}
	for i, line := range lines {
		sign := md("⚠️ ")
		if i == 0 && v.Action == policy.Delete {
			sign = "🛑 "
		}
		all = append(all, sign+bold(prose(line, maxProse)))
	}
	if newName(v) != "" {
		all = append(all, "⚠️ *"+renames+"*")
	}
	if former := v.Shown.FormerNames; len(former) > 0 {
		all = append(all, "⚠️ *It was lately called* "+names(former))
	}
	for _, r := range v.Glass() {
		all = append(all, "🚨 *Break-glass*: it goes against the rule "+name(r.ID)+", which denies it: "+prose(r.Why, maxReason))
	}
	if v.HasOddName() {
		all = append(all, oddName)
	}
	return all
}

// renames is what a new name does.
const renames = "Rules and people that go by the name will take it for another server."

// oddName is gate.OddName with its mark.
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
	return texts
}
