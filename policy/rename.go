package policy

import (
	"slices"
	"strings"
)

// renames tells from which sets a rename takes a server, out of the guards and
// budgets of the set. What it works out is kept for the next rule.
type renames struct {
	*Policy
	byName  map[string]bool       // the sets that a server can leave by another name
	granted map[setAction][2]bits // who is granted an action in a set, and outside of it
}

type setAction struct {
	set    string
	action Action
}

func (p *Policy) renames() *renames {
	r := &renames{p, make(map[string]bool), make(map[setAction][2]bits)}
	for name, set := range p.doc.ServerSets {
		// In the set of what is in no other, a server without others stays.
		alone := p.unmatched >= 0 && name == p.doc.Unmatched && len(p.doc.ServerSets) == 1
		r.byName[name] = !alone && slices.ContainsFunc(set, ServerMatch.byName)
	}
	return r
}

// byName tells whether another name takes a server out of what matches.
func (m ServerMatch) byName() bool {
	return len(m.Name) > 0 && !slices.ContainsFunc(m.Name, func(g string) bool { return strings.Trim(g, "*") == "" })
}

// leave returns the place of the first set out of which somebody may rename a
// server so that somebody, of who, may do there what they couldn't within it; -1
// where there is none. held are the rule's conditions, under which a guard must
// look at the update to hold the server.
func (r *renames) leave(sets []string, of []Action, who []string, held *Guard) int {
	return slices.IndexFunc(sets, func(set string) bool {
		return r.byName[set] && r.mayRename(set) && r.mayDo(of, set, who) && !r.watched(set, held)
	})
}

func (r *renames) mayRename(set string) bool {
	within := r.grantees(Update, set)
	both := slices.Clone(within[0])
	both.keep(within[1])
	return both.count() > 0
}

// mayDo tells whether one of the actions is granted to somebody outside of a set.
func (r *renames) mayDo(of []Action, set string, who []string) bool {
	about := r.possible(who)
	return slices.ContainsFunc(of, func(a Action) bool {
		if !a.ChangesServer() || a == Create {
			return false
		}
		outside := slices.Clone(r.grantees(a, set)[1])
		if about != nil {
			outside.keep(about)
		}
		return outside.count() > 0
	})
}

// grantees are who is granted an action on some server of a set, and who on some
// that isn't in it. A grant for other sets that go by names is taken to be for
// other servers: two names for two things.
func (r *renames) grantees(a Action, set string) [2]bits {
	key := setAction{set, a}
	if known, ok := r.granted[key]; ok {
		return known
	}
	is := [2]bits{newBits(len(r.names)), newBits(len(r.names))}
	for i := range r.doc.Grants {
		g := &r.doc.Grants[i]
		if !slices.Contains(g.Actions, a) {
			continue
		}
		who := r.possible(g.Who)
		if len(g.Servers) == 0 || slices.ContainsFunc(g.Servers, func(s string) bool { return s == set || !r.byName[s] }) {
			is[0].addAll(who)
		}
		if len(g.Servers) == 0 || slices.ContainsFunc(g.Servers, func(s string) bool { return s != set }) {
			is[1].addAll(who)
		}
	}
	r.granted[key] = is
	return is
}

// watched tells whether a guard holds an update of the set's servers for others to
// approve, or denies it, wherever the conditions held are met.
func (r *renames) watched(set string, held *Guard) bool {
	return slices.ContainsFunc(r.doc.Guards, func(g Guard) bool {
		return g.byOthers() && slices.Contains(g.Actions, Update) && (len(g.Servers) == 0 || slices.Contains(g.Servers, set)) && g.atLeastWhere(held)
	})
}

// byOthers tells whether a guard leaves it to others than the asker, or to nobody.
func (g *Guard) byOthers() bool { return g.Require == nil || g.Require.Approve > 0 }

// atLeastWhere tells whether a guard holds wherever another one does, as far as
// who asks, how and when.
func (g *Guard) atLeastWhere(other *Guard) bool {
	return (len(g.Who) == 0 || slices.Equal(g.Who, other.Who)) &&
		(len(g.Through) == 0 || slices.Equal(g.Through, other.Through)) &&
		(len(g.Channels) == 0 || slices.Equal(g.Channels, other.Channels)) &&
		(len(g.UnlessChannels) == 0 || slices.Equal(g.UnlessChannels, other.UnlessChannels)) &&
		(len(g.During) == 0 || slices.Equal(g.During, other.During))
}

// guard tells of a guard that a rename would take a server out of.
func (r *renames) guard(c checker, g *Guard) {
	if !g.byOthers() {
		return
	}
	if i := r.leave(g.Servers, g.Actions, g.Who, g); i >= 0 {
		c.fault(index("servers", i), "the set %s goes by names, so whoever may rename a server can take it out of this guard: add update to its actions, or a guard that wants an approval for updates of %s, or have the set go by an account, a location or ids and no name", g.Servers[i], g.Servers[i])
	}
}

// budget tells of a budget that a rename would take a server out of.
func (r *renames) budget(c checker, b *Budget) {
	if i := r.leave(b.Servers, b.Actions, nil, &Guard{}); i >= 0 {
		c.fault(index("servers", i), "the set %s goes by names, so whoever may rename a server can take it out of this budget: add a guard that wants an approval for updates of %s, or have the set go by an account, a location or ids and no name", b.Servers[i], b.Servers[i])
	}
}
