package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
)

// crowd is a policy of n people and groups of all of them.
func crowd(n int) policy.Document {
	doc := policy.Document{People: map[string]policy.Person{}}
	for i := range n {
		doc.People[fmt.Sprintf("p%03d", i)] = policy.Person{Local: []string{fmt.Sprintf("p%03d", i)}}
	}
	doc.Grants = []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: policy.Actions()}}
	return doc
}

func TestAThresholdCountsEveryoneOfALargeGroup(t *testing.T) {
	for approvals, loads := range map[int]bool{129: true, 130: false} {
		doc := crowd(130)
		doc.Guards = []policy.Guard{{ID: "many", Actions: []policy.Action{policy.Stop}, Require: &policy.Require{Approve: approvals, From: policy.Everyone}}}
		if _, err := policy.New(doc); (err == nil) != loads {
			t.Errorf("%d approvals of 130 people: %v", approvals, err)
		}
	}
}

func TestAThresholdLeavesOutOnlyAskersOfTheGroup(t *testing.T) {
	written(t, team4+`guards:
  - {id: theirs, actions: [stop], who: dee, require: {approve: 2, from: sre}}
`)
}

func TestEveryUnknownWordOfAListIsNamed(t *testing.T) {
	_, err := policy.Load("policy.yaml", []byte(strings.Replace(team4, "who: everyone", "who: [ana, eve, ben, zoe]", 1)))
	for _, want := range []string{"eve", "zoe"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestAGuardOfWhatSomebodyIsGrantedIsNotDoubted(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: lists, actions: [list], through: [slack], deny: "elsewhere"}
`)
	for _, w := range p.Warnings() {
		t.Error(w)
	}
	p = written(t, strings.Replace(team4, "who: everyone", "who: ben", 1)+`guards:
  - {id: stops, actions: [stop], who: ana, through: [slack], deny: "elsewhere"}
`)
	if w := p.Warnings(); len(w) != 1 || !strings.Contains(w[0].Message, "no grant lets anybody ask") {
		t.Errorf("a guard about somebody who may not ask gives %v", w)
	}
}

func TestLimitsOfADocumentAreHeldToTheirRange(t *testing.T) {
	longest := 366 * 24 * time.Hour
	for _, tt := range []struct {
		limits policy.Limits
		loads  bool
	}{
		{policy.Limits{RequestTTL: longest, RunWithin: longest, DenyCooldown: longest, OpenRequestsPerPerson: 100}, true},
		{policy.Limits{RequestTTL: longest + 1}, false},
		{policy.Limits{RunWithin: -1}, false},
		{policy.Limits{DenyCooldown: -time.Hour}, false},
		{policy.Limits{OpenRequestsPerPerson: 101}, false},
		{policy.Limits{OpenRequestsPerPerson: -1}, false},
	} {
		doc := team()
		doc.Limits = tt.limits
		if _, err := policy.New(doc); (err == nil) != tt.loads {
			t.Errorf("%+v: %v", tt.limits, err)
		}
	}
}

func TestEveryOneOfManyGrantsIsNamed(t *testing.T) {
	doc := crowd(1)
	doc.Grants = nil
	for i := range 1100 {
		doc.Grants = append(doc.Grants, policy.Grant{ID: fmt.Sprintf("g%d", i), Who: []string{"p000"}, Actions: []policy.Action{policy.Get}})
	}
	d := load(t, doc).Decide(policy.Ask{Actor: localActor("p000", policy.MCP), Action: policy.Get, Server: &prodServer})
	for i, r := range d.Rules {
		if r.ID != fmt.Sprintf("g%d", i) {
			t.Fatalf("in place %d stands %s", i, r.ID)
		}
	}
	if len(d.Rules) != 1100 || d.Effect != policy.Allow {
		t.Errorf("%s by %d grants", d.Effect, len(d.Rules))
	}
}

func TestFewOfManyGrantsAreNamed(t *testing.T) {
	actions := map[int]policy.Action{0: policy.Get, 63: policy.Start, 64: policy.Stop, 130: policy.Stop, 1023: policy.Reboot, 1024: policy.List}
	doc := crowd(1)
	doc.Grants = nil
	for i := range 1100 {
		action := policy.Delete
		if a, own := actions[i]; own {
			action = a
		}
		doc.Grants = append(doc.Grants, policy.Grant{ID: fmt.Sprintf("g%d", i), Who: []string{"p000"}, Actions: []policy.Action{action}})
	}
	p := load(t, doc)
	for action, want := range map[policy.Action][]string{
		policy.Get: {"g0"}, policy.Start: {"g63"}, policy.Stop: {"g64", "g130"}, policy.Reboot: {"g1023"}, policy.List: {"g1024"},
	} {
		for range 2 {
			d := p.Decide(policy.Ask{Actor: localActor("p000", policy.MCP), Action: action, Server: &prodServer})
			if got := grantsOf(d); !slices.Equal(got, want) {
				t.Errorf("%s is granted by %q, not %q", action, got, want)
			}
		}
	}
}

func grantsOf(d policy.Decision) (ids []string) {
	for _, r := range d.Rules {
		if r.Kind == policy.GrantRule {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func TestBeforeTheServerIsKnownTheGuardsOfAllServersHold(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: prod, actions: [stop], servers: prod, deny: "not there"}
  - {id: nowhere, actions: [stop], deny: "nowhere"}
`)
	a := asks("ana", policy.MCP, policy.Stop)
	a.Server, a.AnyServer = nil, true
	if got := rulesOfKind(p.Decide(a), policy.GuardRule); !slices.Equal(got, []string{"nowhere"}) {
		t.Errorf("what holds is %q", got)
	}
}

func TestEveryBudgetIsLookedAt(t *testing.T) {
	p := written(t, team4+`budgets:
  - {id: room, actions: [delete], max: 9, per: 1h}
  - {id: spent, actions: [delete], max: 1, per: 1h}
  - {id: more, actions: [delete], max: 2, per: 1d, over: {approve: 1, from: sre}}
  - {id: also, actions: [delete], max: 2, per: 1h}
`)
	d := p.DecideCharged(asks("ana", policy.MCP, policy.Delete), func(policy.Charge) (int, int64) { return 2, 0 })
	if got := rulesOfKind(d, policy.BudgetRule); !slices.Equal(got, []string{"spent", "more", "also"}) || len(d.Denied) != 2 {
		t.Errorf("what matters is %q: %q", got, d.Denied)
	}
}

func TestBreakGlassElsewhereIsSpokenOfOnlyWhereItWouldHelp(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: freeze, actions: [stop, reboot], deny: "change freeze", break_glass: {approve: 1, from: everyone}}
  - {id: never, actions: [reboot], deny: "not at all"}
`)
	for _, tt := range []struct {
		action policy.Action
		glass  bool
		want   bool
	}{{policy.Stop, true, true}, {policy.Stop, false, false}, {policy.Reboot, true, false}} {
		a := asks("ana", policy.MCP, tt.action)
		a.BreakGlass = tt.glass
		if d := p.Decide(a); strings.Contains(strings.Join(d.Denied, " "), "Slack or on the page") != tt.want {
			t.Errorf("%s, asking for it %t: %q", tt.action, tt.glass, d.Denied)
		}
	}
}

func TestAnUpdateIsSurelyUnderAGuardByEitherServer(t *testing.T) {
	p := written(t, bySystem+`grants: [{id: all, who: everyone, actions: [update]}]
guards: [{id: loose, actions: [update], servers: west, require: {confirm: asker, factor: client}}]
`)
	at := func(location string) *policy.Server {
		return &policy.Server{ID: "2", Name: "web", Location: location, PlanID: "1", Plan: "Small", OSID: "5", OS: "Debian 12", Account: "main"}
	}
	for _, tt := range []struct {
		before, after string
		want          policy.Factor
	}{
		{"us-west", "us-west", policy.Client},
		{"us-west", "us-east", policy.Client},
		{"us-east", "us-west", policy.Client},
		{"", "us-west", policy.Client},
		{"", "us-east", policy.PersonFactor},
		{"us-east", "", policy.PersonFactor},
		{"", "", policy.PersonFactor},
	} {
		a := asks("ana", policy.MCP, policy.Update)
		a.Server, a.After = at(tt.before), at(tt.after)
		if d := p.Decide(a); len(d.Needs) != 1 || d.Needs[0].Factor != tt.want {
			t.Errorf("from %q to %q: %+v", tt.before, tt.after, d.Needs)
		}
	}
}

func TestAnUnknownRoomUnsettlesOnlyGuardsOfRooms(t *testing.T) {
	p := written(t, team4+"guards: [{id: easy, actions: [stop], require: {confirm: asker, factor: client}}]\n")
	a := asks("ana", policy.Slack, policy.Stop)
	a.Actor.Channel = ""
	if d := p.Decide(a); len(d.Needs) != 1 || d.Needs[0].Factor != policy.Client {
		t.Errorf("it needs %+v", d.Needs)
	}
}

func TestEveryCapitalCountsAsItsSmallLetter(t *testing.T) {
	const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, glob := range []string{capitals, strings.ToLower(capitals)} {
		if !inSet(t, glob, capitals) || !inSet(t, glob, strings.ToLower(capitals)) {
			t.Errorf("%s matches only one case", glob)
		}
	}
	if inSet(t, "[@", "{`") {
		t.Error("what stands beside the capitals is folded too")
	}
}

func TestASpentBudgetSaysWhetherThePriceIsKnown(t *testing.T) {
	p := written(t, spending)
	a := asks("ana", policy.MCP, policy.Create)
	a.After, a.Server = a.Server, nil
	for _, price := range []*int64{nil, cents(30000)} {
		a.MonthlyCents = price
		d := p.DecideCharged(a, func(policy.Charge) (int, int64) { return 0, 0 })
		for _, r := range d.Rules {
			if r.Kind == policy.BudgetRule && strings.HasPrefix(r.Why, "the price isn't known") != (price == nil) {
				t.Errorf("by a price of %v it says %q", price, r.Why)
			}
		}
		if d.Effect != policy.Approve {
			t.Errorf("by a price of %v it is %s", price, d.Effect)
		}
	}
}
