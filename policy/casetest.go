package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Stranger is who a test means by somebody whom the policy doesn't list.
const Stranger = "stranger"

// Test is a decision that a policy expects of itself. What it leaves out
// counts as the strictest: without At every window is open. What a server leaves
// out is in no set that goes by it.
type Test struct {
	Who        string  `json:"who"` // a person, or Stranger
	Do         Action  `json:"do"`
	Server     *Server `json:"server,omitempty"` // for a create, the one to be
	After      *Server `json:"after,omitempty"`  // for an update: what it changes
	Through    Front   `json:"through,omitempty"`
	Channel    string  `json:"channel,omitempty"`
	At         string  `json:"at,omitempty"` // "2026-11-25 10:00" in the policy's zone
	BreakGlass bool    `json:"break_glass,omitempty"`
	Price      *Cents  `json:"price,omitempty"` // a month; with it, budgets count as if nothing was used
	Expect     Effect  `json:"expect"`
	Rule       string  `json:"rule,omitempty"` // one that is to be among those named
}

// TestResult is how a test ended.
type TestResult struct {
	Test     Test
	Line     int // in the file; 0 where the policy wasn't read from one
	Passed   bool
	Got      Effect
	Rules    string // the ids of the rules that mattered
	Problem  string // what was expected and what came, where it failed
	Decision Decision
}

// RunTests runs the policy's own tests, in their order.
func (p *Policy) RunTests() []TestResult {
	results := make([]TestResult, len(p.doc.Tests))
	for i := range p.doc.Tests {
		results[i] = p.runTest(&p.doc.Tests[i])
		if i < len(p.testLines) {
			results[i].Line = p.testLines[i]
		}
	}
	return results
}

func (p *Policy) runTest(t *Test) TestResult {
	a := p.askOf(t)
	var used usage
	if t.Price != nil {
		used = func(Charge) (int, int64) { return 0, 0 }
	}
	d := p.decide(t.Who, &a, used)
	r := TestResult{Test: *t, Got: d.Effect, Rules: d.RuleIDs(), Decision: d}
	var wrong []string
	if d.Effect != t.Expect {
		wrong = append(wrong, fmt.Sprintf("expected %s, got %s", t.Expect, d.Effect))
	}
	if t.Rule != "" && !slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.ID == t.Rule }) {
		wrong = append(wrong, fmt.Sprintf("expected the rule %s to matter", t.Rule))
	}
	if r.Passed = len(wrong) == 0; r.Passed {
		return r
	}
	r.Problem = fmt.Sprintf("%s may %s: %s, by the rules %s", t.Who, t.Do, strings.Join(wrong, " and "), d.RuleIDs())
	if hint := p.missingFact(t, d); hint != "" {
		r.Problem += "; " + hint
	}
	return r
}

// missingFact says what of a test counted as the strictest because it isn't
// there.
func (p *Policy) missingFact(t *Test, d Decision) string {
	if a := p.askOf(t); slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.ID == FloorNoGrant }) && t.Server == nil && len(p.setsAt(&a, d.Person, d.Rules, placeOf(&a))) > 0 {
		return "without `server`, a grant for some servers alone doesn't count"
	}
	for i := range p.doc.Guards {
		g := &p.doc.Guards[i]
		if !slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.ID == g.ID }) {
			continue
		}
		switch {
		case t.At == "" && len(g.During) > 0:
			return fmt.Sprintf("without `at`, the window of %s counts as open", g.ID)
		case t.Through == "" && len(g.Through) > 0:
			return fmt.Sprintf("without `through`, %s counts", g.ID)
		case t.Server == nil && len(g.Servers) > 0:
			return fmt.Sprintf("without `server`, %s counts", g.ID)
		}
	}
	return ""
}

// askOf is the ask of a test. The person is named, not an account.
func (p *Policy) askOf(t *Test) Ask {
	a := Ask{
		Actor:  Actor{Front: t.Through, Channel: t.Channel},
		Action: t.Do, Server: t.Server.asGiven(), BreakGlass: t.BreakGlass, MonthlyCents: (*int64)(t.Price),
	}
	if t.At != "" {
		a.At, _ = parseMoment(t.At, p.zone) // checked when the policy was made
	}
	switch {
	case t.Server == nil:
	case t.Do == Create:
		a.Server, a.After = nil, a.Server
	case t.Do == Update:
		a.After = a.Server.with(t.After)
	}
	if t.Server != nil {
		a.Account = t.Server.Account
	}
	return a
}

// asGiven is the server of a test: what the test doesn't say of it is nothing
// that a set names.
func (s *Server) asGiven() *Server {
	if s == nil {
		return nil
	}
	given := *s
	given.given = true
	return &given
}

// with is the server after a change.
func (s *Server) with(change *Server) *Server {
	after := *s
	if change == nil {
		return &after
	}
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&after.Name, change.Name},
		{&after.Location, change.Location},
		{&after.Account, change.Account},
		{&after.PlanID, change.PlanID},
		{&after.Plan, change.Plan},
		{&after.OSID, change.OSID},
		{&after.OS, change.OS},
	} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	return &after
}
