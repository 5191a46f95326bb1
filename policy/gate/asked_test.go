package gate_test

import (
	"errors"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// aLeadSaysWhy makes a reboot want two of ops, and of the leads one who says why.
func aLeadSaysWhy(d *policy.Document) {
	approvals(2)(d)
	d.Groups["leads"] = policy.Group{People: []string{"ben", "cy"}}
	d.Guards = append(d.Guards, policy.Guard{ID: "lead", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "leads", Reason: true}})
}

func silently(v gate.View) gate.Verdict {
	verdict := yes(v)
	verdict.Reason = ""
	return verdict
}

// A vote is weighed by what it is still wanted for.
func TestAVoteIsNotRefusedForWhatNobodyNeedsAnyMore(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.approve("ana", v)
		w.approve("ben", v)
		v = w.request(v.ID)
		if c := w.ballot.Choices(voter("cy"), v); !c.Approve || c.Reason || c.Given {
			t.Errorf("cy is offered %+v", c)
		}
		if _, err := w.ballot.Vote(w.soon(), voter("cy"), silently(v)); err != nil {
			t.Fatalf("cy: %v", err)
		}
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	}, withPolicy(aLeadSaysWhy))
}

// One's own earlier vote takes nothing off a later one, which replaces it.
func TestALaterVoteWantsWhatTheEarlierOneGave(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.approve("ben", v)
		var refused *gate.VoteError
		if _, err := w.ballot.Vote(w.soon(), voter("ben"), silently(v)); !errors.As(err, &refused) || refused.Why != policy.NoReason {
			t.Errorf("got %v", err)
		}
		if c := w.ballot.Choices(voter("ben"), w.request(v.ID)); !c.Given || !c.Reason {
			t.Errorf("ben is offered %+v", c)
		}
		w.sent()
	}, withPolicy(aLeadSaysWhy))
}
