package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// membership is who belongs to a group, by their places among the persons. Who
// only may, since a Slack user group couldn't be read, counts where counting is
// the stricter: a guard is about them, but they are granted nothing and their vote
// fills nothing.
type membership struct {
	sure     bits
	possible bits // the sure ones too
}

// unread are those of whom it isn't known whether they belong to it.
func (m membership) unread() bits { return m.possible.without(m.sure) }

// namesIn returns the names of persons, sorted.
func (p *Policy) namesIn(who bits) (names []string) {
	who.each(func(i int) { names = append(names, p.names[i]) })
	return names
}

// Members returns the persons of a group, sorted. A person's own name stands
// for a group of one.
func (p *Policy) Members(group string) []string {
	if m, ok := p.members[group]; ok {
		return p.namesIn(m.sure)
	}
	if p.HasPerson(group) {
		return []string{group}
	}
	return nil
}

func (p *Policy) isMember(person, group string) bool {
	if m, ok := p.members[group]; ok {
		number, listed := p.numbers[person]
		return listed && m.sure.has(number)
	}
	return person == group && p.HasPerson(person)
}

// known tells whether a name is a group's or a person's.
func (p *Policy) known(name string) bool {
	_, ok := p.members[name]
	return ok || p.HasPerson(name)
}

func (p *Policy) whoNames() []string {
	return slices.Concat(slices.Collect(maps.Keys(p.members)), p.names)
}

// Usergroups returns the Slack user groups ("TEAM/GROUP") that the policy
// names, sorted. Their members are to be handed to [Policy.WithUsergroups].
func (p *Policy) Usergroups() []string {
	var ids []string
	for _, g := range p.doc.Groups {
		ids = append(ids, g.SlackUsergroups...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// WithUsergroups returns the policy with the members of Slack user groups as
// they are now: group ("TEAM/GROUP") to users ("TEAM/USER"). A group that is
// missing couldn't be read, which is also how a policy begins: nobody of it is
// granted anything or fills a need, and a guard about it holds for everybody
// listed who could be in it. The policy itself stays as it was.
func (p *Policy) WithUsergroups(users map[string][]string) *Policy {
	derived := *p
	derived.members, derived.users, derived.reads = p.resolve(users), users, true
	derived.compile()
	return &derived
}

// WithoutUsergroups returns the policy as it is where these Slack user groups
// can't be read.
func (p *Policy) WithoutUsergroups(ids ...string) *Policy {
	users := maps.Clone(p.users)
	maps.DeleteFunc(users, func(id string, _ []string) bool { return slices.Contains(ids, id) })
	if len(users) == len(p.users) {
		return p
	}
	return p.WithUsergroups(users)
}

// UsergroupsOf returns the Slack user groups ("TEAM/GROUP") on whose members it
// hangs who is in a group, sorted.
func (p *Policy) UsergroupsOf(group string) []string {
	var ids []string
	seen := make(map[string]bool)
	for inner := []string{group}; len(inner) > 0; inner = inner[1:] {
		if name := inner[0]; !seen[name] {
			seen[name] = true
			ids = append(ids, p.doc.Groups[name].SlackUsergroups...)
			inner = append(inner, p.doc.Groups[name].Groups...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// resolve works out the members of every group, once groups name only what
// there is. Each is looked at once, after those within it.
func (p *Policy) resolve(users map[string][]string) map[string]membership {
	teams := p.teams()
	resolved := make(map[string]membership, len(p.doc.Groups)+1)
	for _, ring := range p.rings {
		m := membership{newBits(len(p.names)), newBits(len(p.names))}
		for _, name := range ring {
			p.addNamed(name, m, users, teams)
			for _, inner := range p.doc.Groups[name].Groups {
				if within, done := resolved[inner]; done {
					m.sure.addAll(within.sure)
					m.possible.addAll(within.possible)
				}
			}
		}
		for _, name := range ring {
			resolved[name] = m
		}
	}
	all := newBits(len(p.names))
	for i := range p.names {
		all.add(i)
	}
	resolved[Everyone] = membership{all, all}
	return resolved
}

// addNamed adds whom a group names itself.
func (p *Policy) addNamed(group string, into membership, users map[string][]string, teams map[string]bits) {
	add := func(person string) {
		if i, listed := p.numbers[person]; listed {
			into.sure.add(i)
			into.possible.add(i)
		}
	}
	g := p.doc.Groups[group]
	for _, person := range g.People {
		add(person)
	}
	for _, id := range g.SlackUsergroups {
		members, read := users[id]
		for _, user := range members {
			if person := p.persons[Identity{SlackUser, user}]; person != "" {
				add(person)
			}
		}
		if team, _, _ := strings.Cut(id, "/"); !read && teams[team] != nil {
			into.possible.addAll(teams[team])
		}
	}
}

// teams are the persons who could be in a Slack user group of each team: those
// with an account in it.
func (p *Policy) teams() map[string]bits {
	teams := make(map[string]bits)
	for i, name := range p.names {
		for _, id := range p.doc.People[name].Slack {
			team, _, _ := strings.Cut(id, "/")
			if teams[team] == nil {
				teams[team] = newBits(len(p.names))
			}
			teams[team].add(i)
		}
	}
	return teams
}

func (p *Policy) checkGroups(fs *faults) {
	groups := slices.Sorted(maps.Keys(p.doc.Groups))
	for _, name := range groups {
		path := "groups." + name
		switch {
		case p.HasPerson(name):
			fs.add(path, "the group %s has the name of a person", name)
		case isReserved(name):
			fs.add(path, "a group can't be called %s: the policy means something else by it", name)
		case !isName(name):
			fs.add(path, "%s is no name for a group: "+nameShape, shown(name))
		}
		g := p.doc.Groups[name]
		for i, person := range g.People {
			if !p.HasPerson(person) {
				f := fs.unknown(index(path+".people", i), "person", person, func() []string { return p.names })
				f.Message = "the group " + name + " names " + shown(person) + ", who is no person of the policy"
			}
		}
		for i, inner := range g.Groups {
			if _, ok := p.doc.Groups[inner]; !ok {
				fs.unknown(index(path+".groups", i), "group", inner, func() []string { return groups })
			}
		}
		if p.turns[name] {
			fs.add(path+".groups", "the group %s contains itself", name)
		}
	}
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
