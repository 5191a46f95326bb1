package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation is a decision told so that whoever is refused knows why, and
// what would help. Its JSON is for programs, its String for people.
type Explanation struct {
	Person  string      `json:"person"` // "" for a stranger
	Action  Action      `json:"action"`
	Server  string      `json:"server,omitempty"`
	Account string      `json:"account,omitempty"`  // the server's, where that is told
	AlsoIn  []string    `json:"also_in,omitempty"`  // further accounts with a server that is called so
	NotRead bool        `json:"not_read,omitempty"` // nothing but what it was called by is known of the server
	Unsaid  []string    `json:"unsaid,omitempty"`   // what of a new server, or of an update, wasn't said
	Through Front       `json:"through,omitempty"`
	Channel string      `json:"channel,omitempty"`
	Rules   []Rule      `json:"rules"`
	Only    []string    `json:"only_sets,omitempty"` // of a list: the sets whose servers it shows; every server, where there are none
	Hidden  []Hidden    `json:"hidden,omitempty"`    // of a list: whose servers it doesn't show, though they are granted
	Needs   []NeedBy    `json:"needs,omitempty"`
	Denied  []string    `json:"denied,omitempty"`
	Allowed []string    `json:"allowed_if,omitempty"` // what would make it allowed
	Lifts   []NeedBy    `json:"break_glass,omitempty"`
	AskIn   []string    `json:"ask_in,omitempty"`
	Budgets []BudgetUse `json:"budgets,omitempty"`
	Unread  []string    `json:"unread,omitempty"`        // what hangs on a Slack user group that can't be read
	NoTime  bool        `json:"no_time,omitempty"`       // no time was given: every window counted as open
	NoFront bool        `json:"no_through,omitempty"`    // no front end was given: the guards of each counted
	Beside  []string    `json:"not_looked_at,omitempty"` // what may deny it all the same, whatever the policy says
	Effect  Effect      `json:"effect"`
}

// Hidden are server sets that a guard keeps out of a list.
type Hidden struct {
	Sets []string `json:"sets"`
	Rule Rule     `json:"rule"`
}

// NeedBy is a need and the persons who could fill it.
type NeedBy struct {
	Need
	Eligible []string `json:"eligible"`
	Unread   string   `json:"unread,omitempty"` // that others could, too, whom nobody can name now
}

// BudgetUse is a budget that counts what is asked when it is claimed.
type BudgetUse struct {
	ID    string `json:"id"`
	Limit string `json:"limit"`
}

// Explain says how [Policy.Decide] answers an ask, and why.
func (p *Policy) Explain(a Ask) Explanation {
	return p.ExplainAs(p.PersonOf(a.Actor.Identity), a)
}

// ExplainAs is [Policy.Explain] for a person by name, whatever account they
// would come with. Whoever isn't listed is a stranger.
func (p *Policy) ExplainAs(person string, a Ask) Explanation {
	d := p.decide(person, &a, nil)
	only, hidden := p.listed(&a, d)
	mattered := d
	mattered.Rules = slices.Concat(d.Rules, hidden)
	e := Explanation{
		Person: d.Person, Action: a.Action, Through: a.Actor.Front, Channel: a.Actor.Channel,
		Rules: d.Rules, Only: only, Hidden: p.setsHidden(hidden), Denied: d.Denied, AskIn: d.AskIn, Effect: d.Effect,
		Needs: p.by(d.Needs, d.Person), Lifts: p.by(d.Lifts, d.Person), Unread: p.unreadRules(mattered),
		NoTime:  a.At.IsZero() && p.anyGuard(mattered.Rules, func(g *Guard) bool { return len(g.During) > 0 }),
		NoFront: a.Actor.Front == "" && p.anyGuard(mattered.Rules, func(g *Guard) bool { return len(g.Through) > 0 }),
	}
	if s := cmpServer(a.Server, a.After); s != nil {
		if e.Server = s.Name; e.Server == "" {
			e.Server = s.ID
		}
	}
	if d.Effect == Deny {
		e.Allowed = p.wouldAllow(&a, d)
		return e
	}
	for _, c := range p.Charges(a) {
		e.Budgets = append(e.Budgets, BudgetUse{c.ID, c.spent()})
	}
	if a.Action.ChangesServer() {
		e.Beside = slices.Clone(besideThePolicy)
	}
	return e
}

// besideThePolicy is what a policy knows nothing of, and changes are denied for.
var besideThePolicy = []string{"locks", "freezes", "VPSOPS_READ_ONLY"}

func cmpServer(a, b *Server) *Server {
	if a != nil {
		return a
	}
	return b
}

func (p *Policy) by(needs []Need, asker string) []NeedBy {
	var by []NeedBy
	for _, n := range needs {
		by = append(by, p.NeedBy(n, asker))
	}
	return by
}

func (p *Policy) guardNamed(id string) *Guard {
	i := slices.IndexFunc(p.doc.Guards, func(g Guard) bool { return g.ID == id })
	if i < 0 {
		return nil
	}
	return &p.doc.Guards[i]
}

// anyGuard tells whether one of the rules is a guard of that kind.
func (p *Policy) anyGuard(rules []Rule, is func(*Guard) bool) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool {
		g := p.guardNamed(r.ID)
		return g != nil && is(g)
	})
}

// wouldAllow says for each denial what would be otherwise.
func (p *Policy) wouldAllow(a *Ask, d Decision) []string {
	var would []string
	for _, r := range d.Rules {
		if r.Effect != Deny {
			continue
		}
		would = append(would, p.without(r, a, d))
	}
	return slices.DeleteFunc(would, func(s string) bool { return s == "" })
}

// without says what would keep a denial from counting.
func (p *Policy) without(r Rule, a *Ask, d Decision) string {
	switch r.ID {
	case FloorNoGrant:
		if len(d.Unread) > 0 {
			return p.onceRead(d.Person, d.Unread)
		}
		return p.wouldGrant(a, d)
	case FloorStranger:
		return "if the account is listed under people"
	case FloorScope:
		return "with a credential that has the scope write"
	case FloorToken:
		return "with a token that hasn't expired"
	}
	g := p.guardNamed(r.ID)
	if g == nil || r.Kind != GuardRule {
		return ""
	}
	var ways []string
	if len(g.During) > 0 {
		windows := make([]string, len(g.During))
		for i, w := range g.During {
			windows[i] = w.String()
		}
		ways = append(ways, fmt.Sprintf("outside of %s (%s)", strings.Join(windows, ", "), p.zone))
	}
	if len(g.UnlessChannels) > 0 {
		ways = append(ways, "in the channel "+strings.Join(g.UnlessChannels, " or "))
	}
	if len(g.Servers) > 0 && a.Server == nil && a.After == nil && a.Action != Freeze {
		ways = append(ways, "for a server that isn't of "+strings.Join(g.Servers, " or "))
	}
	if len(g.Through) > 0 {
		ways = append(ways, "by another way than "+strings.Join(asText(g.Through), " or "))
	}
	if g.BreakGlass != nil {
		ways = append(ways, "with break-glass, asked for by a person in Slack or on the page")
	}
	if len(ways) == 0 {
		return fmt.Sprintf("once the guard %s is taken out of the policy", g.ID)
	}
	return fmt.Sprintf("past the guard %s: %s", g.ID, strings.Join(ways, "; "))
}

// maxNamed is how many persons, sets or channels an explanation names of a kind.
const maxNamed = 10

// String tells it line by line. The last line is the effect alone.
func (e Explanation) String() string {
	var b strings.Builder
	who := e.Person
	if who == "" {
		who = Stranger
	}
	fmt.Fprintf(&b, "%s asks to %s", who, e.Action)
	for _, part := range [][2]string{{" ", e.Server}, {" of account ", e.Account}, {" through ", string(e.Through)}, {" in ", e.Channel}} {
		if part[1] != "" {
			b.WriteString(part[0] + shown(part[1]))
		}
	}
	b.WriteString("\n")
	if e.NotRead {
		b.WriteString("the server wasn't read: it is judged by what it was called by, and all else of it counts as the strictest\n")
	}
	switch {
	case len(e.Unsaid) > 0 && e.Action == Update:
		b.WriteString("a new name wasn't said: it counts as a rename, to a name of the server's own sets\n")
	case len(e.Unsaid) > 0:
		fmt.Fprintf(&b, "of the new server, %s wasn't said, and counts as the strictest\n", strings.Join(e.Unsaid, ", "))
	}
	if len(e.AlsoIn) > 0 {
		fmt.Fprintf(&b, "a server is called so, too, in %s: it may be judged otherwise\n", strings.Join(e.AlsoIn, ", "))
	}
	for _, r := range e.Rules {
		fmt.Fprintf(&b, "%s\n", r)
	}
	if len(e.Only) > 0 {
		fmt.Fprintf(&b, "only servers of %s are listed\n", anySetOf(e.Only))
	}
	for _, h := range e.Hidden {
		fmt.Fprintf(&b, "servers of %s are not listed: %s\n", strings.Join(h.Sets, " or "), h.Rule)
	}
	for _, n := range e.Needs {
		fmt.Fprintf(&b, "needs %s\n", n)
	}
	for _, s := range e.Allowed {
		fmt.Fprintf(&b, "it would go %s\n", s)
	}
	for _, n := range e.Lifts {
		fmt.Fprintf(&b, "break-glass needs %s\n", n)
	}
	for _, in := range e.AskIn {
		fmt.Fprintf(&b, "the card goes to %s\n", in)
	}
	for _, u := range e.Budgets {
		fmt.Fprintf(&b, "when it runs, %s\n", u.Limit)
	}
	for _, s := range e.Unread {
		if !slices.ContainsFunc(e.Rules, func(r Rule) bool { return strings.HasPrefix(r.Why, s) }) { // else it stands there
			fmt.Fprintf(&b, "%s\n", s)
		}
	}
	if e.NoTime {
		b.WriteString("no time was given, so every window counts as open\n")
	}
	if e.NoFront {
		b.WriteString("no front end was given, so the guards of every one count\n")
	}
	if len(e.Beside) > 0 {
		b.WriteString("locks, freezes and VPSOPS_READ_ONLY are no part of this answer, and may deny it: `vpsops console -c whoami` shows those in force\n")
	}
	return b.String() + e.Effect.String()
}

// String is the rule in a line: what it is, what it says and why.
func (r Rule) String() string {
	text := fmt.Sprintf("%s %s: %s", r.Kind, r.ID, r.Effect)
	switch {
	case r.BreakGlass:
		text += " (BREAK GLASS: this denial is lifted)"
	case r.Unsafe:
		text += " (UNSAFE: without anybody's yes)"
	}
	if r.Why != "" {
		text += ", " + r.Why
	}
	return text
}

// String is the need in a line: what is needed and from whom.
func (n NeedBy) String() string {
	text := "the asker's own confirmation"
	if !n.ByAsker() {
		text = fmt.Sprintf("%d of %s, not the asker", n.Count, n.From)
	}
	text += ", by " + map[Factor]string{
		Client: "the client's dialog or surer", PersonFactor: "a signed-in person", Passkey: "a passkey",
	}[n.Factor]
	if n.TypeName {
		text += ", with the server's name typed"
	}
	if n.Reason {
		text += ", with a reason"
	}
	who := strings.Join(n.Eligible, ", ")
	switch {
	case n.Unread != "" && who != "":
		who += "; " + n.Unread
	case n.Unread != "":
		who = n.Unread
	case who == "":
		who = "nobody can now"
	}
	return fmt.Sprintf("%s (%s): %s", text, strings.Join(n.Rules, ", "), who)
}
