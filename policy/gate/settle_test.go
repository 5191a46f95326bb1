package gate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// unanswered is a delete of which nobody knows whether it happened: it did not, or it
// did and only the answer was lost.
func (w *world) unanswered(kind sandbox.Kind) gate.View {
	w.Helper()
	w.faults(sandbox.Fault{Match: sandbox.Match{Method: http.MethodDelete}, Times: 1, Kind: kind})
	v := w.approve("ana", w.ask(deletion(web, "web-server-01")))
	w.is(v, ledger.Unknown, gate.OutcomeUnknown)
	return v
}

// A look that errs is contradicted by the next: only two in agreement settle.
func TestOneLookSettlesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.unanswered(sandbox.KindCutBefore)
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet, Path: "/api/v1/servers/12345/"}, Times: 1, Kind: sandbox.KindStatus, Status: http.StatusNotFound})
		time.Sleep(5 * time.Minute)
		w.is(w.request(v.ID), ledger.Failed, gate.OutcomeFailed)
	})
}

func TestASettlingThatCouldNotBeWrittenIsMadeAgain(t *testing.T) {
	broken := &failsOnce{Ledger: ledger.NewMemory(), kind: "settled"}
	inWorld(t, func(w *world) {
		v := w.unanswered(sandbox.KindCutAfter)
		time.Sleep(5 * time.Minute)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
		if log := w.logged.String(); !broken.failed.Load() || !strings.Contains(log, "could not be settled yet") {
			t.Errorf("the log says %s", log)
		}
		w.sent("DELETE /servers/12345/")
	}, withLedger(broken))
}

func TestASettledOutcomeIsLoggedAsNoFault(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.unanswered(sandbox.KindCutAfter)
		time.Sleep(5 * time.Minute)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
		if log := w.logged.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("the log says %s", log)
		}
	})
}

// Several processes may look into the same outcome: who comes second finds it settled.
func TestAnOutcomeIsSettledOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.unanswered(sandbox.KindCutAfter)
		w.newGate(w.account).Resume()
		time.Sleep(5 * time.Minute)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
		w.audited(v.ID, "ask", "vote", "state", "claim", "sending", "outcome", "settled")
	})
}

// What can't be told for a quarter of an hour takes few of the reads that the API allows
// an account.
func TestAnOutcomeThatCannotBeToldIsLookedIntoSeldom(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.unanswered(sandbox.KindCutBefore)
		w.edit(web, func(s *sandbox.Server) { s.Status = "stopped" })
		before := len(w.sandbox.Requests())
		time.Sleep(20 * time.Minute)
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
		if looks := len(w.sandbox.Requests()) - before; looks < 60 || looks > 75 {
			t.Errorf("it was looked into %d times, want about four times a minute for 15 minutes", looks)
		}
	})
}

// In another account there is no server of that id, which says nothing.
func TestAnotherAccountSettlesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(deletion(web, "web-server-01"))
		w.left(v, sending)
		w.moved(v.ID, ledger.Unknown)
		empty := sandbox.New(sandbox.Options{Token: canary})
		empty.RemoveServer(web)
		other := w.newGate(w.newAccount("main", "account-2", empty))
		other.Resume()
		time.Sleep(10 * time.Minute)
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
	})
}

// The API's clock and ours may differ by two minutes: a create of the same name
// that went out shortly before could be the one whose server stands there.
func TestAServerThatAnotherCreateCouldHaveMadeSettlesNothing(t *testing.T) {
	for ago, want := range map[time.Duration]ledger.State{time.Minute: ledger.Unknown, 10 * time.Minute: ledger.Succeeded} {
		t.Run(ago.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				rival := w.askAs(actor("ben"), creation("twin"))
				w.left(rival, func(r *ledger.Request) {
					r.LeaseUntil, r.SendingAt = time.Now().Add(-ago), time.Now().Add(-ago-time.Second)
				})
				w.moved(rival.ID, ledger.Unknown)
				w.faults(sandbox.Fault{Match: sandbox.Match{Method: http.MethodPost}, Times: 1, Kind: sandbox.KindCutAfter})
				v := w.approve("ana", w.ask(creation("twin")))
				w.is(v, ledger.Unknown, gate.OutcomeUnknown)
				time.Sleep(10 * time.Minute)
				if got := w.request(v.ID); got.State != want {
					t.Errorf("it is %s (%s), want %s", got.State, got.Request.Message, want)
				}
				w.sent("POST /servers/")
			})
		})
	}
}
