package gate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// seniorsOverBudget makes every stop want the approval of one of ops, and every one but
// the first of an hour a senior's.
func seniorsOverBudget(d *policy.Document) {
	askedOfSeniors(d)
	d.Guards = append(d.Guards, policy.Guard{ID: "one", Actions: []policy.Action{policy.Stop}, Require: &policy.Require{Approve: 1, From: "ops"}})
}

// twoStops are asked by ana in Slack while the budget holds one, and she says yes to both.
func (w *world) twoStops() (first, second gate.View) {
	w.Helper()
	inSlack := policy.Actor{Identity: account("ana"), Front: policy.Slack, Channel: "C1"}
	first, second = w.askAs(inSlack, power(policy.Stop, web)), w.askAs(inSlack, power(policy.Stop, db))
	for _, v := range []gate.View{first, second} {
		w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
	}
	return first, second
}

// That ben is a senior was read minutes ago, and his yes was one of ops then.
func TestWhatABudgetAddsAtTheClaimHangsOnWhoIsInTheGroupNow(t *testing.T) {
	for name, c := range map[string]struct {
		now  func(w *world)
		word gate.Word
		want ledger.State
		says string
	}{
		"he is":            {func(*world) {}, gate.Word{}, ledger.Succeeded, ""},
		"he left":          {func(w *world) { w.inSlack() }, gate.Word{}, ledger.Pending, ""},
		"it can't be read": {func(*world) {}, unread, ledger.Approved, "the Slack user group T1/S1 can't be read now"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.gate.Resume()
				w.inSlack("T1/BEN")
				w.withSlack()
				first, second := w.twoStops()
				w.is(w.approve("ben", first), ledger.Succeeded, gate.OutcomeAccepted)
				time.Sleep(5 * time.Minute)
				began := time.Now()
				w.ballot.Consult(func(_ context.Context, d gate.Doubt) gate.Word {
					if !slices.Contains(d.Groups, "T1/S1") || d.Since.Before(began.Add(-15*time.Second)) {
						return gate.Word{}
					}
					c.now(w)
					return c.word
				})
				if _, err := w.ballot.Vote(w.soon(), voter("ben"), yes(second)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				if v := w.request(second.ID); v.State != c.want || !strings.Contains(v.Message(), c.says) {
					t.Errorf("it is %s: %s", v.State, v.Message())
				}
			}, withPolicy(seniorsOverBudget))
		})
	}
}

// The first stop is claimed while Slack is asked about those of the second.
func TestABudgetSpentWhileSlackIsAskedIsNoWayAround(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		w.inSlack("T1/BEN")
		first, second := w.twoStops()
		asked := false
		w.ballot.Consult(func(_ context.Context, d gate.Doubt) gate.Word {
			if asked || len(d.Accounts) == 0 { // of a vote on the page
				return gate.Word{}
			}
			asked = true
			w.is(w.approve("ben", first), ledger.Succeeded, gate.OutcomeAccepted)
			return gate.Word{}
		})
		if _, err := w.ballot.Vote(w.soon(), voter("ben"), yes(second)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if v := w.request(second.ID); v.State != ledger.Approved || !strings.Contains(v.Message(), "more is needed than a moment ago") {
			t.Errorf("it is %s: %s", v.State, v.Message())
		}
		w.sent("POST /servers/12345/stop/")
		time.Sleep(10 * time.Second)
		w.is(w.request(second.ID), ledger.Succeeded, gate.OutcomeSucceeded)
	}, withPolicy(seniorsOverBudget))
}
