package gate_test

import (
	"context"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// What not enough people could approve would wait for nothing.
func TestAnAskThatNotEnoughCouldApproveIsRefused(t *testing.T) {
	of := func(n int) func(*policy.Document) {
		return func(d *policy.Document) { seniors(d); d.Guards[2].Require.Approve = n }
	}
	for name, c := range map[string]struct {
		members []string
		of      int
		says    string // "" where it is asked
	}{
		"one could":          {[]string{"T1/BEN"}, 1, ""},
		"the asker and one":  {[]string{"T1/ANA", "T1/BEN"}, 1, ""},
		"nobody is in it":    {nil, 1, "1 of seniors must approve this (rule senior), and nobody is in it"},
		"nobody listed is":   {[]string{"T1/EVE"}, 1, "nobody is in it"},
		"the asker is alone": {[]string{"T1/ANA"}, 1, "nobody is in it but ana, who asks"},
		"one of two":         {[]string{"T1/ANA", "T1/BEN"}, 2, "2 of seniors must approve this (rule senior), and only ben could"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.inSlack(c.members...)
				v := w.ask(power(policy.Reboot, web))
				if c.says == "" {
					w.is(v, ledger.Pending, gate.OutcomePending)
					return
				}
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				if got := v.Message(); !strings.Contains(got, c.says) || !strings.Contains(got, "too-few-approvers") {
					t.Errorf("it is told as %q", got)
				}
				w.audited(v.ID, "ask")
			}, withPolicy(of(c.of)))
		})
	}
}

// A group that this process can't read is not an empty one: a vote may come by
// another that does. The words say why nobody is named.
func TestAGroupThatIsNotReadHereIsNotTakenForEmpty(t *testing.T) {
	for name, c := range map[string]struct {
		now  func(w *world)
		says string
	}{
		"no Slack":        {func(*world) {}, "who is in seniors isn't known: its Slack user group can't be read here (vpsops serve with Slack reads it)"},
		"Slack is silent": {(*world).outOfSlack, "who is in seniors isn't known: its Slack user group can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				c.now(w)
				v := w.ask(power(policy.Reboot, web))
				w.is(v, ledger.Pending, gate.OutcomePending)
				if got := v.Message(); !strings.Contains(got, "1 of seniors must approve ("+c.says+")") {
					t.Errorf("it is told as %q", got)
				}
			}, withPolicy(seniors))
		})
	}
}

// Before that is said of an ask, the group is read anew.
func TestWhoHasJustJoinedTheGroupIsEnough(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack()
		w.ballot.Consult(func(context.Context, gate.Doubt) gate.Word {
			w.inSlack("T1/BEN")
			return gate.Word{}
		})
		w.is(w.ask(power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
	}, withPolicy(seniors))
}

// Who leaves later leaves a request that says so.
func TestARequestThatNotEnoughCouldApproveAnyMoreSaysWhy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.inSlack("T1/ANA", "T1/BEN")
		v := w.ask(power(policy.Reboot, web))
		w.inSlack("T1/ANA")
		if got := w.request(v.ID).Message(); !strings.Contains(got, "1 of seniors must approve (nobody is in it but ana, who asks)") {
			t.Errorf("it is told as %q", got)
		}
	}, withPolicy(seniors))
}
