package policy

import "slices"

// listed says of a list of any servers which sets' servers alone the grants show, none
// where they show all, and which guards keep servers of some sets out of it.
func (p *Policy) listed(a *Ask, d Decision) (only []string, hidden []Rule) {
	if a.Action != List || !a.AnyServer || a.Server != nil || d.Effect == Deny {
		return nil, nil
	}
	for _, g := range p.rules[a.Action.number()].guards {
		if len(g.sets) > 0 && g.Deny != "" && p.guardMatches(&g, a, p.numbers[d.Person]) != no {
			hidden = append(hidden, Rule{Kind: GuardRule, ID: g.ID, Effect: Deny, Why: g.Deny})
		}
	}
	return p.setsGranted(d), hidden
}

// setsGranted are the sets that the grants of a decision are for, or none where one of
// them is for every server.
func (p *Policy) setsGranted(d Decision) (sets []string) {
	for _, r := range d.Rules {
		i := slices.IndexFunc(p.doc.Grants, func(g Grant) bool { return r.Kind == GrantRule && g.ID == r.ID })
		switch {
		case i < 0:
			continue
		case len(p.doc.Grants[i].Servers) == 0:
			return nil
		}
		for _, set := range p.doc.Grants[i].Servers {
			if !slices.Contains(sets, set) {
				sets = append(sets, set)
			}
		}
	}
	return sets
}

// setsHidden gives each guard's sets beside it.
func (p *Policy) setsHidden(guards []Rule) (hidden []Hidden) {
	for _, r := range guards {
		hidden = append(hidden, Hidden{Sets: p.guardNamed(r.ID).Servers, Rule: r})
	}
	return hidden
}
