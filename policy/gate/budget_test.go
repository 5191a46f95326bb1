package gate_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// budget caps one action, and lets reboots through without anybody's vote so
// that only the budget stands in the way.
func budget(b policy.Budget) func(*policy.Document) {
	return func(d *policy.Document) {
		b.ID = "cap"
		d.Budgets = append(d.Budgets, b)
	}
}

func starts(n int) policy.Budget {
	return policy.Budget{Actions: []policy.Action{policy.Start}, Max: n, Per: time.Hour}
}

// stopped makes n servers that can be started.
func (w *world) stopped(n int) (ids []int64) {
	for id := int64(web); len(ids) < n; id++ {
		w.edit(id, func(s *sandbox.Server) { s.Status = sandbox.StatusStopped })
		ids = append(ids, id)
	}
	return ids
}

func TestABudgetIsCountedAtTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		ids := w.stopped(4)
		began := w.gate.Now()
		for _, id := range ids[:2] {
			w.is(w.ask(power(policy.Start, id)), ledger.Succeeded, gate.OutcomeAccepted)
		}
		third := w.ask(power(policy.Start, ids[2]))
		w.is(third, ledger.Denied, gate.OutcomeDenied)
		if !strings.Contains(third.Message(), "Rule: cap") {
			t.Errorf("it is told as %q", third.Message())
		}
		_, said, _ := strings.Cut(third.Message(), "the budget cap has room again after ")
		if until, err := time.Parse(time.RFC3339, said[:min(len(said), len("2000-01-01T01:00:00Z"))]); err != nil || until.Before(began.Add(time.Hour)) || until.After(began.Add(time.Hour+time.Minute)) {
			t.Errorf("of when there is room again it is told %q", third.Message())
		}
		time.Sleep(time.Hour + time.Second)
		w.is(w.ask(power(policy.Start, ids[3])), ledger.Succeeded, gate.OutcomeAccepted)
	}, withPolicy(budget(starts(2))))
}

func TestEveryBudgetIsCountedAtTheClaim(t *testing.T) {
	for name, ids := range map[string][]string{"the narrow one last": {"wide", "cap"}, "first": {"cap", "wide"}} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				servers := w.stopped(3)
				for _, id := range servers[:2] {
					w.is(w.ask(power(policy.Start, id)), ledger.Succeeded, gate.OutcomeAccepted)
				}
				third := w.ask(power(policy.Start, servers[2]))
				w.is(third, ledger.Denied, gate.OutcomeDenied)
				if m := third.Message(); !strings.Contains(m, "Rule: cap") || strings.Contains(m, "the budget wide") {
					t.Errorf("it is told as %q", m)
				}
			}, withPolicy(func(d *policy.Document) {
				for _, id := range ids {
					b := starts(map[string]int{"wide": 9, "cap": 2}[id])
					b.ID = id
					d.Budgets = append(d.Budgets, b)
				}
			}))
		})
	}
}

func TestClaimsAtOnceNeverExceedABudget(t *testing.T) {
	inWorld(t, func(w *world) {
		ids := w.stopped(6)
		var all sync.WaitGroup
		for i := range 32 {
			name := []string{"ana", "ben", "cy"}[i%3]
			all.Go(func() {
				op := power(policy.Start, ids[i%len(ids)])
				_, _ = w.desk.Ask(w.soon(), actor(name), op) // most are denied or too late
			})
		}
		all.Wait()
		if n := len(w.writes()); n > 3 {
			t.Errorf("%d starts were sent, want 3 at most", n)
		}
		// A claim that came second to a server has given its share back, maybe when the rest were denied.
		for _, id := range ids {
			_, _ = w.desk.Ask(w.soon(), actor("ana"), power(policy.Start, id))
		}
		if n := len(w.writes()); n != 3 {
			t.Errorf("%d starts were sent, want 3", n)
		}
	}, withPolicy(budget(starts(3))))
}

func TestABudgetIsGivenBackOnlyWhereNothingLeft(t *testing.T) {
	for name, c := range map[string]struct {
		fault sandbox.Fault
		free  bool
	}{
		"the last look failed":  {sandbox.Fault{Kind: sandbox.KindStatus, Status: 404, Match: sandbox.Match{Method: "GET", Path: fmt.Sprintf("/api/v1/servers/%d/", web)}}, true},
		"the API refused":       {sandbox.Fault{Kind: sandbox.KindStatus, Status: 409, Match: sandbox.Match{Method: "POST"}}, false},
		"the answer was lost":   {sandbox.Fault{Kind: sandbox.KindCutAfter, Match: sandbox.Match{Method: "POST"}}, false},
		"the API took the call": {sandbox.Fault{Kind: sandbox.KindDelay, Delay: time.Second, Match: sandbox.Match{Method: "POST"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				ids := w.stopped(2)
				v := w.approve("ben", w.askAs(actor("ana"), power(policy.Start, ids[0])))
				w.faults(c.fault)
				v = w.approve("cy", v)
				w.faults()
				if v.Outcome == gate.OutcomePending {
					t.Fatalf("it is %s", v.State)
				}
				second := w.ask(power(policy.Start, ids[1]))
				if got := second.Outcome != gate.OutcomeDenied; got != c.free {
					t.Errorf("after it was %s, another ask is %s (%s)", v.State, second.Outcome, second.Message())
				}
			}, withPolicy(func(d *policy.Document) {
				budget(starts(1))(d)
				d.Guards = append(d.Guards, policy.Guard{ID: "two", Actions: []policy.Action{policy.Start}, Require: &policy.Require{Approve: 2, From: "ops"}})
			}))
		})
	}
}

func TestABudgetOfMoneyCountsPrices(t *testing.T) {
	inWorld(t, func(w *world) {
		for i, want := range []ledger.State{ledger.Succeeded, ledger.Succeeded, ledger.Pending} {
			v := w.approve("ana", w.ask(creation(fmt.Sprintf("new-%d", i))))
			w.is(v, want, v.Outcome)
		}
	}, withPolicy(budget(policy.Budget{
		Actions: []policy.Action{policy.Create}, MaxMonthlyPrice: 2500, Per: 24 * time.Hour, Over: &policy.Require{Approve: 1, From: "ops"},
	})))
}

func TestPastABudgetTheNeedGrowsAtTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		first, second := w.ask(creation("new-1")), w.ask(creation("new-2"))
		w.is(w.approve("ana", first), ledger.Succeeded, gate.OutcomeAccepted)
		second = w.approve("ana", second)
		w.is(second, ledger.Pending, gate.OutcomePending)
		if lines := strings.Join(second.NeedLines(), " "); !strings.Contains(lines, "ops") || !strings.Contains(lines, "cap") {
			t.Errorf("what is needed now is told as %q", lines)
		}
		w.is(w.approve("ben", second), ledger.Succeeded, gate.OutcomeAccepted)
	}, withPolicy(budget(policy.Budget{
		Actions: []policy.Action{policy.Create}, Max: 1, Per: time.Hour, Over: &policy.Require{Approve: 1, From: "ops"},
	})))
}
