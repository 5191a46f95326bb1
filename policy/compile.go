package policy

import (
	mathbits "math/bits"
	"slices"
	"sync"
)

// rulesOf are the rules about one action, in the policy's order.
type rulesOf struct {
	grants []grantRule
	guards []guardRule
	bySets bool // whether any of them is about server sets
}

type grantRule struct {
	*Grant
	who    bits
	sets   []int
	number int // its place in the document
}

type guardRule struct {
	*Guard
	who     bits // who may be meant; nil means everybody
	sureWho bits // who surely is
	sets    []int
	need    Need // what it requires, or what lifts its denial
}

type budgetRule struct {
	*Budget
	actions actionSet
	sets    []int
}

// compile sorts the rules by action and resolves their names once, so that a
// decision looks at few rules and looks nothing up.
func (p *Policy) compile() {
	p.unread = p.anyUnread()
	p.rules, p.budgets, p.lists = [actionCount]rulesOf{}, nil, newRuleLists(p.doc.Grants)
	for i := range p.doc.Grants {
		g := &p.doc.Grants[i]
		rule := grantRule{Grant: g, who: p.sure(g.Who), sets: p.numbersOf(g.Servers), number: i}
		for _, r := range p.rulesAbout(g.Actions) {
			r.grants = append(r.grants, rule)
			r.bySets = r.bySets || len(g.Servers) > 0
		}
	}
	for i := range p.doc.Guards {
		g := &p.doc.Guards[i]
		rule := guardRule{Guard: g, who: p.possible(g.Who), sureWho: p.sure(g.Who), sets: p.numbersOf(g.Servers)}
		if r := cmpOr(g.Require, g.BreakGlass); r != nil {
			rule.need = r.need()
			rule.need.Rules = []string{g.ID}
		}
		for _, r := range p.rulesAbout(g.Actions) {
			r.guards = append(r.guards, rule)
			r.bySets = r.bySets || len(g.Servers) > 0
		}
	}
	for i := range p.doc.Budgets {
		b := &p.doc.Budgets[i]
		p.budgets = append(p.budgets, budgetRule{b, newActionSet(b.Actions), p.numbersOf(b.Servers)})
	}
}

func cmpOr(a, b *Require) *Require {
	if a != nil {
		return a
	}
	return b
}

func (p *Policy) rulesAbout(list []Action) []*rulesOf {
	var about []*rulesOf
	set := newActionSet(list)
	for n := range p.rules {
		if set&(1<<n) != 0 {
			about = append(about, &p.rules[n])
		}
	}
	return about
}

// numbersOf is never empty where the names aren't: no sets would mean all.
func (p *Policy) numbersOf(sets []string) []int {
	var numbers []int
	for _, name := range sets {
		numbers = append(numbers, p.setNumbers[name])
	}
	return numbers
}

func (p *Policy) sure(who []string) bits {
	return p.bitsOf(who, func(m membership) bits { return m.sure })
}

func (p *Policy) possible(who []string) bits {
	if len(who) == 0 {
		return nil
	}
	return p.bitsOf(who, func(m membership) bits { return m.possible })
}

func (p *Policy) bitsOf(who []string, of func(membership) bits) bits {
	b := newBits(len(p.names))
	for _, w := range who {
		if m, ok := p.members[w]; ok {
			b.addAll(of(m))
		} else if i, ok := p.numbers[w]; ok {
			b.add(i)
		}
	}
	return b
}

// grantSet is a set of grants by their places in the document, as far as they
// fit.
type grantSet [16]uint64

const grantSetSize = len(grantSet{}) * 64

// single returns the set's one grant, where it has just one.
func (s *grantSet) single() (number int, is bool) {
	for i, word := range s {
		switch {
		case word == 0:
		case is || word&(word-1) != 0:
			return 0, false
		default:
			number, is = i*64+mathbits.TrailingZeros64(word), true
		}
	}
	return number, is
}

// ruleLists keeps the lists of grants that decisions name, so that an ask that
// is simply allowed costs no memory however often it comes.
type ruleLists struct {
	rules []Rule
	mu    sync.RWMutex
	known map[grantSet][]Rule
	kept  int // rules in all the lists
}

// maxKeptRules bounds what asks of ever another kind can make it keep.
const maxKeptRules = 1 << 16

func newRuleLists(grants []Grant) *ruleLists {
	l := &ruleLists{known: make(map[grantSet][]Rule)}
	for _, g := range grants {
		l.rules = append(l.rules, Rule{Kind: GrantRule, ID: g.ID, Effect: Allow, Unsafe: g.UnsafeAllow})
	}
	return l
}

// list is the rules of a set, in the policy's order. It is shared: appending
// to it copies it.
func (l *ruleLists) list(set *grantSet) []Rule {
	if n, alone := set.single(); alone {
		return l.rules[n : n+1 : n+1]
	}
	l.mu.RLock()
	list := l.known[*set]
	l.mu.RUnlock()
	if list != nil {
		return list
	}
	for i := range min(len(l.rules), grantSetSize) {
		if set[i/64]&(1<<(i%64)) != 0 {
			list = append(list, l.rules[i])
		}
	}
	list = slices.Clip(list)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept+len(list) <= maxKeptRules {
		l.known[*set], l.kept = list, l.kept+len(list)
	}
	return list
}
