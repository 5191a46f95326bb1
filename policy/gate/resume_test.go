package gate_test

import (
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// left puts a request into the state in which a process that ended left it.
func (w *world) left(v gate.View, change func(*ledger.Request)) {
	w.Helper()
	err := w.ledger.Write(w.soon(), func(tx ledger.Tx) error {
		for _, state := range []ledger.State{ledger.Approved, ledger.Executing} {
			r, err := tx.Request(v.ID)
			if err != nil {
				return err
			}
			r.State, r.ApprovedAt, r.Fence, r.LeaseUntil = state, time.Now(), "of one who is gone", time.Now().Add(15*time.Second)
			change(&r)
			if _, err := tx.Update(r); err != nil {
				return err
			}
			if r.State != state {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

func sending(r *ledger.Request) { r.SendingAt = time.Now() }

func TestWhatAProcessLeftBehindIsTakenUp(t *testing.T) {
	for name, c := range map[string]struct {
		op    gate.Operation
		left  func(*ledger.Request)
		world func(w *world) // what the call did before the process ended
		want  ledger.State
		sent  []string
	}{
		"claimed, not sending": {deletion(web, "web-server-01"), func(*ledger.Request) {}, nil, ledger.Failed, nil},
		"sending, done":        {deletion(web, "web-server-01"), sending, func(w *world) { w.sandbox.RemoveServer(web) }, ledger.Succeeded, nil},
		"sending, not done":    {deletion(web, "web-server-01"), sending, nil, ledger.Failed, nil},
		"stop, done": {power(policy.Stop, web), sending, func(w *world) {
			w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusStopped })
		}, ledger.Succeeded, nil},
		"a reboot leaves no trace": {power(policy.Reboot, web), sending, nil, ledger.Unknown, nil},
		"approved, not claimed": {power(policy.Reboot, web), func(r *ledger.Request) {
			r.State, r.ExpiresAt = ledger.Approved, time.Now().Add(5*time.Minute)
		}, nil, ledger.Pending, nil}, // its votes are looked at again, and there is none
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(c.op)
				w.left(v, c.left)
				if c.world != nil {
					c.world(w)
				}
				second := w.newGate(w.account)
				second.Resume()
				time.Sleep(2 * time.Minute)
				if got := w.request(v.ID); got.State != c.want {
					t.Errorf("it is %s (%s), want %s", got.State, got.Request.Message, c.want)
				}
				w.sent(c.sent...)
			})
		})
	}
}

// Of two processes that find the claim of one that is gone, the slower ends nothing.
func TestAClaimIsTakenOverOnce(t *testing.T) {
	for name, c := range map[string]struct {
		left func(*ledger.Request)
		want []string
	}{
		"before it sent": {func(*ledger.Request) {}, []string{"ask", "outcome"}},
		"after it sent":  {sending, []string{"ask", "outcome", "settled"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(deletion(web, "web-server-01"))
				w.left(v, c.left)
				w.sandbox.RemoveServer(web)
				slower := &overtaken{Ledger: w.ledger, by: func() { w.gate.Resume(); w.arrives(v) }}
				w.newGate(w.account, withLedger(slower)).Resume()
				time.Sleep(2 * time.Minute)
				w.audited(v.ID, c.want...)
			})
		})
	}
}

func TestAnApprovalThatOutlivesItsProcessRunsOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusStopped })
		v := w.approve("ben", w.ask(power(policy.Start, web)))
		w.is(v, ledger.Pending, gate.OutcomePending)
		// The last vote is counted by a process that serves another account.
		theirs := sandbox.New(sandbox.Options{Token: canary, Email: "other@example.com"})
		other := w.newGate(w.newAccount("other", "account-2", theirs))
		if _, err := other.Ballot().Vote(w.soon(), voter("cy"), yes(v)); err != nil {
			t.Fatal(err)
		}
		other.Resume()
		w.gate.Resume()
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/start/")
		if n := len(theirs.Requests()); n != 0 {
			t.Errorf("the other account's API received %d calls", n)
		}
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "two", Actions: []policy.Action{policy.Start}, Require: &policy.Require{Approve: 2, From: "ops"}})
	}))
}

func TestARequestExpiresThoughItsProcessEnded(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.close(w.gate)
		second := w.newGate(w.account)
		second.Resume()
		time.Sleep(16 * time.Minute)
		events := w.kinds(v.ID)
		if events[len(events)-1] != "state" {
			t.Errorf("the audit rows are %q", events)
		}
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
	})
}

// A process that slept through its call wakes with the answer, after another
// had to call the outcome unknown.
func TestALateAnswerSettlesWhatAnotherCalledUnknown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Kind: sandbox.KindDelay, Delay: 10 * time.Second, Match: sandbox.Match{Method: "POST"}})
		v := w.ask(power(policy.Reboot, web))
		after, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		w.skew.Store(int64(time.Hour)) // for the other process, long ago
		second := w.newGate(w.account)
		second.Resume()
		time.Sleep(time.Second)
		w.is(w.request(after.ID), ledger.Unknown, gate.OutcomeUnknown)
		time.Sleep(10 * time.Second)
		if got := w.request(after.ID); got.State != ledger.Succeeded {
			t.Errorf("it is %s", got.State)
		}
		w.sent("POST /servers/12345/reboot/")
	})
}

// Then a late answer that tells nothing either changes nothing.
func TestAnOutcomeIsCalledUnknownOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Kind: sandbox.KindHangAfter, Delay: 10 * time.Second, Match: sandbox.Match{Method: "POST"}})
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		w.skew.Store(int64(time.Hour)) // for the other process, long ago
		w.newGate(w.account).Resume()
		time.Sleep(time.Minute)
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
		w.audited(v.ID, "ask", "vote", "state", "claim", "sending", "outcome")
		w.sent("POST /servers/12345/reboot/")
	})
}

// An outcome that a process which is gone left unknown is looked into by the
// next, as long as the server can tell anything of it.
func TestAnUnknownThatWasLeftIsSettled(t *testing.T) {
	for name, c := range map[string]struct {
		sentBefore time.Duration
		want       ledger.State
	}{
		"lately":   {time.Minute, ledger.Succeeded},
		"long ago": {3 * 24 * time.Hour, ledger.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(deletion(web, "web-server-01"))
				w.left(v, func(r *ledger.Request) { r.SendingAt = time.Now().Add(-c.sentBefore) })
				w.moved(v.ID, ledger.Unknown)
				w.sandbox.RemoveServer(web)
				w.newGate(w.account).Resume()
				time.Sleep(10 * time.Minute)
				if got := w.request(v.ID); got.State != c.want {
					t.Errorf("it is %s, want %s", got.State, c.want)
				}
				w.sent()
			})
		})
	}
}

// moved takes a request one state on, as another process would.
func (w *world) moved(id string, to ledger.State) {
	w.Helper()
	err := w.ledger.Write(w.soon(), func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		r.State = to
		_, err = tx.Update(r)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
}
