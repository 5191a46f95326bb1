package policy

import "slices"

// Server is what a decision needs to know of a server. Front ends never build
// one from what a model says: it comes from a fresh read of the API. One with
// neither id nor name is a server that couldn't be read: every guard counts
// for it.
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

func (s *Server) unread() bool { return s.ID == "" && s.Name == "" }

// serverSet is a set made ready to match: names are folded once.
type serverSet struct {
	name         string
	alternatives []serverMatch
}

type serverMatch struct {
	ServerMatch
	globs []string
}

func newServerSet(name string, of []ServerMatch) serverSet {
	set := serverSet{name: name}
	for _, m := range of {
		match := serverMatch{ServerMatch: m}
		for _, g := range m.Name {
			// What isn't plain could only match what isn't, which nothing does.
			if folded, ok := foldName(g); ok {
				match.globs = append(match.globs, folded)
			}
		}
		set.alternatives = append(set.alternatives, match)
	}
	return set
}

func (set *serverSet) has(s *Server, plain bool) bool {
	for i := range set.alternatives {
		if set.alternatives[i].matches(s, plain) {
			return true
		}
	}
	return false
}

func (m *serverMatch) matches(s *Server, plain bool) bool {
	return anyOf(m.IDs, s.ID, "") && anyOf(m.Location, s.Location, "") && anyOf(m.Plan, s.PlanID, s.Plan) &&
		anyOf(m.OS, s.OSID, s.OS) && anyOf(m.Account, s.Account, "") && m.matchesName(s.Name, plain)
}

// anyOf tells whether a list is empty or holds one of two values that are
// known.
func anyOf(list []string, a, b string) bool {
	return len(list) == 0 || a != "" && slices.Contains(list, a) || b != "" && slices.Contains(list, b)
}

// matchesName compares in the normal form: plain ASCII, the case folded. A
// name that isn't plain could look like another and so matches no glob.
func (m *serverMatch) matchesName(name string, plain bool) bool {
	if len(m.Name) == 0 {
		return true
	}
	return plain && slices.ContainsFunc(m.globs, func(g string) bool { return matchGlob(g, name) })
}

// isPlain tells whether a name has a normal form: visible ASCII alone.
func isPlain(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7f {
			return false
		}
	}
	return true
}

func foldName(name string) (string, bool) {
	folded := []byte(name)
	for i, c := range folded {
		folded[i] = fold(c)
	}
	return string(folded), isPlain(name)
}

func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// matchGlob matches * (any run) and ? (any one) of a folded glob over the
// whole of a name, folding it, in time linear in the name for each star.
func matchGlob(glob, name string) bool {
	g, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, n
			g++
		case g < len(glob) && (glob[g] == '?' || glob[g] == fold(name[n])):
			g, n = g+1, n+1
		case star >= 0:
			mark++
			g, n = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}
