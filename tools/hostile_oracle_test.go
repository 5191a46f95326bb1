//go:build hostile

package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// want is what a change takes, in plain words of this test's own: the oracle
// takes nothing from the policy's evaluation that it judges.
type want struct {
	denied  bool
	asker   policy.Factor // of the asker's own yes, if any is wanted
	typed   bool          // with the server's name
	reason  bool
	approve int // others' yes, in person
}

func (w want) and(o want) want {
	return want{w.denied || o.denied, max(w.asker, o.asker), w.typed || o.typed, w.reason || o.reason, max(w.approve, o.approve)}
}

// houseRules are a policy, and what it means.
type houseRules struct {
	name    string
	policy  *policy.Policy
	who     []string // who may change anything
	wants   func(a policy.Action, rename bool) want
	budgets map[policy.Action]int // at most so many an hour
}

func localWants(a policy.Action, rename bool) want {
	switch {
	case a == policy.Start:
		return want{}
	case a == policy.Delete:
		return want{asker: policy.PersonFactor, typed: true}
	case rename:
		return want{asker: policy.PersonFactor}
	}
	return want{asker: policy.Client}
}

func teamWants(a policy.Action, rename bool) want {
	w := localWants(a, rename)
	switch a {
	case policy.Reboot:
		return want{approve: 2}
	case policy.Delete:
		w.reason, w.approve = true, 2
	}
	return w
}

func strictWants(a policy.Action, rename bool) want {
	w := teamWants(a, rename)
	switch a {
	case policy.Stop:
		w.denied = true
	case policy.Update:
		w.approve = 1
	}
	return w
}

func hostileRules(t testing.TB) (alone, team, strict *houseRules) {
	t.Helper()
	doc := func() policy.Document {
		return policy.Document{
			Version: 1,
			People: map[string]policy.Person{
				"me": {Local: []string{"me"}, Tokens: []policy.Token{
					{ID: "rw", SHA256: hashOf("vpsops_rw"), Scopes: []policy.Scope{policy.ReadScope, policy.WriteScope}},
					{ID: "ro", SHA256: hashOf("vpsops_ro"), Scopes: []policy.Scope{policy.ReadScope}},
				}},
				"sam": {Local: []string{"sam"}}, "lee": {Local: []string{"lee"}}, "kim": {Local: []string{"kim"}},
			},
			Groups: map[string]policy.Group{"ops": {People: []string{"me", "sam", "lee", "kim"}}},
			Grants: []policy.Grant{{ID: "all", Who: []string{"me"}, Actions: policy.Actions()}, {ID: "reads", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get}}},
			Guards: []policy.Guard{
				{ID: "confirm", Actions: []policy.Action{policy.Create, policy.Update, policy.Stop}, Require: &policy.Require{ConfirmAsker: true, Factor: policy.Client}},
				{ID: "delete", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true, TypeName: true}},
			},
		}
	}
	build := func(d policy.Document, h houseRules) *houseRules {
		p, err := policy.New(d)
		if err != nil {
			t.Fatal(err)
		}
		h.policy = p
		return &h
	}
	a := doc()
	a.Guards = append(a.Guards, policy.Guard{ID: "reboot", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{ConfirmAsker: true, Factor: policy.Client}})
	d := doc()
	d.Grants[0].Who = []string{"me", "sam"}
	d.Guards[1].Require.Reason = true
	d.Guards = append(d.Guards, policy.Guard{ID: "two", Actions: []policy.Action{policy.Reboot, policy.Delete}, Require: &policy.Require{Approve: 2, From: "ops"}})
	d.Budgets = []policy.Budget{
		{ID: "deletes", Actions: []policy.Action{policy.Delete}, Max: 2, Per: time.Hour},
		{ID: "reboots", Actions: []policy.Action{policy.Reboot}, Max: 3, Per: time.Hour},
		{ID: "creates", Actions: []policy.Action{policy.Create}, Max: 2, Per: time.Hour},
	}
	budgets := map[policy.Action]int{policy.Delete: 2, policy.Reboot: 3, policy.Create: 2}
	s := d
	s.Guards = append(slices.Clone(d.Guards),
		policy.Guard{ID: "no-stop", Actions: []policy.Action{policy.Stop}, Deny: "not now"},
		policy.Guard{ID: "one", Actions: []policy.Action{policy.Update}, Require: &policy.Require{Approve: 1, From: "ops"}})
	return build(a, houseRules{name: "alone", who: []string{"me"}, wants: localWants}),
		build(d, houseRules{name: "team", who: []string{"me", "sam"}, wants: teamWants, budgets: budgets}),
		build(s, houseRules{name: "strict", who: []string{"me", "sam"}, wants: strictWants, budgets: budgets})
}

// consent is a yes that was really given: on the page by a person of the
// script, or in the client's dialog, to a state sealed for that very call.
type consent struct {
	person  string
	factor  policy.Factor
	ownOnly bool
	typed   string
	reason  string
	digest  string
	at      time.Time
}

// judge joins what the API received with what people said.
func (s *siege) judge() (sent int) {
	s.Helper()
	requests := s.recorded()
	taken := make(map[string]bool)
	for _, a := range s.writes {
		candidates := whose(a, requests, taken)
		if len(candidates) == 0 {
			s.Errorf("%s %s was sent for no request, or twice", a.method, a.path)
			continue
		}
		// Of several that went out at one moment, it is the one that fits.
		why := ""
		for i, r := range candidates {
			if problem := s.unjustified(a, r); problem == "" || i == 0 {
				why, candidates[0] = problem, r
			}
			if why == "" {
				break
			}
		}
		r := candidates[0]
		if taken[r.ID] = true; why != "" {
			s.Errorf("%s %s was sent for %s of %s: %s\nvotes: %+v", a.method, a.path, r.Action, r.Person, why, s.consents[r.ID])
		}
	}
	s.judgeBudgets()
	return len(s.writes)
}

func (s *siege) recorded() (requests []ledger.Request) {
	s.Helper()
	err := s.ledger.Read(context.Background(), func(tx ledger.ReadTx) (err error) {
		requests, err = tx.Requests(ledger.Filter{})
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return requests
}

// whose are the requests that a call may have been made for: of its action and
// server, and just about to be sent. The last comes first.
func whose(a arrival, requests []ledger.Request, taken map[string]bool) (found []ledger.Request) {
	for _, r := range requests {
		if r.SendingAt.IsZero() || r.SendingAt.After(a.at) || taken[r.ID] || r.Action != actionIn(a) {
			continue
		}
		shown, op := parts(r)
		if r.Action == policy.Create {
			if !strings.Contains(a.body, `"name":"`+op.Create.Name+`"`) {
				continue
			}
		} else if a.path != pathOf(r.Action, shown.Server.ID.String()) {
			continue
		}
		found = append(found, r)
	}
	slices.SortStableFunc(found, func(x, y ledger.Request) int { return y.SendingAt.Compare(x.SendingAt) })
	for i, r := range found {
		if r.SendingAt.Before(found[0].SendingAt) {
			return found[:i]
		}
	}
	return found
}

func pathOf(a policy.Action, id string) string {
	switch a {
	case policy.Start, policy.Stop, policy.Reboot:
		return "/servers/" + id + "/" + string(a) + "/"
	}
	return "/servers/" + id + "/"
}

func actionIn(a arrival) policy.Action {
	switch a.method {
	case http.MethodPatch, http.MethodPut:
		return policy.Update
	case http.MethodDelete:
		return policy.Delete
	}
	if a.path == "/servers/" {
		return policy.Create
	}
	return policy.Action(strings.Trim(a.path[strings.LastIndex(strings.TrimSuffix(a.path, "/"), "/"):], "/"))
}

func parts(r ledger.Request) (shown gate.Shown, op gate.Operation) {
	if json.Unmarshal(r.Shown, &shown) != nil || json.Unmarshal(r.Operation, &op) != nil {
		panic("a request cannot be read")
	}
	return shown, op
}

// unjustified says why a call should not have been made, or "".
func (s *siege) unjustified(a arrival, r ledger.Request) string {
	shown, op := parts(r)
	rename := op.Update != nil && op.Update.Name != nil && *op.Update.Name != shown.Server.Name
	wants := a.force.wants(r.Action, rename)
	for _, h := range s.houses {
		if h.policy.Hash() == r.PolicyHash {
			wants = wants.and(h.wants(r.Action, rename))
		}
	}
	switch {
	case s.gate.ReadOnly:
		return "nothing may be"
	case r.Identity == policy.Identity{Kind: policy.BearerToken, ID: "ro"}:
		return "the token may read and no more"
	case !slices.Contains(a.force.who, r.Person):
		return "they may not ask for it"
	case wants.denied:
		return "it is denied"
	}
	if shown.Server != nil {
		f := shown.Server
		if f.Name != a.server.Name || f.Address != a.server.IPAddress || string(f.Status) != a.server.Status || !f.CreatedAt.Equal(a.server.CreatedAt.Truncate(time.Microsecond)) {
			return fmt.Sprintf("the server was shown as %+v, and is %+v", *f, a.server)
		}
	}
	if why := differs(a, op); why != "" {
		return why
	}
	return s.missing(wants, r, shown.Name())
}

// differs says where a call's body is not what was asked for and shown.
func differs(a arrival, op gate.Operation) string {
	var want any
	switch op.Action {
	case policy.Create:
		want = op.Create
	case policy.Update:
		want = op.Update
	default:
		if a.body != "" {
			return "it has a body: " + a.body
		}
		return ""
	}
	text, _ := json.Marshal(want)
	var wanted, got any
	if json.Unmarshal(text, &wanted) != nil || json.Unmarshal([]byte(a.body), &got) != nil {
		return "its body is no JSON: " + a.body
	}
	one, _ := json.Marshal(wanted)
	two, _ := json.Marshal(got)
	if !bytes.Equal(one, two) {
		return fmt.Sprintf("it says %s instead of %s", two, one)
	}
	return ""
}

// missing says which yes was never given.
func (s *siege) missing(w want, r ledger.Request, name string) string {
	asker, others := w.asker == 0, make(map[string]bool)
	for _, c := range s.consents[r.ID] {
		if c.digest != r.Digest || c.at.After(r.SendingAt) {
			continue
		}
		if c.person == r.Person {
			asker = asker || c.factor >= w.asker && (!w.typed || c.typed == name) && (!w.reason || c.reason != "")
		} else if c.factor >= policy.PersonFactor && !c.ownOnly {
			others[c.person] = true
		}
	}
	if !asker {
		return "the asker never said yes in such a way"
	}
	if len(others) < w.approve {
		return fmt.Sprintf("%d others said yes, and %d must", len(others), w.approve)
	}
	return ""
}

func (s *siege) judgeBudgets() {
	s.Helper()
	for _, action := range policy.Actions() {
		most := 0
		for _, h := range s.houses { // nothing is counted while there is no budget
			limit, limited := h.budgets[action]
			if most = limit; !limited {
				break
			}
		}
		if most > 0 {
			var at []time.Time
			for _, a := range s.writes {
				if actionIn(a) == action {
					at = append(at, a.at)
				}
			}
			for i := most; i < len(at); i++ {
				if at[i].Sub(at[i-most]) < time.Hour-time.Minute { // it counts from the claim, and a call comes a little later
					s.Errorf("%d times %s within %s, of a budget of %d an hour", most+1, action, at[i].Sub(at[i-most]), most)
				}
			}
		}
	}
}
