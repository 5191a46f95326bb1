package policy

import (
	"slices"
	"strings"
)

// What is said of a Slack user group whose members aren't known. Where nothing
// ever reads them, waiting doesn't help.
const (
	cantBeRead = "its Slack user group can't be read"
	onlyServe  = " here (vpsops serve with Slack reads it)"
)

// unsure returns the groups among these of which it isn't known whether a person
// is in them, as a Slack user group can't be read.
func (p *Policy) unsure(who []string, person string) (groups []string) {
	number, listed := p.numbers[person]
	for _, w := range who {
		if m, ok := p.members[w]; ok && listed && m.possible.has(number) && !m.sure.has(number) {
			groups = append(groups, w)
		}
	}
	return groups
}

// anyUnread tells whether there is a group of which not all members are known.
func (p *Policy) anyUnread() bool {
	for _, m := range p.members {
		if m.possible.count() > m.sure.count() {
			return true
		}
	}
	return false
}

// perhapsGranted returns the groups that would be granted what nobody is sure to
// be granted, and of which it isn't known whether a person is in them.
func (p *Policy) perhapsGranted(a *Ask, rules *rulesOf, person string, t *targets) (groups []string) {
	if !p.unread {
		return nil
	}
	for _, g := range rules.grants {
		if !throughAny(g.Through, a.Actor.Front) || !channelAny(g.Channels, a.Actor.Channel) {
			continue
		}
		if t.none(a, g.sets) || t.count > 0 && t.sets[0].granted(g.sets) || t.count == 2 && t.sets[1].granted(g.sets) {
			groups = append(groups, p.unsure(g.Who, person)...)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// UnreadWords says that it isn't known whether somebody, such as "you are" or "ana
// is", is in groups.
func (p *Policy) UnreadWords(somebody string, groups []string) string {
	return "whether " + somebody + " in " + strings.Join(groups, " or ") + " isn't known: " + p.unreadWhy()
}

func (p *Policy) unreadWhy() string {
	if p.reads {
		return cantBeRead
	}
	return cantBeRead + onlyServe
}

// onceRead says what would allow what a group of these may be granted.
func (p *Policy) onceRead(person string, groups []string) string {
	where := "once it can be read"
	if !p.reads {
		where = "by way of a vpsops serve with Slack"
	}
	return where + ", if " + person + " is in " + strings.Join(groups, " or ")
}

// NeedBy returns a need of a request by asker with who could fill it.
func (p *Policy) NeedBy(n Need, asker string) NeedBy {
	by := NeedBy{Need: n, Eligible: p.Eligible(n, asker)}
	m := p.members[n.From]
	others := slices.DeleteFunc(p.namesIn(m.unread()), func(person string) bool { return person == asker })
	if !n.ByAsker() && len(others) > 0 {
		by.Unread = "who is in " + n.From + " isn't known: " + p.unreadWhy()
		if m.sure.count() > 0 {
			by.Unread = "who else" + strings.TrimPrefix(by.Unread, "who")
		}
	}
	return by
}

// unreadRules says of each rule that mattered whether it did because the members
// of a group aren't known.
func (p *Policy) unreadRules(d Decision) (said []string) {
	if len(d.Unread) > 0 {
		said = append(said, p.UnreadWords(d.Person+" is", d.Unread))
	}
	for _, r := range d.Rules {
		g := p.guardNamed(r.ID)
		if g == nil || r.Kind != GuardRule || slices.ContainsFunc(g.Who, func(w string) bool { return p.isMember(d.Person, w) }) {
			continue
		}
		if groups := p.unsure(g.Who, d.Person); len(groups) > 0 {
			said = append(said, "the guard "+g.ID+" counts, as "+p.UnreadWords(d.Person+" is", groups))
		}
	}
	return said
}
