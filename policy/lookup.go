package policy

import (
	"maps"
	"slices"
)

// HasSet tells whether the policy has a server set of that name.
func (p *Policy) HasSet(name string) bool {
	_, ok := p.setNumbers[name]
	return ok
}

// MayBeIn tells whether a server is in a set, or may be: one that cannot be
// read is in every set, and a set that the policy no longer has holds every
// server. One without an id is a server to be created.
func (p *Policy) MayBeIn(s Server, set string) bool {
	number, ok := p.setNumbers[set]
	if !ok {
		return true
	}
	var in setBits
	p.look(&s, s.ID == "", &in)
	return in.guarded([]int{number})
}

// AskIn returns the ids of the Slack channels that guards among these rules
// want to be asked in, in the policy's order.
func (p *Policy) AskIn(rules []Rule) []string {
	var channels []string
	for _, g := range p.doc.Guards {
		mattered := slices.ContainsFunc(rules, func(r Rule) bool { return r.Kind == GuardRule && r.ID == g.ID })
		if mattered && g.AskIn != "" && !slices.Contains(channels, g.AskIn) {
			channels = append(channels, g.AskIn)
		}
	}
	return channels
}

// Rooms returns the ids of all Slack channels that guards want to be asked in, each
// with the first guard that names it.
func (p *Policy) Rooms() (channels []string, guards map[string]string) {
	guards = make(map[string]string)
	for _, g := range p.doc.Guards {
		if _, known := guards[g.AskIn]; g.AskIn != "" && !known {
			channels, guards[g.AskIn] = append(channels, g.AskIn), g.ID
		}
	}
	return channels, guards
}

// Channels returns the ids of all Slack channels that rules name, sorted.
func (p *Policy) Channels() []string {
	var named []string
	for _, g := range p.doc.Grants {
		named = append(named, g.Channels...)
	}
	for _, g := range p.doc.Guards {
		named = append(named, g.Channels...)
		named = append(named, g.UnlessChannels...)
		named = append(named, g.AskIn)
	}
	named = slices.DeleteFunc(named, func(channel string) bool { return channel == "" })
	slices.Sort(named)
	return slices.Compact(named)
}

// SetAccount is an account that server sets go by.
type SetAccount struct {
	Name string
	Sets []string // sorted
}

// AccountsOfSets returns the accounts that the policy's server sets go by, sorted.
func (p *Policy) AccountsOfSets() (accounts []SetAccount) {
	sets := make(map[string][]string)
	for _, name := range p.setNames() {
		for _, m := range p.doc.ServerSets[name] {
			for _, account := range m.Account {
				if !slices.Contains(sets[account], name) {
					sets[account] = append(sets[account], name)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		accounts = append(accounts, SetAccount{name, sets[name]})
	}
	return accounts
}

// IdentitiesOf returns a person's accounts at one authority, as the policy
// lists them.
func (p *Policy) IdentitiesOf(person string, kind IdentityKind) []string {
	var ids []string
	for _, id := range p.doc.People[person].identities() {
		if id.Kind == kind {
			ids = append(ids, id.ID)
		}
	}
	return ids
}

// HasTokens tells whether the policy lists a bearer token, expired or not:
// then nobody is let in without one.
func (p *Policy) HasTokens() bool {
	for _, person := range p.doc.People {
		if len(person.Tokens) > 0 {
			return true
		}
	}
	return false
}
