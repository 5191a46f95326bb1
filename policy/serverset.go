package policy

import (
	"fmt"
	"maps"
	"slices"
)

// Server is what a decision needs to know of a server. Front ends never build
// one from what a model says: it comes from a fresh read of the API.
type Server struct {
	ID       string
	Name     string
	Location string
	PlanID   string
	Plan     string
	OSID     string
	OS       string
	Account  string // which of the configured API accounts
}

type serverSet []ServerMatch

func (p *Policy) addSets() (faults []error) {
	for _, name := range slices.Sorted(maps.Keys(p.doc.ServerSets)) {
		p.sets[name] = p.doc.ServerSets[name]
	}
	if u := p.doc.Unmatched; u != "" {
		if _, ok := p.sets[u]; !ok {
			faults = append(faults, fmt.Errorf("unmatched: unknown server set %s", u))
		}
	}
	return faults
}

// inSets tells whether a server is in one of the sets; no sets means all
// servers.
func (p *Policy) inSets(s Server, sets []string) bool {
	if len(sets) == 0 {
		return true
	}
	for _, name := range sets {
		if p.sets[name].has(s) {
			return true
		}
	}
	return slices.Contains(sets, p.doc.Unmatched) && !p.inAny(s)
}

func (p *Policy) inAny(s Server) bool {
	for _, set := range p.sets {
		if set.has(s) {
			return true
		}
	}
	return false
}

func (set serverSet) has(s Server) bool {
	return slices.ContainsFunc(set, func(m ServerMatch) bool { return m.matches(s) })
}

func (m ServerMatch) matches(s Server) bool {
	in := func(list []string, values ...string) bool {
		return len(list) == 0 || slices.ContainsFunc(values, func(v string) bool { return v != "" && slices.Contains(list, v) })
	}
	return in(m.IDs, s.ID) && in(m.Location, s.Location) && in(m.Plan, s.PlanID, s.Plan) &&
		in(m.OS, s.OSID, s.OS) && in(m.Account, s.Account) && m.matchesName(s.Name)
}

// matchesName compares in plain ASCII, folding case: a name that isn't plain
// ASCII could look like another and so matches no glob.
func (m ServerMatch) matchesName(name string) bool {
	if len(m.Name) == 0 {
		return true
	}
	plain, ok := foldName(name)
	return ok && slices.ContainsFunc(m.Name, func(g string) bool {
		glob, ok := foldName(g)
		return ok && matchGlob(glob, plain)
	})
}

func foldName(name string) (string, bool) {
	folded := []byte(name)
	for i, c := range folded {
		switch {
		case c <= ' ' || c >= 0x7f:
			return "", false
		case 'A' <= c && c <= 'Z':
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded), true
}

// matchGlob matches * (any run) and ? (any one) over the whole text, in time
// linear in the text for each star.
func matchGlob(glob, text string) bool {
	g, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, t
			g++
		case g < len(glob) && (glob[g] == '?' || glob[g] == text[t]):
			g, t = g+1, t+1
		case star >= 0:
			mark++
			g, t = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}
