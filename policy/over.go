package policy

import "slices"

// overLimitsNothing tells whether what a budget wants past it is wanted anyway of each
// of its actions: then the budget is no limit.
func (p *Policy) overLimitsNothing(b *Budget) bool {
	over := b.Over.need()
	for _, a := range b.Actions {
		anyway := p.floorStands(a) && floorNeed.covers(over)
		if !anyway && !p.alwaysWanted(a, b.Servers, over) {
			return false
		}
	}
	return true
}

var floorNeed = Need{Count: 1, Factor: PersonFactor, Rules: []string{FloorConfirm}}

// floorStands tells whether a person confirms an action however it is asked for: no
// grant lowers that, and no guard takes a client's dialog instead.
func (p *Policy) floorStands(a Action) bool {
	lowered := slices.ContainsFunc(p.doc.Grants, func(g Grant) bool { return g.UnsafeAllow && slices.Contains(g.Actions, a) })
	return a.Guarded() && !lowered && !slices.ContainsFunc(p.doc.Guards, func(g Guard) bool {
		return g.Require != nil && g.Require.Factor == Client && slices.Contains(g.Actions, a)
	})
}

// alwaysWanted tells whether a guard that always holds for the sets' servers wants as
// much.
func (p *Policy) alwaysWanted(a Action, sets []string, n Need) bool {
	return slices.ContainsFunc(p.doc.Guards, func(g Guard) bool {
		if g.Require == nil || !g.always() || !slices.Contains(g.Actions, a) || !g.Require.need().covers(n) {
			return false
		}
		return len(g.Servers) == 0 || len(sets) > 0 && !slices.ContainsFunc(sets, func(s string) bool { return !slices.Contains(g.Servers, s) })
	})
}

// covers tells whether whoever fills n has filled o.
func (n Need) covers(o Need) bool {
	return n.From == o.From && n.Count >= o.Count && n.Factor >= o.Factor && (n.TypeName || !o.TypeName) && (n.Reason || !o.Reason)
}
