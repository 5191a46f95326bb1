package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Everyone is the group of every person listed in the policy.
const Everyone = "everyone"

// Policy is a document that has been checked. It is immutable and safe for
// concurrent use.
type Policy struct {
	doc     Document
	hash    string
	persons map[Identity]string        // whose identity it is
	members map[string]map[string]bool // group -> persons
	sets    map[string]serverSet
}

// New checks a document and makes it ready to decide. The error joins every
// fault it found; a policy with a fault is never used.
func New(doc Document) (*Policy, error) {
	doc.Limits = doc.Limits.withDefaults()
	p := &Policy{
		doc:     doc,
		hash:    doc.hash(),
		persons: make(map[Identity]string),
		members: make(map[string]map[string]bool),
		sets:    make(map[string]serverSet),
	}
	var faults []error
	faults = append(faults, p.addPeople()...)
	faults = append(faults, p.addGroups()...)
	faults = append(faults, p.addSets()...)
	faults = append(faults, p.checkRules()...)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return p, nil
}

// Hash identifies the policy's content: a request carries the hash of the
// policy under which it was shown.
func (p *Policy) Hash() string { return p.hash }

// Limits returns the limits, with defaults filled in.
func (p *Policy) Limits() Limits { return p.doc.Limits }

// PersonOf returns the name of the person to whom an identity belongs, or ""
// for a stranger. Who sits at this machine may also be named by the person's
// own name, if no local account of another has it.
func (p *Policy) PersonOf(id Identity) string {
	person, listed := p.persons[id]
	if !listed && id.Kind == LocalUser && p.HasPerson(id.ID) {
		return id.ID
	}
	return person
}

// HasPerson tells whether the policy lists a person of that name.
func (p *Policy) HasPerson(name string) bool {
	_, ok := p.doc.People[name]
	return ok
}

// Members returns the persons of a group, sorted. A person's own name stands
// for a group of one.
func (p *Policy) Members(group string) []string {
	if m, ok := p.members[group]; ok {
		return slices.Sorted(maps.Keys(m))
	}
	if p.HasPerson(group) {
		return []string{group}
	}
	return nil
}

func (p *Policy) isMember(person, group string) bool {
	if m, ok := p.members[group]; ok {
		return m[person]
	}
	return person == group && p.HasPerson(person)
}

func (p *Policy) addPeople() (faults []error) {
	for _, name := range slices.Sorted(maps.Keys(p.doc.People)) {
		if name == "" {
			faults = append(faults, errors.New("a person needs a name"))
		}
		for _, id := range p.doc.People[name].identities() {
			if id.ID == "" {
				faults = append(faults, fmt.Errorf("%s has an empty %s account", name, id.Kind))
			}
			if other, taken := p.persons[id]; taken && other != name {
				faults = append(faults, fmt.Errorf("the account %s belongs to %s and to %s: one account, one person", id, other, name))
			}
			p.persons[id] = name
		}
	}
	return faults
}

func (p Person) identities() []Identity {
	var ids []Identity
	for kind, list := range map[IdentityKind][]string{SlackUser: p.Slack, OIDCSubject: p.OIDC, LocalUser: p.Local, BearerToken: p.Token} {
		for _, id := range list {
			ids = append(ids, Identity{kind, id})
		}
	}
	slices.SortFunc(ids, func(a, b Identity) int { return cmp.Compare(a.String(), b.String()) })
	return ids
}

func (p *Policy) addGroups() (faults []error) {
	everyone := make(map[string]bool)
	for name := range p.doc.People {
		everyone[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(p.doc.Groups)) {
		if p.HasPerson(name) || name == Everyone {
			faults = append(faults, fmt.Errorf("the group %s has the name of a person or of everyone", name))
		}
		members := make(map[string]bool)
		faults = append(faults, p.collect(name, members, nil)...)
		p.members[name] = members
	}
	p.members[Everyone] = everyone
	return faults
}

// collect adds the persons of a group and of the groups in it.
func (p *Policy) collect(group string, into map[string]bool, path []string) (faults []error) {
	if slices.Contains(path, group) {
		return []error{fmt.Errorf("the group %s contains itself", group)}
	}
	g, ok := p.doc.Groups[group]
	if !ok {
		return []error{fmt.Errorf("unknown group %s", group)}
	}
	for _, person := range g.People {
		if !p.HasPerson(person) {
			faults = append(faults, fmt.Errorf("the group %s names %s, who is no person of the policy", group, person))
		}
		into[person] = true
	}
	for _, inner := range g.Groups {
		faults = append(faults, p.collect(inner, into, append(path, group))...)
	}
	return faults
}
