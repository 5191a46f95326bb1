package gate_test

import (
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// seniors makes a reboot want the approval of somebody of a Slack user group,
// beside the asker's yes.
func seniors(d *policy.Document) {
	d.Groups["seniors"] = policy.Group{SlackUsergroups: []string{"T1/S1"}}
	d.Guards = append(d.Guards, policy.Guard{ID: "senior", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "seniors"}})
}

// inSlack puts the policy in force as a process has it that has read the user
// group: these are in it.
func (w *world) inSlack(users ...string) {
	w.pol.Store(w.pol.Load().WithUsergroups(map[string][]string{"T1/S1": users}))
}

// outOfSlack puts it in force as a process has it that can't read the group.
func (w *world) outOfSlack() { w.pol.Store(w.pol.Load().WithUsergroups(nil)) }

// withoutSlack is a gate of a process that reads no user groups.
func withoutSlack(w *world, c *gate.Config) {
	pol := w.pol.Load().WithUsergroups(nil)
	c.Policy = func() *policy.Policy { return pol }
}

// halfApproved is a reboot that ben of the group has approved, and that waits for
// ana's own yes.
func (w *world) halfApproved() gate.View {
	w.Helper()
	w.inSlack("T1/BEN")
	v := w.approve("ben", w.ask(power(policy.Reboot, web)))
	w.is(v, ledger.Pending, gate.OutcomePending)
	return v
}

func TestAYesOfWhoIsBackInTheGroupCounts(t *testing.T) {
	for name, c := range map[string]struct{ lastVote func(w *world, v gate.View) }{
		"the group could not be read": {func(w *world, v gate.View) {
			w.outOfSlack()
			w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
			w.inSlack("T1/BEN")
		}},
		"it was edited and edited back": {func(w *world, v gate.View) {
			w.inSlack("T1/CY")
			w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
			w.inSlack("T1/BEN")
		}},
		"the policy was edited and edited back": {func(w *world, v gate.View) {
			w.setPolicy(func(d *policy.Document) {
				seniors(d)
				delete(d.People, "ben")
				d.Groups["ops"] = policy.Group{People: []string{"ana", "cy", "dee"}}
			})
			w.inSlack("T1/CY")
			w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
			w.setPolicy(seniors)
			w.inSlack("T1/BEN")
		}},
		"the vote came in a process without Slack": {func(w *world, v gate.View) {
			second := w.newGate(w.account, withoutSlack)
			second.Resume()
			if _, err := second.Ballot().Vote(w.soon(), voter("ana"), yes(v)); err != nil {
				w.Fatal(err)
			}
		}},
		"a process without Slack took it up": {func(w *world, v gate.View) {
			// The last vote is counted where the account is another.
			theirs := sandbox.New(sandbox.Options{Token: canary, Email: "other@example.com"})
			other := w.newGate(w.newAccount("other", "account-2", theirs))
			if _, err := other.Ballot().Vote(w.soon(), voter("ana"), yes(v)); err != nil {
				w.Fatal(err)
			}
			second := w.newGate(w.account, withoutSlack)
			second.Resume()
			time.Sleep(5 * time.Second)
			w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.halfApproved()
				c.lastVote(w, v)
				w.sent()
				w.gate.Resume()
				time.Sleep(5 * time.Second)
				w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeSucceeded)
				w.sent("POST /servers/12345/reboot/")
			}, withPolicy(seniors))
		})
	}
}

// What holds a vote up holds up the votes that are counted again.
func TestVotesAreCountedAgainAsAtAVote(t *testing.T) {
	freeze := func(w *world) {
		_, err := w.desk.Hold(w.soon(), actor("cy"), gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "an incident"})
		if err != nil {
			w.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		meanwhile func(w *world)
		with      setting // of the process that counts again
		want      ledger.State
	}{
		"nothing is in the way": {func(*world) {}, nil, ledger.Succeeded},
		"the group is unknown":  {func(*world) {}, withoutSlack, ledger.Pending},
		"it is read-only":       {func(*world) {}, readOnly, ledger.Pending},
		"the clock is off":      {func(w *world) { w.jump(5 * time.Minute) }, keepsTime, ledger.Pending},
		"its time is over":      {func(w *world) { w.close(w.gate); time.Sleep(20 * time.Minute) }, nil, ledger.Expired},
		"everything is frozen":  {freeze, nil, ledger.Denied},
		"the grant is taken away": {func(w *world) {
			w.setPolicy(func(d *policy.Document) {
				seniors(d)
				d.Grants[0].Actions = []policy.Action{policy.List, policy.Get}
			})
			w.inSlack("T1/BEN")
		}, nil, ledger.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.halfApproved()
				w.outOfSlack()
				w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
				w.inSlack("T1/BEN")
				var with []setting
				if c.with != nil {
					with = append(with, c.with)
				}
				second := w.newGate(w.account, with...)
				c.meanwhile(w)
				second.Resume()
				time.Sleep(10 * time.Second)
				if got := w.request(v.ID); got.State != c.want {
					t.Errorf("it is %s (%s), want %s", got.State, got.Request.Message, c.want)
				}
				if n := len(w.writes()); n != map[bool]int{true: 1}[c.want == ledger.Succeeded] {
					t.Errorf("the API received %d writes", n)
				}
			}, withPolicy(seniors))
		})
	}
}

func TestManyProcessesThatCountAgainSendOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.halfApproved()
		w.outOfSlack()
		w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
		w.inSlack("T1/BEN")
		for range 5 {
			w.newGate(w.account).Resume()
		}
		time.Sleep(10 * time.Second)
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeSucceeded)
		w.sent("POST /servers/12345/reboot/")
		w.audited(v.ID, "ask", "vote", "vote", "state", "claim", "sending", "outcome")
	}, withPolicy(seniors))
}
