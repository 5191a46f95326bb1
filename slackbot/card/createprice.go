package card

import (
	"slices"

	"vpsops/internal/inert"
	"vpsops/slackbot/command/runner"
	"vpsops/vpsapi"
)

// price says what the chosen plan costs, before anything is asked.
func price(c runner.Choices, d CreateDraft) []md {
	p := planOf(c, d.plan())
	switch {
	case p == nil && d.plan() != "":
		return []md{"⚠️ *The price of this plan is not known here*: the panel shows it."}
	case p == nil:
		return []md{"*Price*  stands here once a plan is chosen"}
	}
	all := []md{"*Price*  " + bold(prose(monthly(*p), maxName)) + ", for " + size(p.VCPUs, p.Memory, p.Storage)}
	if d.Location != "" && len(p.Locations) > 0 && !slices.Contains(p.Locations, d.Location) {
		all = append(all, "⚠️ *It is not offered* in "+word(d.Location))
	}
	return append(all, offered(*p))
}

func offered(p vpsapi.Plan) md {
	var where []md
	for _, l := range p.Locations[:min(len(p.Locations), maxMentions)] {
		where = append(where, word(l))
	}
	if len(where) == 0 {
		return ""
	}
	return "Offered in " + join(", ", where...)
}

func monthly(p vpsapi.Plan) string {
	if !p.PriceMonthly.Known() {
		return "price not known"
	}
	return inert.Text(p.PriceMonthly.String(), maxTitle/2) + " a month"
}

// submitWords names the price on the button, where it is known and fits.
func submitWords(c runner.Choices, d CreateDraft) string {
	if p := planOf(c, d.plan()); p != nil && p.PriceMonthly.Known() {
		if s := "Ask for " + p.PriceMonthly.String() + " a month"; units(s) <= maxModalTitle {
			return s
		}
	}
	return "Ask"
}
