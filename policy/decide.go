package policy

import "slices"

// The ids of the floors, as explanations name them.
const (
	FloorStranger  = "listed-persons"
	FloorScope     = "scope"
	FloorNoGrant   = "no-grant"
	FloorConfirm   = "always-confirmed"
	stranger       = "nobody in the policy has this account; an administrator can list it under people"
	scopeMissing   = "this credential may read and not change anything"
	nothingGranted = "no grant covers this; an administrator can add one"
	changesAServer = "what changes or interrupts a server, or spends, is never done unasked"
)

// Decide answers an ask. It is pure and safe for concurrent use.
func (p *Policy) Decide(a Ask) Decision {
	d := Decision{Person: p.PersonOf(a.Actor.Identity)}
	if d.Person == "" {
		d.deny(FloorRule, FloorStranger, stranger)
		return d
	}
	if a.Actor.ReadOnly && !a.Action.Reads() {
		d.deny(FloorRule, FloorScope, scopeMissing)
	}
	if !p.addGrants(a, &d) {
		d.deny(FloorRule, FloorNoGrant, nothingGranted)
	}
	p.addGuards(a, &d)
	if a.Action.Guarded() && len(d.Needs) == 0 && d.Effect != Deny {
		d.require(FloorRule, FloorConfirm, changesAServer, Need{Count: 1, Factor: PersonFactor})
	}
	for i := range d.Needs {
		d.Needs[i].Factor = max(d.Needs[i].Factor, a.minFactor())
	}
	if d.Effect == Deny {
		d.Needs = nil
	}
	return d
}

// addGrants tells whether a grant covers every server the ask touches.
func (p *Policy) addGrants(a Ask, d *Decision) bool {
	targets := a.targets()
	covered := make([]bool, len(targets))
	granted := false
	for i := range p.doc.Grants {
		g := &p.doc.Grants[i]
		if !slices.Contains(g.Actions, a.Action) || !p.includes(g.Who, d.Person) ||
			!throughAny(g.Through, a.Actor.Front) || !channelAny(g.Channels, a.Actor.Channel) {
			continue
		}
		matched := len(targets) == 0
		for j, t := range targets {
			if p.inSets(t, g.Servers) {
				covered[j], matched = true, true
			}
		}
		if matched {
			granted = true
			d.Rules = append(d.Rules, Rule{Kind: GrantRule, ID: g.ID, Effect: Allow})
		}
	}
	return granted && !slices.Contains(covered, false)
}

// addGuards adds every guard that matches a server the ask touches.
func (p *Policy) addGuards(a Ask, d *Decision) {
	targets := a.targets()
	for i := range p.doc.Guards {
		g := &p.doc.Guards[i]
		if !p.guardMatches(g, a, d.Person, targets) {
			continue
		}
		if g.Require == nil {
			d.deny(GuardRule, g.ID, g.Deny)
			continue
		}
		d.require(GuardRule, g.ID, g.Why, g.Require.need())
	}
}

func (p *Policy) guardMatches(g *Guard, a Ask, person string, targets []Server) bool {
	if !slices.Contains(g.Actions, a.Action) || !throughAny(g.Through, a.Actor.Front) {
		return false
	}
	if len(g.Who) > 0 && !p.includes(g.Who, person) {
		return false
	}
	if !channelAny(g.Channels, a.Actor.Channel) || slices.Contains(g.UnlessChannels, a.Actor.Channel) {
		return false
	}
	if len(targets) == 0 {
		return len(g.Servers) == 0 || !a.AnyServer
	}
	return slices.ContainsFunc(targets, func(s Server) bool { return p.inSets(s, g.Servers) })
}

func (r *Require) need() Need {
	n := Need{Count: 1, Factor: r.Factor, TypeName: r.TypeName, Reason: r.Reason}
	if r.Approve > 0 {
		n.From, n.Count = r.From, r.Approve
	}
	if n.Factor == 0 {
		n.Factor = PersonFactor
	}
	return n
}

func (p *Policy) includes(who []string, person string) bool {
	return slices.ContainsFunc(who, func(w string) bool { return p.isMember(person, w) })
}

func throughAny(through []Front, f Front) bool {
	return len(through) == 0 || slices.Contains(through, f)
}

func channelAny(channels []string, c string) bool {
	return len(channels) == 0 || slices.Contains(channels, c)
}
