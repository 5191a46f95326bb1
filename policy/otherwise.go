package policy

import (
	"slices"
	"strings"
)

// wouldGrant says by what an ask that no grant covers would be granted. It tells of the
// asker's own grants, and of other people only who they are: no set is named that the
// asker is granted nothing of.
func (p *Policy) wouldGrant(a *Ask, d Decision) string {
	ways := p.ownWays(a, d)
	if who := p.grantedOthers(a, d.Person); len(who) > 0 {
		ways = append(ways, "if one of those asks whom a grant lets: "+strings.Join(who, ", "))
	}
	if len(ways) == 0 {
		return "if a grant for it is added to the policy"
	}
	return strings.Join(ways, ", or ")
}

// ownWays are what the asker's own grants cover: the same elsewhere, else what is like
// it here, else what is like it elsewhere. Only where nothing of that would go is it
// told although what denies the ask beside the lack of a grant denies it there, too:
// what helps against that is told by itself.
func (p *Policy) ownWays(a *Ask, d Decision) []string {
	places := p.placesOf(a, d.Person)
	for _, denied := range [][]Rule{nil, d.Rules} {
		var there []place
		for _, at := range places {
			if _, goes := p.goes(at.ask(a), d.Person, denied); goes {
				there = append(there, at)
			}
		}
		if len(there) > 0 {
			return []string{placesText(there, a.Actor.Front)}
		}
		if sets := p.setsKept(a, d.Person, denied); len(sets) > 0 {
			return []string{"for an update that leaves it in " + anySetOf(sets)}
		}
		if sets := p.setsAt(a, d.Person, denied, placeOf(a)); len(sets) > 0 {
			return []string{ofSets(a, sets)}
		}
		if ways := p.setsElsewhere(a, d.Person, denied, places); len(ways) > 0 {
			return ways
		}
	}
	return nil
}

func ofSets(a *Ask, sets []string) string {
	if a.Action == Freeze {
		return "for a freeze of " + anySetOf(sets)
	}
	return "for a server of " + anySetOf(sets)
}

// anySetOf names the sets, as far as they fit into a sentence.
func anySetOf(sets []string) string {
	if len(sets) > maxNamed {
		sets = append(slices.Clone(sets[:maxNamed]), "others")
	}
	return strings.Join(sets, " or ")
}

// goes tells whether a grant covers an ask that nothing denies but what is among denied.
func (p *Policy) goes(a Ask, person string, denied []Rule) (Decision, bool) {
	d := p.decide(person, &a, nil)
	return d, !slices.ContainsFunc(d.Rules, func(r Rule) bool {
		return r.Effect == Deny && (r.ID == FloorNoGrant || !slices.Contains(denied, r))
	})
}

// setsAt are the sets for whose servers alone the asker is granted it at a place. Where
// servers don't matter there are none.
func (p *Policy) setsAt(a *Ask, person string, denied []Rule, at place) []string {
	other := at.ask(a)
	if other.Server == nil && other.After == nil && other.mayBeAnyServer() {
		return nil
	}
	other.Server, other.After, other.AnyServer = nil, nil, true
	d, goes := p.goes(other, person, denied)
	if !goes {
		return nil
	}
	return p.setsGranted(d)
}

// setsElsewhere are those of each place, and the places with the same ones together.
func (p *Policy) setsElsewhere(a *Ask, person string, denied []Rule, places []place) (ways []string) {
	var what []string
	where := make(map[string][]place)
	for _, at := range places {
		if sets := p.setsAt(a, person, denied, at); len(sets) > 0 {
			of := ofSets(a, sets)
			if where[of] == nil {
				what = append(what, of)
			}
			where[of] = append(where[of], at)
		}
	}
	for _, of := range what {
		ways = append(ways, of+" "+placesText(where[of], a.Actor.Front))
	}
	return ways
}

// setsKept are the sets for which the asker is granted updates of the server, where they
// aren't of what this one would make of it.
func (p *Policy) setsKept(a *Ask, person string, denied []Rule) []string {
	if a.Action != Update || a.Server == nil || a.After == nil {
		return nil
	}
	other := *a
	other.After = other.Server
	d, goes := p.goes(other, person, denied)
	if !goes {
		return nil
	}
	return p.setsGranted(d)
}

// grantedOthers are the persons but the asker who would not be told that no grant
// covers it.
func (p *Policy) grantedOthers(a *Ask, asker string) []string {
	other := *a
	other.Actor.ReadOnly = false
	var who []string
	for _, person := range p.names {
		if person == asker {
			continue
		}
		d := p.decide(person, &other, nil)
		if !slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.ID == FloorNoGrant }) {
			who = append(who, person)
		}
		if len(who) == maxNamed {
			return append(who, "and others")
		}
	}
	return who
}
