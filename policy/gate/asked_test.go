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

// Who is told to vote, and of whom others hope for a vote, has not voted yet.
func TestWhoHasVotedIsNotNamedAsOneWhoCould(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		if got := v.NeedLines(); len(got) != 3 || got[2] != "2 of ops must approve (ben, cy) in person (rule two-eyes)" {
			t.Errorf("before: %q", got)
		}
		w.approve("ben", v)
		v = w.request(v.ID)
		if got := v.NeedLines(); len(got) != 2 || got[1] != "1 of ops must approve (cy) in person (rule two-eyes)" {
			t.Errorf("after ben's vote: %q", got)
		}
	}, withPolicy(aLeadSaysWhy))
}

// A vote that fills one need and falls short of another is still hoped for there.
func TestWhoseVoteFellShortIsStillNamed(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.approve("ben", v)
		w.setPolicy(func(d *policy.Document) {
			aLeadSaysWhy(d)
			d.Guards[2].Require.Factor = policy.Passkey
		})
		if got := w.request(v.ID).NeedLines(); len(got) != 2 || got[1] != "2 of ops must approve (ben, cy) with a passkey (rule two-eyes)" {
			t.Errorf("wanted is %q", got)
		}
	}, withPolicy(aLeadSaysWhy))
}
