package policy

import "slices"

// Server is what a decision needs to know of a server. Front ends never build
// one from what a model says: it comes from a fresh read of the API. What is
// empty isn't known: no grant goes by it, and a guard whose set does counts. One
// with neither id nor name is a server that couldn't be read: every guard counts
// for it. Only a create's has no id because it is yet to be.
type Server struct {
	ID       string
	Name     string
	Location string
	PlanID   string
	Plan     string
	OSID     string
	OS       string
	Account  string // which of the configured API accounts

	// given tells that what is empty is known to be nothing that a set names.
	given bool
}

func (s *Server) unread() bool { return s.ID == "" && s.Name == "" }

// serverSet is a set made ready to match: names are folded once.
type serverSet struct {
	name         string
	alternatives []serverMatch
}

type serverMatch struct {
	ServerMatch
	globs              []string
	planNames, osNames bool // whether one of its values could be a name
}

func newServerSet(name string, of []ServerMatch) serverSet {
	set := serverSet{name: name}
	for _, m := range of {
		match := serverMatch{ServerMatch: m, planNames: anyName(m.Plan), osNames: anyName(m.OS)}
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

// anyName tells whether a plan or a system may be meant by its name: a value of
// digits alone is an id.
func anyName(list []string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return !isDecimal(v) })
}

// certainty is how far it can be told that a server is in a set.
type certainty int8

const (
	no certainty = iota
	maybe
	surely
)

// serverFacts are a server and how much of it is known.
type serverFacts struct {
	*Server
	plain bool // its name has a normal form
	noID  bool // its id isn't unknown: it has none yet
}

func factsOf(s *Server, toBe bool) serverFacts {
	return serverFacts{s, isPlain(s.Name), toBe || s.given}
}

func (set *serverSet) holds(s *serverFacts) certainty {
	is := no
	for i := range set.alternatives {
		if is = max(is, set.alternatives[i].holds(s)); is == surely {
			break
		}
	}
	return is
}

// holds tells whether every key matches: as surely as the least sure does.
func (m *serverMatch) holds(s *serverFacts) certainty {
	is := surely
	if len(m.Name) > 0 {
		if is = m.holdsName(s); is == no {
			return no
		}
	}
	if len(m.IDs) > 0 {
		is = min(is, among(m.IDs, s.ID, s.noID))
	}
	if len(m.Location) > 0 {
		is = min(is, amongFolded(m.Location, s.Location, s.given))
	}
	if len(m.Plan) > 0 {
		is = min(is, amongNamed(m.Plan, m.planNames, s.PlanID, s.Plan, s.given))
	}
	if len(m.OS) > 0 {
		is = min(is, amongNamed(m.OS, m.osNames, s.OSID, s.OS, s.given))
	}
	if len(m.Account) > 0 {
		is = min(is, among(m.Account, s.Account, s.given))
	}
	return is
}

// among tells whether a list holds a value. An empty value isn't known, unless it
// was given so.
func among(list []string, value string, given bool) certainty {
	switch {
	case value != "" && slices.Contains(list, value):
		return surely
	case value == "" && !given:
		return maybe
	}
	return no
}

// amongFolded is [among] for what the API calls by a word. The same word in other
// letters may be meant: that is enough for a guard, and too little for a grant.
func amongFolded(list []string, value string, given bool) certainty {
	is := among(list, value, given)
	if is == no && value != "" && slices.ContainsFunc(list, func(v string) bool { return sameFolded(v, value) }) {
		return maybe
	}
	return is
}

// amongNamed is [amongFolded] for what has an id and a name, of which one may be
// known alone.
func amongNamed(list []string, names bool, id, name string, given bool) certainty {
	if id != "" && slices.Contains(list, id) {
		return surely
	}
	is := no
	if name != "" {
		is = amongFolded(list, name, true)
	}
	if is == no && !given && (id == "" || name == "" && names) {
		return maybe
	}
	return is
}

// sameFolded compares with capitals as small letters.
func sameFolded(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if fold(a[i]) != fold(b[i]) {
			return false
		}
	}
	return true
}

// holdsName compares in the normal form: plain ASCII, the case folded. A name
// that isn't plain surely matches no glob, and could pass for one that matches
// any.
func (m *serverMatch) holdsName(s *serverFacts) certainty {
	switch {
	case !s.plain, s.Name == "" && !s.given:
		return maybe
	case slices.ContainsFunc(m.globs, func(g string) bool { return matchGlob(g, s.Name) }):
		return surely
	}
	return no
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
