package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// membership is who belongs to a group. Who only may, since a Slack user group
// couldn't be read, counts where counting is the stricter: a guard is about
// them, but they are granted nothing and their vote fills nothing.
type membership struct {
	sure     map[string]bool
	possible map[string]bool // the sure ones too
}

// Members returns the persons of a group, sorted. A person's own name stands
// for a group of one.
func (p *Policy) Members(group string) []string {
	if m, ok := p.members[group]; ok {
		return slices.Sorted(maps.Keys(m.sure))
	}
	if p.HasPerson(group) {
		return []string{group}
	}
	return nil
}

func (p *Policy) isMember(person, group string) bool {
	if m, ok := p.members[group]; ok {
		return m.sure[person]
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
// there is.
func (p *Policy) resolve(users map[string][]string) map[string]membership {
	all := make(map[string]bool)
	for _, name := range p.names {
		all[name] = true
	}
	resolved := map[string]membership{}
	for name := range p.doc.Groups {
		m := membership{make(map[string]bool), make(map[string]bool)}
		p.collect(name, m, users, map[string]bool{})
		resolved[name] = m
	}
	resolved[Everyone] = membership{all, all}
	return resolved
}

func (p *Policy) collect(group string, into membership, users map[string][]string, seen map[string]bool) {
	if seen[group] {
		return
	}
	seen[group] = true
	g := p.doc.Groups[group]
	for _, person := range g.People {
		if p.HasPerson(person) {
			into.sure[person], into.possible[person] = true, true
		}
	}
	for _, id := range g.SlackUsergroups {
		members, read := users[id]
		for _, user := range members {
			if person := p.persons[Identity{SlackUser, user}]; person != "" {
				into.sure[person], into.possible[person] = true, true
			}
		}
		if !read {
			p.addTeam(id, into.possible)
		}
	}
	for _, inner := range g.Groups {
		p.collect(inner, into, users, seen)
	}
}

// addTeam adds everybody who could be in a Slack user group: the persons with
// an account in its team.
func (p *Policy) addTeam(usergroup string, into map[string]bool) {
	team, _, _ := strings.Cut(usergroup, "/")
	for _, name := range p.names {
		if slices.ContainsFunc(p.doc.People[name].Slack, func(id string) bool { return strings.HasPrefix(id, team+"/") }) {
			into[name] = true
		}
	}
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
		}
		g := p.doc.Groups[name]
		for i, person := range g.People {
			if !p.HasPerson(person) {
				fs.unknown(index(path+".people", i), "person", person, p.names)
				(*fs)[len(*fs)-1].Message = "the group " + name + " names " + shown(person) + ", who is no person of the policy"
			}
		}
		for i, inner := range g.Groups {
			if _, ok := p.doc.Groups[inner]; !ok {
				fs.unknown(index(path+".groups", i), "group", inner, groups)
			}
		}
		if p.contains(name, name, map[string]bool{}) {
			fs.add(path+".groups", "the group %s contains itself", name)
		}
	}
}

func (p *Policy) contains(group, wanted string, seen map[string]bool) bool {
	for _, inner := range p.doc.Groups[group].Groups {
		if inner == wanted {
			return true
		}
		if !seen[inner] {
			seen[inner] = true
			if p.contains(inner, wanted, seen) {
				return true
			}
		}
	}
	return false
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
