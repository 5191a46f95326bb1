package policy

import (
	"slices"
	"time"
)

// checkRules looks for grants and guards that say what cannot be meant.
func (p *Policy) checkRules(fs *faults) {
	ids := make(map[string]bool)
	for i, g := range p.doc.Grants {
		c := checker{p, fs, index("grants", i), g.ID}
		c.id(ids)
		c.names("who", "person or group", g.Who, p.known, p.whoNames)
		c.actions(g.Actions)
		c.sets(g.Servers)
		c.through(g.Through)
		c.lists(map[string]bool{
			"who": isEmpty(g.Who), "actions": isEmpty(g.Actions), "servers": isEmpty(g.Servers), "through": isEmpty(g.Through), "channels": isEmpty(g.Channels),
		})
		if len(g.Who) == 0 || len(g.Actions) == 0 {
			c.fault("", "a grant names who may do which actions")
		}
		if g.UnsafeAllow && !slices.ContainsFunc(g.Actions, Action.Guarded) {
			c.fault("unsafe_allow", "unsafe_allow loosens nothing here: none of these actions wants a yes by itself")
		}
		if g.UnsafeAllow && slices.Contains(g.Actions, Delete) {
			c.fault("unsafe_allow", "a delete always wants a person's yes: take delete out of this grant's actions, and grant it by one without unsafe_allow")
		}
	}
	for i := range p.doc.Guards {
		c := checker{p, fs, index("guards", i), p.doc.Guards[i].ID}
		c.id(ids)
		c.guard(&p.doc.Guards[i])
	}
	for i := range p.doc.Budgets {
		c := checker{p, fs, index("budgets", i), p.doc.Budgets[i].ID}
		c.id(ids)
	}
}

// checker looks at one rule.
type checker struct {
	*Policy
	fs   *faults
	path string
	rule string
}

// fault adds one about a key of the rule.
func (c *checker) fault(key, format string, args ...any) *Fault {
	return c.fs.add(c.at(key), "rule %s: "+format, append([]any{shown(c.rule)}, args...)...)
}

func (c *checker) at(key string) string {
	if key == "" {
		return c.path
	}
	return c.path + "." + key
}

func (c *checker) id(seen map[string]bool) {
	switch {
	case c.rule == "":
		c.fault("id", "every rule needs an id of its own")
	case !isName(c.rule):
		c.fault("id", "this is no id: "+nameShape)
	case slices.Contains(floors, c.rule):
		c.fault("id", "a rule can't be called so: the policy means something else by it").ofWord = true
	case seen[c.rule]:
		c.fault("id", "another rule has this id").ofWord = true
	}
	seen[c.rule] = true
}

// names looks for words of a list that name nothing there is.
func (c *checker) names(key, what string, list []string, known func(string) bool, there func() []string) {
	for i, word := range list {
		if c.fs.full() {
			return
		}
		if !known(word) {
			f := c.fs.unknown(index(c.at(key), i), what, word, there)
			f.Message = "rule " + shown(c.rule) + ": " + f.Message
		}
	}
}

func (c *checker) actions(list []Action) {
	known := func(w string) bool { return Action(w).Known() }
	c.names("actions", "action", asText(list), known, func() []string { return asText(actions) })
}

func (c *checker) sets(list []string) {
	known := func(w string) bool { _, ok := c.setNumbers[w]; return ok }
	c.names("servers", "server set", list, known, c.setNames)
}

func (c *checker) through(list []Front) {
	known := func(w string) bool { return Front(w).Known() }
	c.names("through", "front end", asText(list), known, func() []string { return asText(fronts) })
}

func (c *checker) guard(g *Guard) {
	c.names("who", "person or group", g.Who, c.known, c.whoNames)
	c.actions(g.Actions)
	c.sets(g.Servers)
	c.through(g.Through)
	c.lists(map[string]bool{
		"who": isEmpty(g.Who), "actions": isEmpty(g.Actions), "servers": isEmpty(g.Servers), "through": isEmpty(g.Through),
		"channels": isEmpty(g.Channels), "unless_channels": isEmpty(g.UnlessChannels), "during": isEmpty(g.During),
	})
	for i, w := range g.During {
		if w.start == w.end {
			c.fs.add(index(c.at("during"), i), "rule %s: %s", shown(c.rule), errWindow)
		}
	}
	if len(g.Actions) == 0 {
		c.fault("", "a guard names its actions")
	}
	if (g.Require == nil) == (g.Deny == "") {
		c.fault("", "a guard either requires something or denies, one of the two")
		return
	}
	if g.BreakGlass != nil && g.Deny == "" {
		c.fault("break_glass", "break_glass lifts a denial, and this guard denies nothing")
		return
	}
	if g.Require != nil {
		c.requirement("require", g.Require, g.Who, g.Actions)
		if g.Require.Factor == Client && !clientMayServe(g) {
			c.fault("require.factor", "the factor client is for the asker's own confirmation of a reversible action")
		}
	}
	if g.BreakGlass != nil {
		c.requirement("break_glass", g.BreakGlass, g.Who, g.Actions)
		if g.BreakGlass.Factor == Client {
			c.fault("break_glass.factor", "break_glass never takes the factor client")
		}
	}
}

// requirement looks for what nobody could fill.
func (c *checker) requirement(key string, r *Require, who []string, of []Action) {
	if r.ConfirmAsker == (r.Approve > 0) {
		c.fault(key, "a requirement is a confirmation by the asker or a number of approvals")
	}
	if r.From != "" && r.Approve <= 0 {
		c.fault(key+".from", "a group goes with a number of approvals: the asker alone confirms")
	}
	if r.Factor != 0 && factorNames[r.Factor] == "" {
		c.fault(key+".factor", "the factor is none of client, person and passkey")
	}
	switch {
	case r.Approve <= 0:
	case r.From == "":
		c.fault(key, "without a group in `from`, %d cannot approve", r.Approve)
	case !c.known(r.From):
		c.names(key+".from", "group", []string{r.From}, c.known, c.whoNames)
	default:
		c.threshold(key, r, who, of)
	}
}

// threshold wants enough of a group beside every person who may ask.
func (c *checker) threshold(key string, r *Require, who []string, of []Action) {
	from, askers := c.possible([]string{r.From}), c.askers(who, of)
	if has := from.count(); least(from, askers) < r.Approve {
		f := c.fault(key, "%d of %s cannot approve once the asker is left out: it has %d", r.Approve, r.From, has)
		f.ofMembers, f.apart = true, true
	}
}

// least is how many of from there are beside whoever of the askers asks.
func least(from, askers bits) int {
	both := newBits(len(from) * 64)
	both.addAll(from)
	if both.keep(askers); both.count() > 0 {
		return from.count() - 1
	}
	return from.count()
}

// mayAsk works out for every action who is granted it, or may be, anywhere.
func (p *Policy) mayAsk() (may [actionCount]bits) {
	for n := range may {
		may[n] = newBits(len(p.names))
	}
	for i := range p.doc.Grants {
		who := p.possible(p.doc.Grants[i].Who)
		for _, a := range p.doc.Grants[i].Actions {
			if n := a.number(); n >= 0 && who != nil {
				may[n].addAll(who)
			}
		}
	}
	return may
}

// askers are the persons of who (or all) that a grant lets ask for one of the
// actions.
func (p *Policy) askers(who []string, of []Action) bits {
	askers := newBits(len(p.names))
	for _, a := range of {
		if n := a.number(); n >= 0 {
			askers.addAll(p.granted[n])
		}
	}
	if about := p.possible(who); about != nil {
		askers.keep(about)
	}
	return askers
}

// clientMayServe tells whether a guard may take a client program's dialog.
func clientMayServe(g *Guard) bool {
	return g.Require.Approve == 0 && !g.Require.TypeName && !slices.Contains(g.Actions, Delete)
}

// checkBudgets looks for budgets that count what can't be counted.
func (p *Policy) checkBudgets(fs *faults) {
	for i := range p.doc.Budgets {
		b := &p.doc.Budgets[i]
		c := checker{p, fs, index("budgets", i), b.ID}
		c.actions(b.Actions)
		c.sets(b.Servers)
		c.lists(map[string]bool{"actions": isEmpty(b.Actions), "servers": isEmpty(b.Servers)})
		if len(b.Actions) == 0 {
			c.fault("", "a budget names its actions")
		}
		for j, a := range b.Actions {
			if a.Known() && !a.ChangesServer() {
				c.fault(index("actions", j), "a budget counts what changes a server: %s does not", a)
			}
		}
		if (b.Max > 0) == (b.MaxMonthlyPrice > 0) || b.Max < 0 || b.MaxMonthlyPrice < 0 {
			c.fault("", "a budget has either max or max_monthly_price, and it is above 0: to forbid, write a guard that denies")
		}
		if b.MaxMonthlyPrice > 0 && slices.ContainsFunc(b.Actions, func(a Action) bool { return a != Create }) {
			c.fault("max_monthly_price", "only a create has a price: use max for the other actions, in a budget of their own")
		}
		if b.Per <= 0 {
			c.fault("", "a budget says per how long it counts, such as per: 1h")
		}
		if !slices.Contains([]By{"", ByEveryone, ByAsker, ByAccount}, b.By) {
			c.names("by", "way to count", []string{string(b.By)}, func(string) bool { return false },
				func() []string { return asText([]By{ByEveryone, ByAsker, ByAccount}) })
		}
		if b.Over != nil {
			c.requirement("over", b.Over, nil, b.Actions)
			if b.Over.Factor == Client {
				c.fault("over.factor", "over never takes the factor client")
			}
		}
	}
}

func (p *Policy) checkLimits(fs *faults) {
	l := p.doc.Limits
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"request_ttl", l.RequestTTL}, {"run_within", l.RunWithin}, {"deny_cooldown", l.DenyCooldown}} {
		if d.value < 0 || d.value > MaxDuration {
			fs.add("limits."+d.key, "%s is out of range: at least 1s and at most 366d", d.key)
		}
	}
	if l.OpenRequestsPerPerson < 0 || l.OpenRequestsPerPerson > 100 {
		fs.add("limits.open_requests_per_person", "open_requests_per_person is out of range: at least 1 and at most 100")
	}
}

func (p *Policy) addZone(fs *faults) {
	zone, err := loadZone(p.doc.Timezone)
	if err != nil {
		fs.add("timezone", "%s", err)
		return
	}
	p.zone = zone
}

// checkTests looks for tests that ask what can't be asked.
func (p *Policy) checkTests(fs *faults) {
	lifted, rules := p.lifted(), make(map[string]bool)
	for _, id := range p.ruleIDs() {
		rules[id] = true
	}
	for i := range p.doc.Tests {
		t := &p.doc.Tests[i]
		path := index("tests", i)
		if !p.HasPerson(t.Who) && t.Who != Stranger {
			fs.unknown(path+".who", "person", t.Who, func() []string { return append(p.People(), Stranger) })
		}
		if !t.Do.Known() {
			fs.unknown(path+".do", "action", string(t.Do), func() []string { return asText(actions) })
		}
		if t.Through != "" && !t.Through.Known() {
			fs.unknown(path+".through", "front end", string(t.Through), func() []string { return asText(fronts) })
		}
		if t.At != "" {
			if _, err := parseMoment(t.At, p.zone); err != nil {
				fs.add(path+".at", "%s", err)
			}
		}
		checkTestKeys(fs, path, t, lifted)
		if t.Rule != "" && !rules[t.Rule] {
			fs.unknown(path+".rule", "rule", t.Rule, p.ruleIDs)
		}
	}
}

// checkTestKeys looks for keys that mean nothing for what a test asks, and could
// be taken for what it rests on. lifted are the actions of which a denial can be
// lifted.
func checkTestKeys(fs *faults, path string, t *Test, lifted actionSet) {
	if !t.Do.Known() {
		return
	}
	if t.After != nil && t.Do != Update {
		fs.add(path+".after", "after is what an update changes: %s has none", t.Do)
	} else if t.After != nil && t.Server == nil {
		fs.add(path+".after", "after is what changes of the server: without `server` it means nothing")
	}
	if t.Price != nil && t.Do != Create {
		fs.add(path+".price", "only a create has a price: %s has none", t.Do)
	}
	if t.BreakGlass && !lifted.has(t.Do) {
		fs.add(path+".break_glass", "no guard of %s has a break_glass, so it means nothing", t.Do)
	}
}

// lifted are the actions that a guard with a break_glass is about.
func (p *Policy) lifted() (set actionSet) {
	for _, g := range p.doc.Guards {
		if g.BreakGlass != nil {
			set |= newActionSet(g.Actions)
		}
	}
	return set
}

// ruleIDs are those of the policy's rules and of the floors under them.
func (p *Policy) ruleIDs() []string {
	ids := slices.Clone(floors)
	for _, g := range p.doc.Grants {
		ids = append(ids, g.ID)
	}
	for _, g := range p.doc.Guards {
		ids = append(ids, g.ID)
	}
	for _, b := range p.doc.Budgets {
		ids = append(ids, b.ID)
	}
	return ids
}
