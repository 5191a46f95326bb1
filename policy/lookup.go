package policy

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
