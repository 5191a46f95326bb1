package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// The ids of the floors, as explanations name them.
const (
	FloorStranger  = "listed-persons"
	FloorScope     = "scope"
	FloorToken     = "token"
	FloorNoGrant   = "no-grant"
	FloorConfirm   = "always-confirmed"
	stranger       = "nobody in the policy has this account; an administrator can list it under people"
	scopeMissing   = "this credential may read and not change anything"
	tokenExpired   = "this token has expired; an administrator can list a new one"
	nothingGranted = "no grant covers this; an administrator can add one"
	changesAServer = "what changes or interrupts a server, or spends, is never done unasked"
	liftUnasked    = "a guard requires somebody's yes for locks and freezes, which nobody is asked for: who put this up lifts it"
	glassElsewhere = "break-glass is for a person to ask for in Slack or on the page, not for a program"
)

// floors can't be the ids of rules: an explanation tells them by these.
var floors = []string{FloorStranger, FloorScope, FloorToken, FloorNoGrant, FloorConfirm}

// Decide answers an ask. It is pure and safe for concurrent use. An ask that
// gives no server is judged by every guard that any server could come under and,
// but for a list, by no grant for some servers alone, save for a freeze of the very
// set that it is for; see [Ask.AnyServer] and [Ask.Set]. Budgets aren't looked at: see [Policy.DecideCharged].
func (p *Policy) Decide(a Ask) Decision {
	return p.decide(p.PersonOf(a.Actor.Identity), &a, nil)
}

// DecideCharged is [Policy.Decide] under the budgets as well: used says what
// earlier claims have charged to a [Charge]'s key within its time.
func (p *Policy) DecideCharged(a Ask, used func(Charge) (count int, cents int64)) Decision {
	return p.decide(p.PersonOf(a.Actor.Identity), &a, used)
}

// usage says what was charged to a budget.
type usage = func(Charge) (count int, cents int64)

// decision is a [Decision] in the making.
type decision struct {
	Decision
	lifts  []Need // of the denials that can be lifted
	stuck  bool   // a denial can't be
	glass  bool   // one was
	unsafe bool   // the grants lower the floor
	asked  bool   // a guard that surely holds requires something
}

func (p *Policy) decide(person string, a *Ask, used usage) Decision {
	d := decision{Decision: Decision{Person: person}}
	number, listed := p.numbers[person]
	if !listed {
		d.Person = ""
		d.deny(FloorRule, FloorStranger, stranger)
		return d.Decision
	}
	var rules *rulesOf
	if n := a.Action.number(); n >= 0 {
		rules = &p.rules[n]
	} else {
		rules = &rulesOf{}
	}
	var targets targets
	targets.look(p, a, rules.bySets)
	granted := p.addGrants(a, rules, number, &targets, &d)
	if !granted {
		d.Unread = p.perhapsGranted(a, rules, person, &targets)
	}
	p.addFloors(a, granted, &d)
	p.addGuards(a, rules, number, &targets, &d)
	p.finish(a, &d)
	if used != nil {
		p.addBudgets(a, used, &d)
	}
	return d.result(a)
}

// targets are the servers by whose sets an ask is judged: for an update the
// one before and the one after.
type targets struct {
	sets   [2]setBits
	count  int
	frozen int // the set that a freeze is of, or -1
}

func (t *targets) look(p *Policy, a *Ask, bySets bool) {
	t.frozen = -1
	if a.Action == Freeze {
		if number, known := p.setNumbers[a.Set]; known {
			t.frozen = number
		}
	}
	for _, s := range [...]*Server{a.Server, a.After} {
		if s == nil {
			continue
		}
		if bySets {
			p.look(s, a.Action == Create, &t.sets[t.count])
		}
		t.count++
	}
}

// guarded tells whether a guard about these sets is about a target. Where there
// is none, it is: any server may be meant.
func (t *targets) guarded(sets []int) bool {
	if t.count == 0 || len(sets) == 0 {
		return true
	}
	return t.sets[0].guarded(sets) || t.count == 2 && t.sets[1].guarded(sets)
}

// none tells whether there is no target, and a grant for these sets covers that.
func (t *targets) none(a *Ask, sets []int) bool {
	return t.count == 0 && (len(sets) == 0 || a.mayBeAnyServer() || slices.Contains(sets, t.frozen))
}

// surely tells whether one of the targets is in the sets for sure.
func (t *targets) surely(sets []int) bool {
	if len(sets) == 0 {
		return true
	}
	return t.count > 0 && t.sets[0].surely(sets) || t.count == 2 && t.sets[1].surely(sets)
}

// addGrants tells whether a grant covers every server the ask touches.
func (p *Policy) addGrants(a *Ask, rules *rulesOf, person int, t *targets, d *decision) bool {
	var set grantSet
	var more []Rule // those that don't fit into the set
	var covered, unsafe [2]bool
	granted := false
	for i := range rules.grants {
		g := &rules.grants[i]
		if !g.who.has(person) || !throughAny(g.Through, a.Actor.Front) || !channelAny(g.Channels, a.Actor.Channel) {
			continue
		}
		here := t.none(a, g.sets)
		for j := range covered {
			if j == t.count {
				break
			}
			if t.sets[j].granted(g.sets) {
				covered[j], here = true, true
				unsafe[j] = unsafe[j] || g.UnsafeAllow
			}
		}
		if !here {
			continue
		}
		granted = true
		if g.number < grantSetSize {
			set[g.number/64] |= 1 << (g.number % 64)
		} else {
			more = append(more, p.lists.rules[g.number])
		}
	}
	if granted {
		d.Rules = append(p.lists.list(&set), more...)
	}
	all := [2]bool{t.count < 1, t.count < 2}
	d.unsafe = t.count > 0 && (all[0] || unsafe[0]) && (all[1] || unsafe[1])
	return granted && (all[0] || covered[0]) && (all[1] || covered[1])
}

func (p *Policy) addFloors(a *Ask, granted bool, d *decision) {
	if a.Actor.ReadOnly && !a.Action.Reads() {
		d.deny(FloorRule, FloorScope, scopeMissing)
	} else if floor, why := p.tokenRefuses(a); why != "" {
		d.deny(FloorRule, floor, why)
	}
	if !granted {
		d.deny(FloorRule, FloorNoGrant, p.ungranted(d))
	}
	d.stuck = d.Effect == Deny
}

// ungranted says why no grant covers an ask.
func (p *Policy) ungranted(d *decision) string {
	if len(d.Unread) == 0 {
		return nothingGranted
	}
	return p.UnreadWords(d.Person+" is", d.Unread) + ", and no other grant covers this"
}

// addGuards adds every guard that matches a server the ask touches.
func (p *Policy) addGuards(a *Ask, rules *rulesOf, person int, t *targets, d *decision) {
	for i := range rules.guards {
		g := &rules.guards[i]
		if a.AnyServer && t.count == 0 && len(g.sets) > 0 {
			continue
		}
		if !t.guarded(g.sets) {
			continue
		}
		is := p.guardMatches(g, a, person)
		if is == no {
			continue
		}
		requires := d.guard(g, a)
		d.asked = d.asked || requires && is == surely && t.surely(g.sets)
	}
}

// guardMatches tells whether a guard is about who asks, how and when. Where
// that isn't known, it may be.
func (p *Policy) guardMatches(g *guardRule, a *Ask, person int) certainty {
	if g.who != nil && !g.who.has(person) {
		return no
	}
	is := surely
	if g.who != nil && !g.sureWho.has(person) {
		is = maybe
	}
	front, channel := a.Actor.Front, a.Actor.Channel
	if !throughAny(g.Through, front) {
		if front.Known() {
			return no
		}
		is = maybe
	}
	roomUnknown := channel == "" && (front == Slack || !front.Known())
	if slices.Contains(g.UnlessChannels, channel) || !channelAny(g.Channels, channel) && !roomUnknown {
		return no
	}
	if roomUnknown && len(g.Channels)+len(g.UnlessChannels) > 0 {
		is = maybe
	}
	switch {
	case len(g.During) == 0:
		return is
	case a.At.IsZero():
		return maybe
	case slices.ContainsFunc(g.During, func(w Window) bool { return w.Contains(a.At, p.zone) }):
		return is
	}
	return no
}

// guard adds what a guard that matches says, and tells whether it requires
// something.
func (d *decision) guard(g *guardRule, a *Ask) (requires bool) {
	if g.AskIn != "" && !slices.Contains(d.AskIn, g.AskIn) {
		d.AskIn = append(d.AskIn, g.AskIn)
	}
	switch {
	case g.Require != nil && a.neverAsked():
		return false
	case g.Require != nil && a.Lift:
		d.stuck = true
		d.deny(GuardRule, g.ID, liftUnasked)
	case g.Require != nil:
		d.require(Rule{Kind: GuardRule, ID: g.ID, Why: g.Why}, g.need)
		return true
	case g.BreakGlass == nil, !a.Action.ChangesServer(): // of nothing else is anybody asked
		d.stuck = true
		d.deny(GuardRule, g.ID, g.Deny)
	case a.mayBreakGlass():
		d.glass = true
		d.require(Rule{Kind: GuardRule, ID: g.ID, Why: g.Deny, BreakGlass: true}, g.need)
		return true
	default:
		d.lifts = append(d.lifts, g.need)
		d.deny(GuardRule, g.ID, g.Deny)
	}
	return false
}

// finish puts the floor under what the guards require. A guard that surely
// holds takes its place by what it says instead; one that only may hold adds to
// it, since it could ask for less.
func (p *Policy) finish(a *Ask, d *decision) {
	lowered := d.unsafe && !a.irreversible()
	if a.Action.Guarded() && !d.asked && d.Effect != Deny && !lowered {
		d.require(Rule{Kind: FloorRule, ID: FloorConfirm, Why: changesAServer}, floorNeed)
	}
}

// addBudgets adds every budget in which the ask has no room.
func (p *Policy) addBudgets(a *Ask, used usage, d *decision) {
	for _, c := range p.Charges(*a) {
		count, cents := used(c)
		if c.Fits(count, cents) {
			continue
		}
		if c.Over == nil {
			d.stuck = true
			d.deny(BudgetRule, c.ID, c.spent())
			continue
		}
		d.require(Rule{Kind: BudgetRule, ID: c.ID, Why: c.spent()}, *c.Over)
	}
}

// spent says what a budget allows, to whom it has no room for.
func (c Charge) spent() string {
	whose := map[By]string{ByEveryone: "everyone together", ByAsker: "each person", ByAccount: "each account"}[c.by]
	switch {
	case c.MaxCents > 0 && c.Cents == nil:
		return fmt.Sprintf("the price isn't known, and the budget %s allows %s a month in %s for %s", c.ID, Cents(c.MaxCents), durationText(c.Per), whose)
	case c.MaxCents > 0:
		return fmt.Sprintf("the budget %s allows %s a month in %s for %s", c.ID, Cents(c.MaxCents), durationText(c.Per), whose)
	}
	return fmt.Sprintf("the budget %s allows %d in %s for %s", c.ID, c.Max, durationText(c.Per), whose)
}

// result raises every need to the weakest factor that the ask may take.
func (d *decision) result(a *Ask) Decision {
	least := a.minFactor()
	if d.glass {
		least = PersonFactor
	}
	for i := range d.Needs {
		d.Needs[i].Factor = max(d.Needs[i].Factor, least)
	}
	if d.Effect != Deny {
		return d.Decision
	}
	if !d.stuck {
		if a.BreakGlass {
			d.Denied = append(d.Denied, glassElsewhere)
		}
		d.Lifts = MergeNeeds(d.Needs, d.lifts)
		for i := range d.Lifts {
			d.Lifts[i].Factor = max(d.Lifts[i].Factor, PersonFactor)
		}
	}
	d.Needs = nil
	return d.Decision
}

func (r *Require) need() Need {
	n := Need{Count: 1, Factor: r.factor(), TypeName: r.TypeName, Reason: r.Reason}
	if r.Approve > 0 {
		n.From, n.Count = r.From, r.Approve
	}
	return n
}

func (r *Require) factor() Factor { return cmp.Or(r.Factor, PersonFactor) }

func throughAny(through []Front, f Front) bool {
	return len(through) == 0 || slices.Contains(through, f)
}

func channelAny(channels []string, c string) bool {
	return len(channels) == 0 || slices.Contains(channels, c)
}
