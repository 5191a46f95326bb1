package policy

import (
	"slices"
	"strings"
)

// unreachable looks for rules that can never match: they are mistakes, which
// their writer takes for protection or permission.
func (p *Policy) unreachable() (fs faults) {
	for i, g := range p.doc.Grants {
		c := checker{p, &fs, index("grants", i), g.ID}
		c.nobody(g.Who)
		c.roomless("channels", g.Channels, g.Through)
	}
	for i := range p.doc.Guards {
		g := &p.doc.Guards[i]
		c := checker{p, &fs, index("guards", i), g.ID}
		c.nobody(g.Who)
		c.roomless("channels", g.Channels, g.Through)
		if g.Require != nil && !slices.ContainsFunc(g.Actions, func(a Action) bool { return !a.Reads() }) {
			c.fault("require", "this can never matter: a read is never asked about, so deny it or leave it")
		}
		if len(g.Channels) > 0 && !slices.ContainsFunc(g.Channels, func(ch string) bool { return !slices.Contains(g.UnlessChannels, ch) }) {
			c.fault("unless_channels", "this can never match: it leaves out each of its own channels")
		}
		if g.BreakGlass != nil && len(g.Through) > 0 && !slices.Contains(g.Through, Slack) && !slices.Contains(g.Through, Page) {
			c.fault("break_glass", "this can never lift the denial: break-glass is asked for in Slack or on the page")
		}
	}
	for i := range fs {
		fs[i].apart = true
	}
	return fs
}

// nobody looks for rules about people of whom there are none.
func (c *checker) nobody(who []string) {
	if len(who) > 0 && !slices.ContainsFunc(who, func(w string) bool { return !c.known(w) }) && c.possible(who).count() == 0 {
		c.fault("who", "this can never match: nobody is in %s", shown(who[0]))
	}
}

// roomless looks for channels where Slack is left out.
func (c *checker) roomless(key string, channels []string, through []Front) {
	if len(channels) > 0 && len(through) > 0 && !slices.Contains(through, Slack) {
		c.fault(key, "this can never match: only Slack has channels, and `through` leaves it out")
	}
}

// doubts are what a policy may mean, and its writer should know of.
func (p *Policy) doubts() (fs faults) {
	p.doubtSets(&fs)
	known, renames := doubtful{p.setsByName(), p.alwaysDenied(), p.setsByID()}, p.renames()
	for i := range p.doc.Grants {
		known.grant(checker{p, &fs, index("grants", i), p.doc.Grants[i].ID}, &p.doc.Grants[i])
	}
	for i := range p.doc.Guards {
		c := checker{p, &fs, index("guards", i), p.doc.Guards[i].ID}
		known.guard(c, &p.doc.Guards[i])
		renames.guard(c, &p.doc.Guards[i])
	}
	for i := range p.doc.Budgets {
		c := checker{p, &fs, index("budgets", i), p.doc.Budgets[i].ID}
		renames.budget(c, &p.doc.Budgets[i])
		known.creates(c, "budget", p.doc.Budgets[i].Actions, p.doc.Budgets[i].Servers)
		if over := p.doc.Budgets[i].Over; over != nil {
			c.unreadThreshold("over", over)
			c.accountless("over", over, nil, p.doc.Budgets[i].Actions)
			if p.overLimitsNothing(&p.doc.Budgets[i]) {
				c.fault("over", "this is no limit: what `over` asks for is asked for anyway, so it goes on as before; ask for more, or leave `over` out to have it refused")
			}
		}
	}
	p.doubtTests(&fs)
	return fs
}

// doubtTests tells of tests in a channel that can't be meant. That no rule names it is
// no doubt by itself: so it is tested that elsewhere nothing goes.
func (p *Policy) doubtTests(fs *faults) {
	named, looked := p.Channels(), 0
	for i, t := range p.doc.Tests {
		if t.Channel == "" || slices.Contains(named, t.Channel) {
			continue
		}
		if looked++; looked > maxSuggested {
			return
		}
		path := index("tests", i) + ".channel"
		if !isChannel(t.Channel) {
			fs.add(path, "%s is no %s", shown(t.Channel), channelShape).Suggestion = nearest(strings.TrimPrefix(t.Channel, "#"), named)
		} else if near := slipOf(t.Channel, named); near != "" {
			fs.add(path, "no rule names the channel %s", shown(t.Channel)).Suggestion = near
		}
	}
}

// doubtSets tells of values of sets that no server is likely to have: what guards
// such a set would never hold.
func (p *Policy) doubtSets(fs *faults) {
	for _, name := range p.setNames() {
		for i, m := range p.doc.ServerSets[name] {
			path := index("server_sets."+name, i)
			for _, glob := range m.Name {
				if strings.ContainsAny(glob, "[]{}^$|,") {
					fs.add(path+".name", "the set %s: %s matches no usual name: a name is letters, digits, dots and hyphens, and only * and ? stand for others; write several as a list", name, shown(glob))
				}
			}
			for _, id := range m.IDs {
				if !isServerID(id) {
					fs.add(path+".ids", "the set %s: %s is no id that a server has: ids are numbers without leading zeros, or UUIDs; a name goes into `name`", name, shown(id))
				}
			}
		}
	}
}

// isServerID tells whether the API could give a server this id.
func isServerID(id string) bool {
	return isDecimal(id) || len(id) == 36 && strings.Count(id, "-") == 4 && strings.Trim(id, "0123456789abcdefABCDEF-") == ""
}

// doubtful is what makes a rule doubtful, worked out once for all of them.
type doubtful struct {
	byName map[string]bool   // the sets that a server can come into by its name
	denied map[Action]string // the guard that always denies an action
	byID   map[string]bool   // the sets that only a server with an id can be in
}

func (of doubtful) grant(c checker, g *Grant) {
	if !slices.ContainsFunc(g.Actions, func(a Action) bool { return !a.Reads() }) {
		return
	}
	of.sets(c, g.Servers)
	of.creates(c, "grant", g.Actions, g.Servers)
	for _, a := range g.Actions {
		if d := of.denied[a]; d != "" {
			c.fault("actions", "%s is always denied by %s, whoever is granted it", a, d)
		}
	}
}

// creates tells of a rule that never holds a create, though it names it: a server that is
// yet to be made has no id, so it comes into no set that goes by ids.
func (of doubtful) creates(c checker, kind string, actions []Action, sets []string) {
	i := slices.Index(actions, Create)
	if i < 0 || len(sets) == 0 || slices.ContainsFunc(sets, func(set string) bool { return !of.byID[set] }) {
		return
	}
	c.fault(index("actions", i), "this %s never holds for a create: %s goes by ids, and a server that is yet to be made has none; have a set go by a name, a location or an account, or take create out", kind, sets[0])
}

// sets tells of sets that loosen something and that a server can come into by
// its name.
func (of doubtful) sets(c checker, sets []string) {
	for i, set := range sets {
		if of.byName[set] {
			c.fault(index("servers", i), "the set %s goes by names alone, so whoever may rename a server can bring it in: add a location, an account or ids to the set, or a guard that wants an approval for updates of %s", set, set)
		}
	}
}

func (of doubtful) guard(c checker, g *Guard) {
	if c.askers(g.Who, g.Actions).count() == 0 {
		c.fault("", "no grant lets anybody ask for this, so the guard does not matter now")
	}
	of.creates(c, "guard", g.Actions, g.Servers)
	if g.Require != nil && g.Require.Factor == Client {
		of.sets(c, g.Servers)
	}
	if g.Require != nil {
		if i := slices.IndexFunc(g.Actions, func(a Action) bool { return a == Lock || a == Freeze }); i >= 0 {
			c.fault(index("actions", i), "nobody is asked about a %s, which only tightens: it is put up all the same, and none but who put it up may lift it; take it out, or deny it", g.Actions[i])
		}
		c.unreadThreshold("require", g.Require)
		c.accountless("require", g.Require, g.Who, g.Actions)
	}
	if g.BreakGlass != nil {
		c.unreadThreshold("break_glass", g.BreakGlass)
		c.accountless("break_glass", g.BreakGlass, g.Who, g.Actions)
	}
}

// unreadThreshold tells of requirements that only a Slack user group can fill.
func (c *checker) unreadThreshold(key string, r *Require) {
	m := c.members[r.From]
	switch sure := m.sure.count(); {
	case m.possible.count() == sure:
	case sure < r.Approve:
		c.fault(key, "%d of %s need members of its Slack user group: while Slack can't be read, nobody's asks can be approved", r.Approve, r.From)
	case sure == r.Approve: // the asker never approves
		c.fault(key, "where %s asks, %d of %s need members of its Slack user group: while Slack can't be read, that can't be approved",
			strings.Join(c.namesIn(m.sure), " or "), r.Approve, r.From)
	}
}

// byNameAlone tells whether a server could come into a set by its name.
func (p *Policy) byNameAlone(set string) bool {
	return slices.ContainsFunc(p.doc.ServerSets[set], func(m ServerMatch) bool {
		return len(m.Name) > 0 && len(m.IDs) == 0 && len(m.Location) == 0 && len(m.Account) == 0
	})
}

// setsByID are the sets that no server comes into without an id. What is in no other set
// counts as one of `unmatched`, and needs none.
func (p *Policy) setsByID() map[string]bool {
	byID := make(map[string]bool)
	for set, of := range p.doc.ServerSets {
		byID[set] = set != p.doc.Unmatched && !slices.ContainsFunc(of, func(m ServerMatch) bool { return len(m.IDs) == 0 })
	}
	return byID
}

// setsByName are the sets that a server could come into by its name, without
// that others always look at its update.
func (p *Policy) setsByName() map[string]bool {
	byName := make(map[string]bool)
	for set := range p.doc.ServerSets {
		byName[set] = p.byNameAlone(set)
	}
	for _, g := range p.doc.Guards {
		if !slices.Contains(g.Actions, Update) || !g.always() || g.Require != nil && g.Require.Approve <= 0 {
			continue
		}
		if len(g.Servers) == 0 {
			return nil
		}
		for _, set := range g.Servers {
			delete(byName, set)
		}
	}
	return byName
}

// alwaysDenied are the actions that nobody can do on any server, with the guard
// that says so.
func (p *Policy) alwaysDenied() map[Action]string {
	denied := make(map[Action]string)
	for _, g := range p.doc.Guards {
		if len(g.Servers) > 0 || !g.always() || g.Deny == "" || g.BreakGlass != nil {
			continue
		}
		for _, a := range g.Actions {
			if denied[a] == "" {
				denied[a] = g.ID
			}
		}
	}
	return denied
}

// always tells whether a guard holds whoever asks, from wherever, at any time.
func (g *Guard) always() bool {
	return len(g.Who)+len(g.Through)+len(g.Channels)+len(g.UnlessChannels)+len(g.During) == 0
}
