package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
)

const spending = team4 + `budgets:
  - {id: deletes, actions: [delete], max: 3, per: 1h}
  - {id: power, actions: [stop, reboot], max: 2, per: 1h, by: asker}
  - {id: prod, actions: [stop], servers: prod, max: 1, per: 1d, by: account}
  - {id: spend, actions: [create], max_monthly_price: 200.50, per: 24h, over: {approve: 1, from: sre}}
`

func cents(n int64) *int64 { return &n }

func TestChargesAreOfEveryBudgetAnAskFallsUnder(t *testing.T) {
	p := written(t, spending)
	charged := func(a policy.Ask) (ids []string) {
		for _, c := range p.Charges(a) {
			ids = append(ids, c.ID)
		}
		return ids
	}
	a := asks("ana", policy.MCP, policy.Stop)
	if got := charged(a); !slices.Equal(got, []string{"power", "prod"}) {
		t.Errorf("a stop in production is charged to %q", got)
	}
	a.Server.Name = "misc"
	if got := charged(a); !slices.Equal(got, []string{"power"}) {
		t.Errorf("a stop elsewhere is charged to %q", got)
	}
	a.Server = &policy.Server{}
	if got := charged(a); !slices.Equal(got, []string{"power", "prod"}) {
		t.Errorf("a stop of what can't be read is charged to %q", got)
	}
	if got := charged(asks("ana", policy.MCP, policy.Start)); got != nil {
		t.Errorf("a start is charged to %q", got)
	}
}

func TestKeysTellWhoseUseIsCountedTogether(t *testing.T) {
	p := written(t, spending)
	keys := map[string]map[string]bool{"deletes": {}, "power": {}, "prod": {}}
	for _, person := range []string{"ana", "ben"} {
		for _, account := range []string{"main", "side"} {
			for _, action := range []policy.Action{policy.Delete, policy.Stop} {
				a := asks(person, policy.MCP, action)
				a.Account = account
				for _, c := range p.Charges(a) {
					keys[c.ID][c.Key] = true
				}
			}
		}
	}
	for id, want := range map[string]int{"deletes": 1, "power": 2, "prod": 2} {
		if len(keys[id]) != want {
			t.Errorf("%s is counted apart in %d: %v", id, len(keys[id]), keys[id])
		}
	}
	slack := asks("ana", policy.Slack, policy.Stop)
	slack.Actor.Identity = policy.Identity{Kind: policy.SlackUser, ID: "T1/U1"}
	if a, b := p.Charges(slack)[0].Key, p.Charges(asks("ana", policy.MCP, policy.Stop))[0].Key; a != b {
		t.Errorf("one person by two accounts is counted apart: %s, %s", a, b)
	}
}

func TestFits(t *testing.T) {
	count := policy.Charge{Max: 3}
	for used, want := range map[int]bool{0: true, 2: true, 3: false, 4: false, -1: false} {
		if count.Fits(used, 0) != want {
			t.Errorf("one more than %d of 3 fits: %t", used, !want)
		}
	}
	for _, tt := range []struct {
		used  int64
		price *int64
		want  bool
	}{
		{0, cents(20050), true},
		{0, cents(20051), false},
		{20000, cents(50), true},
		{20000, cents(51), false},
		{20050, cents(0), true},
		{20051, cents(0), false},
		{0, nil, false}, // a price that isn't known fits nowhere
		{0, cents(-1), false},
		{-1, cents(1), false},
		{1<<63 - 1, cents(1), false},
		{1, cents(1<<63 - 1), false},
	} {
		c := policy.Charge{MaxCents: 20050, Cents: tt.price}
		if got := c.Fits(0, tt.used); got != tt.want {
			t.Errorf("%v beside %d fits: %t", tt.price, tt.used, got)
		}
	}
}

func TestASpentBudgetDeniesOrAsks(t *testing.T) {
	p := written(t, spending)
	create := asks("ana", policy.MCP, policy.Create)
	create.After, create.Server = create.Server, nil
	create.MonthlyCents = cents(10000)
	unpriced := create
	unpriced.MonthlyCents = nil
	for _, tt := range []struct {
		name  string
		ask   policy.Ask
		count int
		cents int64
		want  policy.Effect
		says  string
	}{
		{"room left", asks("ana", policy.MCP, policy.Delete), 2, 0, policy.Confirm, ""},
		{"spent", asks("ana", policy.MCP, policy.Delete), 3, 0, policy.Deny, "the budget deletes allows 3 in 1h for everyone together"},
		{"spent by the asker", asks("ana", policy.MCP, policy.Reboot), 2, 0, policy.Deny, "the budget power allows 2 in 1h for each person"},
		{"money left", create, 0, 10050, policy.Confirm, ""},
		{"money spent", create, 0, 10051, policy.Approve, ""},
		{"no price", unpriced, 0, 0, policy.Approve, ""},
	} {
		d := p.DecideCharged(tt.ask, func(c policy.Charge) (int, int64) {
			if c.Per < time.Hour {
				t.Errorf("%s counts per %s", c.ID, c.Per)
			}
			return tt.count, tt.cents
		})
		if d.Effect != tt.want || !strings.Contains(strings.Join(d.Denied, " "), tt.says) {
			t.Errorf("%s: %s %q", tt.name, d.Effect, d.Denied)
		}
		if tt.want == policy.Approve && !slices.Contains(ids(d.Rules), "spend") {
			t.Errorf("%s: by %s", tt.name, d.RuleIDs())
		}
		if d := p.Decide(tt.ask); d.Effect != policy.Confirm {
			t.Errorf("%s: budgets count where they aren't asked about: %s", tt.name, d.Effect)
		}
	}
}

// What was used is kept under a budget's id and by whom it is counted.
func TestABudgetThatCountsAnewIsTold(t *testing.T) {
	with := func(budgets string) *policy.Policy {
		return written(t, team4+"budgets:\n"+budgets)
	}
	before := with("  - {id: stops, actions: [stop], max: 2, per: 1h}\n")
	for _, tt := range []struct{ name, budgets, says string }{
		{"as it was", "  - {id: stops, actions: [stop], max: 2, per: 1h, by: everyone}\n", ""},
		{"another maximum", "  - {id: stops, actions: [stop], max: 5, per: 2h}\n", ""},
		{"counted by another", "  - {id: stops, actions: [stop], max: 2, per: 1h, by: asker}\n", "the budget stops counts anew, since it has another `by`"},
		{"called otherwise", "  - {id: halts, actions: [stop], max: 2, per: 1h}\n", "the budget halts counts anew: what was used of stops, which is gone"},
		{"one more", "  - {id: stops, actions: [stop], max: 2, per: 1h}\n  - {id: halts, actions: [stop], max: 3, per: 1d}\n", ""},
		{"of something else", "  - {id: starts, actions: [start], max: 2, per: 1h}\n", ""},
	} {
		if got := strings.Join(with(tt.budgets).CountsAnew(before), "\n"); (tt.says == "") != (got == "") || !strings.Contains(got, tt.says) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
