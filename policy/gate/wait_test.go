package gate_test

import (
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// accepted is a reboot that the API took, of a server that never arrives.
func (w *world) accepted() gate.View {
	w.Helper()
	v := w.approve("ana", w.ask(power(policy.Reboot, web)))
	w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
	w.edit(web, func(s *sandbox.Server) { s.Status, s.Becomes = sandbox.StatusRebooting, "" })
	return v
}

func (w *world) waits(v gate.View, limit time.Duration) gate.View {
	w.Helper()
	v, err := w.desk.Wait(w.soon(), actor("ana"), v.ID, limit, nil)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func TestAServerThatIsGoneWhileItIsWaitedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		time.AfterFunc(20*time.Second, func() { w.sandbox.RemoveServer(web) })
		v = w.waits(v, 2*time.Minute)
		if v.ServerStatus != "gone" || v.Outcome != gate.OutcomeSucceeded {
			t.Errorf("it is %s, %s", v.Outcome, v.ServerStatus)
		}
	})
}

func TestAServerThatIsGoneWhenItIsLookedAt(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		w.sandbox.RemoveServer(web)
		if v = w.request(v.ID); v.ServerStatus != "gone" {
			t.Errorf("it is %s, %s", v.Outcome, v.ServerStatus)
		}
	})
}

func TestAServerThatNeverArrives(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		began := time.Now()
		w.is(w.waits(v, 50*time.Second), ledger.Succeeded, gate.OutcomeAccepted)
		if waited := time.Since(began); waited != 50*time.Second {
			t.Errorf("it waited %s", waited)
		}
	})
}

// Who waits while something is broken waits; nothing is asked over and over.
func TestWaitingIsPatientWithWhatFails(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	for _, tt := range []struct {
		name   string
		damage func(w *world)
	}{
		{"the ledger takes no writes", func(w *world) {
			w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusActive })
			w.gate.Ledger = unwritable{w.ledger}
		}},
		{"the token is refused", func(w *world) {
			w.faults(sandbox.Fault{Kind: sandbox.KindStatus, Status: 401})
		}},
		{"the account is no more", func(w *world) { w.gate.Accounts = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.accepted()
				tt.damage(w)
				w.sandbox.ClearRequests()
				began := time.Now()
				w.is(w.waits(v, 50*time.Second), ledger.Succeeded, gate.OutcomeAccepted)
				if waited := time.Since(began); waited != 50*time.Second {
					t.Errorf("it waited %s", waited)
				}
				if n := len(w.sandbox.Requests()); n > 60 {
					t.Errorf("the API was read %d times", n)
				}
				if lines := strings.Count(w.logged.String(), "could not be watched"); lines > 60 {
					t.Errorf("it was logged %d times", lines)
				}
				w.gate.Ledger = w.ledger
			}, withLedger(broken))
		})
	}
}

// An expiry that cannot be written is written when the ledger is back.
func TestAnExpiryOutlivesALedgerThatFails(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		broken.arm(1, false)
		time.Sleep(20 * time.Minute)
		broken.mend()
		changed, stop := w.ledger.Watch(v.ID)
		defer stop()
		select {
		case <-changed:
		case <-time.After(5 * time.Minute):
			t.Error("it never expired")
		}
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
	}, withLedger(broken))
}
