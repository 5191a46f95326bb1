package gate_test

import (
	"context"
	"reflect"
	"strings"
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
			w.is(w.request(v.ID), ledger.Approved, gate.OutcomePending) // it can't tell who is in the group
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.halfApproved()
				w.withSlack()
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

// By a policy of before, somebody may count who has been taken out since.
func TestOnlyTheNewestPolicyCountsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		newest  bool
		refused int // files since
		want    ledger.State
		sent    []string
	}{
		"the newest":                        {true, 0, ledger.Succeeded, []string{"POST /servers/12345/reboot/"}},
		"the newest, and some were refused": {true, 19, ledger.Succeeded, []string{"POST /servers/12345/reboot/"}},
		"an old one":                        {false, 0, ledger.Pending, nil},
		"an old one, and many were refused": {false, 30, ledger.Pending, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				detail := func(of *gate.Gate, detail string) {
					if _, err := of.NotePolicy(w.soon(), detail); err != nil {
						w.Fatal(err)
					}
				}
				note := func(of *gate.Gate, p *policy.Policy) { detail(of, gate.PolicyInForce+p.Hash()) }
				before := w.pol.Load()
				if !c.newest {
					note(w.gate, before)
				}
				old := w.newGate(w.account, func(_ *world, c *gate.Config) { c.Policy = func() *policy.Policy { return before } })
				v := w.approve("ben", w.ask(power(policy.Reboot, web)))
				w.setPolicy(func(d *policy.Document) {
					approvals(1)(d)
					d.Groups["ops"] = policy.Group{People: []string{"cy", "dee"}}
				})
				note(w.gate, w.pol.Load())
				w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
				if c.newest {
					note(old, before) // it was put in force again
				}
				for range c.refused {
					detail(w.gate, "refused, and the one before stays: policy.yaml:1:1: no such key")
				}
				old.Resume()
				time.Sleep(time.Minute)
				if got := w.request(v.ID); got.State != c.want {
					t.Errorf("it is %s (%s)", got.State, got.Request.Message)
				}
				w.sent(c.sent...)
			}, withPolicy(approvals(1)))
		})
	}
}

// What Slack holds up ends in its time, whatever other processes there are.
func TestWhatIsHeldBackExpiresThoughOthersTakeItUp(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		w.inSlack("T1/BEN")
		slack := w.withSlack()
		v := w.askAs(policy.Actor{Identity: account("ana"), Front: policy.Slack, Channel: "C1"}, power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), bySlack("ben"), yes(v)); err != nil {
			t.Fatal(err)
		}
		for _, with := range [][]setting{{withoutSlack}, nil} {
			w.newGate(w.account, with...).Resume()
		}
		slack.say(gate.Word{Unsure: map[policy.Identity]string{account("ben"): "Slack cannot be reached"}})
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		rows := len(w.events())
		time.Sleep(20 * time.Minute)
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
		if more := len(w.events()) - rows; more > 4 {
			t.Errorf("%d rows tell of it", more)
		}
		if asked := len(slack.wasAsked()); asked > 60 {
			t.Errorf("Slack was asked %d times", asked)
		}
		w.sent()
	}, withPolicy(seniors))
}

// Whoever is asked may still say no while it waits.
func TestWhatIsHeldBackCanBeDenied(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		slack := w.withSlack()
		v := w.approvedBySlack(slack, gate.Word{Unsure: map[policy.Identity]string{account("ben"): "Slack cannot be reached"}})
		w.is(v, ledger.Approved, gate.OutcomePending)
		owns := voter("cy")
		owns.OwnOnly = true
		for by, deny := range map[gate.Voter]bool{voter("cy"): true, owns: false} {
			if c := w.ballot.Choices(by, v); c.Approve || c.Deny != deny || !strings.Contains(c.WhyNot, "a no ends it") {
				t.Errorf("%+v is offered %+v", by, c)
			}
		}
		if _, err := w.ballot.Vote(w.soon(), voter("cy"), yes(v)); err == nil || !strings.Contains(err.Error(), "a no ends it") {
			t.Errorf("a yes to what has its votes: %v", err)
		}
		no := yes(v)
		no.Approve = false
		after, err := w.ballot.Vote(w.soon(), voter("cy"), no)
		if err != nil {
			t.Fatal(err)
		}
		w.is(after, ledger.Denied, gate.OutcomeDenied)
		if c := w.ballot.Choices(voter("cy"), after); c.Approve || c.Deny {
			t.Errorf("of what is over is offered %+v", c)
		}
		slack.say(gate.Word{})
		time.Sleep(time.Minute)
		w.sent()
	}, withPolicy(approvals(2)))
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
				v := w.countsAgain()
				var with []setting
				if c.with != nil {
					with = append(with, c.with)
				}
				second := w.newGate(w.account, with...)
				second.Ballot().Consult((&slackSide{}).witness)
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
		v := w.countsAgain()
		for range 5 {
			other := w.newGate(w.account)
			other.Ballot().Consult((&slackSide{}).witness)
			other.Resume()
		}
		time.Sleep(10 * time.Second)
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeSucceeded)
		w.sent("POST /servers/12345/reboot/")
		w.audited(v.ID, "ask", "vote", "vote", "state", "claim", "sending", "outcome")
	}, withPolicy(seniors))
}

// countsAgain leaves a reboot that has its votes since the group can be read again, and
// no process that looks.
func (w *world) countsAgain() gate.View {
	w.Helper()
	v := w.halfApproved()
	w.outOfSlack()
	w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
	w.inSlack("T1/BEN")
	return v
}

// Though its end could not be written down in time.
func TestWhatIsOverIsNotCountedAgain(t *testing.T) {
	l := &full{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.countsAgain()
		w.close(w.gate)
		time.Sleep(20 * time.Minute)
		l.is.Store(true)
		second := w.newGate(w.account)
		second.Ballot().Consult((&slackSide{}).witness)
		second.Resume()
		time.Sleep(time.Second)
		l.is.Store(false)
		time.Sleep(2 * time.Minute)
		w.audited(v.ID, "ask", "vote", "vote", "state")
		if v = w.request(v.ID); v.State != ledger.Expired || v.Request.Message != "nobody decided in time" {
			t.Errorf("it is %s (%s)", v.State, v.Request.Message)
		}
	}, withPolicy(seniors), withLedger(l))
}

// Slack may take its time: while it is asked for votes that count again, it isn't asked
// once more. What it told may be as old as at a claim.
func TestSlackIsAskedForVotesThatCountAgainOneAtATime(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.countsAgain()
		slack := &slackSide{word: unread}
		w.ballot.Consult(func(ctx context.Context, d gate.Doubt) gate.Word {
			word := slack.witness(ctx, d)
			select {
			case <-ctx.Done():
			case <-time.After(time.Minute):
			}
			return word
		})
		began := time.Now()
		w.gate.Resume()
		time.Sleep(50 * time.Second)
		want := []gate.Doubt{{Groups: []string{"T1/S1"}, Since: began.Add(-15 * time.Second)}}
		if got := slack.wasAsked(); !reflect.DeepEqual(got, want) {
			t.Errorf("it was asked for %+v, want %+v", got, want)
		}
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
	}, withPolicy(seniors))
}
