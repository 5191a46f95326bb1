package policy_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpsops/policy"
)

var drawnWindows = []string{"Fri 16:00/Mon 08:00", "Wed 00:00/Thu 00:00", "2026-11-01/2026-11-26", "2026-11-25 08:00/2026-11-25 12:00"}

// drawFileDocument is a document with everything that a file can say, free of
// what the file's checks refuse.
func drawFileDocument(t *rapid.T) policy.Document {
	doc := drawDocument(t)
	doc.Timezone = rapid.SampledFrom([]string{"", "UTC", "Europe/Berlin", "America/New_York"}).Draw(t, "zone")
	for i := range doc.Grants {
		g := &doc.Grants[i]
		withSlack(&g.Through, g.Channels)
		g.UnsafeAllow = slices.ContainsFunc(g.Actions, policy.Action.Guarded) && !slices.Contains(g.Actions, policy.Delete) && rapid.IntRange(0, 3).Draw(t, "unsafe") == 0
	}
	for i := range doc.Guards {
		widen(t, &doc.Guards[i])
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "budgets") {
		b := policy.Budget{
			ID: "budget" + strconv.Itoa(i), Actions: some(t, "actions", []policy.Action{policy.Create, policy.Stop, policy.Delete}, 1),
			Servers: some(t, "servers", drawnSets, 0), Max: rapid.IntRange(1, 3).Draw(t, "max"),
			Per: rapid.SampledFrom([]time.Duration{time.Minute, 36 * time.Hour}).Draw(t, "per"),
			By:  rapid.SampledFrom([]policy.By{"", policy.ByAsker, policy.ByAccount}).Draw(t, "by"),
		}
		if rapid.Bool().Draw(t, "over") {
			b.Over = &policy.Require{Approve: 1, From: "two"}
		}
		if slices.Equal(b.Actions, []policy.Action{policy.Create}) && rapid.Bool().Draw(t, "price") {
			b.Max, b.MaxMonthlyPrice = 0, policy.Cents(rapid.IntRange(1, 1000).Draw(t, "cents"))
		}
		doc.Budgets = append(doc.Budgets, b)
	}
	return doc
}

func withSlack(through *[]policy.Front, channels []string) {
	if len(channels) > 0 && len(*through) > 0 && !slices.Contains(*through, policy.Slack) {
		*through = append(slices.Clone(*through), policy.Slack)
	}
}

// widen adds to a guard what the decision alone doesn't draw.
func widen(t *rapid.T, g *policy.Guard) {
	if g.Require != nil && !slices.ContainsFunc(g.Actions, func(a policy.Action) bool { return !a.Reads() }) {
		g.Actions = append(slices.Clone(g.Actions), policy.Stop)
	}
	if rapid.IntRange(0, 3).Draw(t, "channels") == 0 {
		g.Channels = []string{"C2"}
		withSlack(&g.Through, g.Channels)
	}
	for _, text := range some(t, "during", drawnWindows, 0) {
		w, err := policy.ParseWindow(text)
		if err != nil {
			t.Fatal(err)
		}
		g.During = append(g.During, w)
	}
	g.Why = rapid.SampledFrom([]string{"", "why", `a "quoted" \ #text: <b>&`}).Draw(t, "why")
	if g.Deny != "" && rapid.Bool().Draw(t, "glass") {
		g.BreakGlass = &policy.Require{Approve: 1, From: rapid.SampledFrom([]string{"two", "all"}).Draw(t, "glass from"), Reason: true}
		if len(g.Through) > 0 {
			g.Through = append(slices.Clone(g.Through), policy.Page)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "ask in") == 0 {
		g.AskIn = "C9"
	}
}

func drawFileAsk(t *rapid.T) policy.Ask {
	a := drawAsk(t)
	a.At = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 14*24*60).Draw(t, "minute")) * time.Minute)
	a.BreakGlass = rapid.IntRange(0, 2).Draw(t, "break glass") == 0
	a.Account = rapid.SampledFrom([]string{"main", "side"}).Draw(t, "account")
	if rapid.Bool().Draw(t, "priced") {
		a.MonthlyCents = cents(int64(rapid.IntRange(0, 1000).Draw(t, "price")))
	}
	return a
}

// drawUsage is what was used of every budget.
func drawUsage(t *rapid.T) func(policy.Charge) (int, int64) {
	count, cents := rapid.IntRange(0, 3).Draw(t, "count"), int64(rapid.IntRange(0, 1000).Draw(t, "cents"))
	return func(policy.Charge) (int, int64) { return count, cents }
}

func loadText(t *rapid.T, text []byte) *policy.Policy {
	p, err := policy.Load("policy.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

func TestAFileWrittenOutAndReadAgainDecidesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := policy.New(drawFileDocument(t))
		if err != nil {
			t.Fatal(err)
		}
		text := p.Document().Marshal()
		again := loadText(t, text)
		if second := again.Document().Marshal(); string(second) != string(text) {
			t.Fatalf("read again and written, it is\n%s\nnot\n%s", second, text)
		}
		for range 4 {
			a, used := drawFileAsk(t), drawUsage(t)
			if x, y := p.DecideCharged(a, used), again.DecideCharged(a, used); !reflect.DeepEqual(x, y) {
				t.Fatalf("%+v became %+v\n%s", x, y, text)
			}
		}
	})
}

func TestExplainAndDecideAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := policy.New(drawFileDocument(t))
		if err != nil {
			t.Fatal(err)
		}
		a := drawFileAsk(t)
		d, e := p.Decide(a), p.Explain(a)
		if e.Effect != d.Effect || e.Person != d.Person || !reflect.DeepEqual(e.Rules, d.Rules) || len(e.Needs) != len(d.Needs) {
			t.Fatalf("%+v is explained as %+v", d, e)
		}
		lines := strings.Split(e.String(), "\n")
		if lines[len(lines)-1] != d.Effect.String() {
			t.Fatalf("it ends with %q", lines[len(lines)-1])
		}
		if (d.Effect == policy.Deny) != (len(e.Allowed) > 0) {
			t.Fatalf("%s would be allowed by %q", d.Effect, e.Allowed)
		}
		if as := p.ExplainAs(d.Person, a); as.Effect != e.Effect && d.Person != "" {
			t.Fatalf("by name %s is %s", d.Effect, as.Effect)
		}
	})
}

// looser tells whether after asks for less than before.
func looser(before, after policy.Decision) bool {
	return after.Effect < before.Effect || wantsLess(before, after) != nil
}

func TestInAFileAddingAGuardNeverLoosens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, a, used := drawFileDocument(t), drawFileAsk(t), drawUsage(t)
		before := newPolicy(t, doc).DecideCharged(a, used)
		g := drawGuard(t, "added")
		widen(t, &g)
		doc.Guards = append(slices.Clone(doc.Guards), g)
		if after := newPolicy(t, doc).DecideCharged(a, used); looser(before, after) {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
}

func TestAddingABudgetOrUsingItNeverLoosens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, a := drawFileDocument(t), drawFileAsk(t)
		p := newPolicy(t, doc)
		free := func(policy.Charge) (int, int64) { return 0, 0 }
		plain, charged, spent := p.Decide(a), p.DecideCharged(a, free), p.DecideCharged(a, drawUsage(t))
		if looser(plain, charged) || looser(charged, spent) {
			t.Fatalf("%+v, charged %+v, spent %+v", plain, charged, spent)
		}
	})
}

func TestWithoutBreakGlassADenialStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, a := newPolicy(t, drawFileDocument(t)), drawFileAsk(t)
		a.BreakGlass = false
		before := p.Decide(a)
		a.BreakGlass = true
		after := p.Decide(a)
		person := a.Actor.Front == policy.Slack || a.Actor.Front == policy.Page
		switch {
		case before.Effect != policy.Deny && !reflect.DeepEqual(before, after):
			t.Fatalf("break-glass changed %+v to %+v", before, after)
		case before.Effect == policy.Deny && after.Effect != policy.Deny:
			if !person || !after.BrokeGlass() || len(after.Needs) == 0 || !reflect.DeepEqual(after.Needs, before.Lifts) {
				t.Fatalf("through %q, %+v became %+v", a.Actor.Front, before, after)
			}
		case before.Effect == policy.Deny && person && len(before.Lifts) > 0:
			t.Fatalf("what lifts it, %+v, does not", before.Lifts)
		}
	})
}

func TestInAFileTheOrderOfRulesIsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, a, used := drawFileDocument(t), drawFileAsk(t), drawUsage(t)
		before := newPolicy(t, doc).DecideCharged(a, used)
		doc.Grants, doc.Guards, doc.Budgets = slices.Clone(doc.Grants), slices.Clone(doc.Guards), slices.Clone(doc.Budgets)
		slices.Reverse(doc.Grants)
		slices.Reverse(doc.Guards)
		slices.Reverse(doc.Budgets)
		after := newPolicy(t, doc).DecideCharged(a, used)
		if before.Effect != after.Effect || !reflect.DeepEqual(before.Needs, after.Needs) || !reflect.DeepEqual(before.Lifts, after.Lifts) {
			t.Fatalf("%+v became %+v", before, after)
		}
	})
}

func TestInAFileTheFloorHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, a := drawFileDocument(t), drawFileAsk(t)
		d := newPolicy(t, doc).Decide(a)
		unsafe := slices.ContainsFunc(d.Rules, func(r policy.Rule) bool { return r.Unsafe })
		renames := a.Action == policy.Update && a.Server.Name != a.After.Name
		if a.Action.Guarded() && d.Effect == policy.Allow && (!unsafe || a.Action == policy.Delete || renames) {
			t.Fatalf("%s is simply allowed by %+v", a.Action, d.Rules)
		}
		for _, n := range d.Needs {
			if n.Factor < policy.PersonFactor && (a.Action == policy.Delete || renames || d.BrokeGlass() || !n.ByAsker()) {
				t.Fatalf("%s needs %+v", a.Action, n)
			}
		}
	})
}

func newPolicy(t *rapid.T, doc policy.Document) *policy.Policy {
	p, err := policy.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
