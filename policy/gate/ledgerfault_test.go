package gate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// Each call of the ledger in turn fails, once or for a while. Nothing is sent
// that wasn't written down before, nothing is sent twice, and when the ledger
// is back the request gets to a true end.
func TestALedgerThatFails(t *testing.T) {
	for _, once := range []bool{true, false} {
		for _, op := range []gate.Operation{power(policy.Stop, web), deletion(web, "web-server-01")} {
			reached := true
			for n := 1; reached && n < 100; n++ {
				name := fmt.Sprintf("%s/%d", op.Action, n)
				if !once {
					name += " and on"
				}
				t.Run(name, func(t *testing.T) {
					broken := &failing{Ledger: ledger.NewMemory()}
					inWorld(t, func(w *world) { reached = w.fails(broken, op, n, once) }, withLedger(broken))
				})
			}
		}
	}
}

func (w *world) fails(broken *failing, op gate.Operation, n int, once bool) (reached bool) {
	broken.arm(n, once)
	id := ""
	v, err := w.desk.Ask(w.soon(), actor("ana"), op)
	if err == nil {
		id = v.ID
		_, err = w.ballot.Vote(w.soon(), voter("ana"), yes(v))
	}
	time.Sleep(time.Minute)
	reached = broken.mend()
	if len(w.writes()) > 0 && !slices.ContainsFunc(w.events(), func(e ledger.Event) bool { return e.Kind == "sending" }) {
		w.Error("it was sent, and not written down before")
	}
	if err != nil && !errors.Is(err, errDisk) {
		w.Errorf("the fault is told as %v", err)
	}
	time.Sleep(30 * time.Minute)
	if writes := len(w.writes()); writes > 1 {
		w.Errorf("it was sent %d times", writes)
	}
	w.endsTruly(id)
	return reached
}

// endsTruly holds the request to an end that is what the API did.
func (w *world) endsTruly(id string) {
	w.Helper()
	views, err := w.desk.Own(w.soon(), actor("ana"), 0)
	if err != nil {
		w.Fatal(err)
	}
	executed := len(w.writes()) == 1 && w.writes()[0].Executed
	for _, v := range views {
		switch {
		case v.State.Open(), v.State == ledger.Executing:
			w.Errorf("the request is still %s", v.State)
		case executed != (v.State == ledger.Succeeded):
			w.Errorf("it is told to have %s; executed: %t", v.State, executed)
		}
	}
	if id == "" && executed {
		w.Error("it was sent, and nobody was told of a request")
	}
}

func TestReadsGoOnWithoutALedger(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		broken.arm(1, false)
		defer broken.mend()
		if err := w.desk.MayRead(actor("ana"), policy.List, "", nil); err != nil {
			t.Errorf("a list: %v", err)
		}
		source, err := w.desk.Source("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := source.Finder.Find(w.soon(), "web-server-01", findAny); err != nil {
			t.Errorf("a read: %v", err)
		}
		if _, err := w.desk.Ask(w.soon(), actor("ana"), power(policy.Stop, web)); !errors.Is(err, errDisk) {
			t.Errorf("an ask: %v", err)
		}
		w.sent()
	}, withLedger(broken))
}

// What the ledger cannot say is not told as if it were not there.
func TestALedgersFaultIsNotNotFound(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		for n := 1; n <= 3; n++ {
			broken.arm(n, false)
			if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); !errors.Is(err, errDisk) {
				t.Errorf("a vote at call %d: %v", n, err)
			}
			broken.arm(n, false)
			if _, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); !errors.Is(err, errDisk) {
				t.Errorf("a cancel at call %d: %v", n, err)
			}
		}
		broken.mend()
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		w.sent()
	}, withLedger(broken))
}

// A request can be looked at where the ledger takes no writes.
func TestLookingWritesNothing(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		w.gate.Ledger = unwritable{broken}
		if _, err := w.desk.Request(w.soon(), actor("ana"), v.ID); err != nil {
			t.Error(err)
		}
		if _, err := w.desk.Own(w.soon(), actor("ana"), 0); err != nil {
			t.Error(err)
		}
		if _, err := w.ballot.Waiting(w.soon(), voter("ana")); err != nil {
			t.Error(err)
		}
		w.gate.Ledger = broken
	}, withLedger(broken))
}

type unwritable struct{ ledger.Ledger }

func (unwritable) Write(context.Context, func(ledger.Tx) error) error { return errDisk }

// However long the ledger can't be written, one alone tries to claim a request.
func TestWhatCantBeClaimedIsNotTriedByMoreAndMore(t *testing.T) {
	l := &full{Ledger: ledger.NewMemory(), after: "state"}
	inWorld(t, func(w *world) {
		w.gate.Resume()
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Minute)
		if n := l.tries.Load(); n > 20 {
			t.Errorf("it was tried %d times", n)
		}
		l.is.Store(false)
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	}, withLedger(l))
}
