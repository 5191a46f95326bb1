package policy

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// Everyone is the group of every person listed in the policy.
const Everyone = "everyone"

// Policy is a document that has been checked. It is immutable and safe for
// concurrent use.
type Policy struct {
	doc  Document
	hash func() string // worked out when it is first wanted: a start does not
	zone *time.Location

	persons    map[Identity]string // whose identity it is
	names      []string            // of the persons, sorted
	numbers    map[string]int      // a person's place in names
	rings      [][]string          // of the groups, those within others first
	turns      map[string]bool     // the groups that contain themselves
	members    map[string]membership
	users      map[string][]string   // of the Slack user groups that were read; never written to
	reads      bool                  // whether somebody reads Slack's user groups, if only in vain
	unread     bool                  // whether members of a group aren't known
	tokens     map[string]*tokenRule // by hash
	tokensByID map[string]*tokenRule

	sets       []serverSet // sorted by name
	setNumbers map[string]int
	unmatched  int // a set's place in sets, or -1

	granted   [actionCount]bits // who may ask for an action somewhere
	rules     [actionCount]rulesOf
	budgets   []budgetRule
	lists     *ruleLists
	warnings  []Fault
	testLines []int
}

// New checks a document and makes it ready to decide. The error is a
// *[LoadError] with every fault it found; a policy with a fault is never used.
func New(doc Document) (*Policy, error) {
	p, fs := build(doc)
	if len(fs) > 0 {
		return nil, &LoadError{fs}
	}
	return p, nil
}

// build checks a document. The policy can be used only where there is no fault,
// and it decides only where none obscures what the document means.
func build(doc Document) (*Policy, faults) {
	doc.Limits = doc.Limits.withDefaults()
	p := &Policy{
		doc: doc, hash: sync.OnceValue(doc.hash), zone: time.UTC,
		persons: make(map[Identity]string), names: slices.Sorted(maps.Keys(doc.People)), numbers: make(map[string]int),
		tokens: make(map[string]*tokenRule), tokensByID: make(map[string]*tokenRule),
		setNumbers: make(map[string]int), unmatched: -1,
	}
	p.rings, p.turns = rings(doc.Groups)
	var fs faults
	p.addZone(&fs)
	p.addPeople(&fs)
	p.checkGroups(&fs)
	p.members = p.resolve(nil)
	p.granted = p.mayAsk()
	p.addSets(&fs)
	p.checkRules(&fs)
	p.checkBudgets(&fs)
	p.checkLimits(&fs)
	p.checkTests(&fs)
	if !fs.obscure() {
		p.compile()
	}
	return p, fs
}

// Hash identifies the policy's content: a request carries the hash of the
// policy under which it was shown.
func (p *Policy) Hash() string { return p.hash() }

// Limits returns the limits, with defaults filled in.
func (p *Policy) Limits() Limits { return p.doc.Limits }

// Zone is where the policy's windows and dates are read.
func (p *Policy) Zone() *time.Location { return p.zone }

// Warnings returns what is doubtful about the policy, though it holds, for
// whoever looks after it.
func (p *Policy) Warnings() []Fault { return slices.Clone(p.warnings) }

// Unsafe returns the ids of the grants that let something run that would
// otherwise want somebody's yes, for the screen at the start.
func (p *Policy) Unsafe() []string {
	var ids []string
	for _, g := range p.doc.Grants {
		if g.UnsafeAllow {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// PersonOf returns the name of the person to whom an identity belongs, or ""
// for a stranger. Who sits at this machine may also be named by the person's
// own name: no other person has a local account of that name.
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

// People returns the names of the persons listed, sorted.
func (p *Policy) People() []string { return slices.Clone(p.names) }

// isReserved tells the names that stand for others than one person or group:
// where people are named, and in tests.
func isReserved(name string) bool { return name == Everyone || name == Stranger }

func (p *Policy) addPeople(fs *faults) {
	for i, name := range p.names {
		p.numbers[name] = i
		path := "people." + name
		if name == "" {
			fs.add("people", "a person needs a name")
		} else if !isPersonName(name) {
			fs.add("people", "%s is no name for a person: one line without hidden characters", shown(name))
		}
		if isReserved(name) {
			fs.add(path, "a person can't be called %s: the policy means something else by it", name)
		}
		for _, id := range p.doc.People[name].identities() {
			if id.ID == "" {
				fs.add(path, "%s has an empty %s account", name, id.Kind)
			}
			if other, taken := p.persons[id]; taken && other != name {
				fs.add(path, "the account %s belongs to %s and to %s: one account, one person", id, other, name)
			} else if taken && id.Kind == BearerToken {
				fs.add(path, "%s has two tokens with the id %s", name, shown(id.ID))
			}
			if id.Kind == LocalUser && id.ID != name && p.HasPerson(id.ID) {
				fs.add(path, "the account %s is also the name of another person: who sits at this machine is known by either, so rename the person", id)
			}
			p.persons[id] = name
		}
		p.addTokens(path, p.doc.People[name].Tokens, fs)
	}
}

func (p *Policy) addTokens(path string, tokens []Token, fs *faults) {
	for i, t := range tokens {
		rule, err := newTokenRule(t, p.zone)
		at := index(path+".tokens", i)
		if !isName(t.ID) {
			fs.add(at+".id", "%s is no id: "+nameShape, shown(t.ID))
		}
		if err != nil {
			fs.add(at+".expires", "%s", err)
		}
		if !isHash(t.SHA256) {
			fs.add(at+".sha256", "a token's sha256 is 64 digits of hex in lower case: `vpsops token new` prints it")
		} else if _, taken := p.tokens[t.SHA256]; taken {
			fs.add(at+".sha256", "two tokens have the same sha256: one token, one person")
		}
		for _, s := range t.Scopes {
			if !slices.Contains(scopes, s) {
				fs.unknown(at+".scopes", "scope", string(s), func() []string { return asText(scopes) })
			}
		}
		p.tokens[t.SHA256], p.tokensByID[t.ID] = &rule, &rule
	}
}

func isHash(text string) bool {
	return len(text) == 64 && !slices.ContainsFunc([]byte(text), func(c byte) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'f')
	})
}

func (p Person) identities() []Identity {
	var ids []Identity
	for _, t := range p.Tokens {
		ids = append(ids, Identity{BearerToken, t.ID})
	}
	for kind, list := range map[IdentityKind][]string{SlackUser: p.Slack, OIDCSubject: p.OIDC, LocalUser: p.Local} {
		for _, id := range list {
			ids = append(ids, Identity{kind, id})
		}
	}
	slices.SortFunc(ids, func(a, b Identity) int { return cmp.Compare(a.String(), b.String()) })
	return ids
}

func (p *Policy) addSets(fs *faults) {
	for i, name := range slices.Sorted(maps.Keys(p.doc.ServerSets)) {
		p.setNumbers[name] = i
		path := "server_sets." + name
		if !isName(name) {
			fs.add(path, "%s is no name for a server set: "+nameShape, shown(name))
		}
		checkSet(path, p.doc.ServerSets[name], fs)
		p.sets = append(p.sets, newServerSet(name, p.doc.ServerSets[name]))
	}
	if u := p.doc.Unmatched; u != "" {
		i, ok := p.setNumbers[u]
		if !ok {
			fs.unknown("unmatched", "server set", u, p.setNames)
			return
		}
		p.unmatched = i
	}
}

func (p *Policy) setNames() []string { return slices.Sorted(maps.Keys(p.doc.ServerSets)) }

func asText[S ~string](list []S) []string {
	text := make([]string, len(list))
	for i, s := range list {
		text[i] = string(s)
	}
	return text
}
