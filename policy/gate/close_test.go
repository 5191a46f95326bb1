package gate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

var findAny = vpsapi.FindOptions{}

func TestClosingFinishesWhatExecutes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Kind: sandbox.KindDelay, Delay: 10 * time.Second})
		running, waiting := w.ask(power(policy.Reboot, web)), w.ask(power(policy.Stop, db))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(running)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		began := time.Now()
		w.close(w.gate)
		if took := time.Since(began); took != 9*time.Second {
			t.Errorf("it closed after %s", took)
		}
		w.is(w.request(running.ID), ledger.Succeeded, gate.OutcomeAccepted)
		w.is(w.request(waiting.ID), ledger.Pending, gate.OutcomePending)
		if _, err := w.desk.Ask(w.soon(), actor("ana"), power(policy.Reboot, db)); !errors.Is(err, gate.ErrClosing) {
			t.Errorf("an ask then: %v", err)
		}
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(waiting)); !errors.Is(err, gate.ErrClosing) {
			t.Errorf("a vote then: %v", err)
		}
		w.close(w.gate) // twice does no harm
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestClosingWaitsNoLongerThanItMay(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Kind: sandbox.KindHangAfter})
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.gate.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute) // the call ends by its own time-out
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
	})
}

func TestClosingEndsTheSettling(t *testing.T) {
	inWorld(t, func(w *world) {
		w.lost(false)
		v := w.approve("ana", w.ask(power(policy.Stop, web)))
		w.is(v, ledger.Unknown, gate.OutcomeUnknown)
		began := time.Now()
		w.close(w.gate)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it closed after %s", took)
		}
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
	})
}

// Who asked goes away while the call is on its way: the outcome is recorded.
func TestACallerWhoGoesAwayTakesNothingWithThem(t *testing.T) {
	inWorld(t, func(w *world) {
		w.edit(web, stopped)
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Kind: sandbox.KindDelay, Delay: 5 * time.Second})
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		v, err := w.desk.Ask(ctx, actor("ana"), power(policy.Start, web))
		if err != nil {
			t.Fatal(err)
		}
		w.is(v, ledger.Executing, gate.OutcomePending)
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/start/")
	})
}

func TestAVoterWhoGoesAwayTakesNothingWithThem(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		ctx, cancel := context.WithCancel(w.Context())
		if _, err := w.ballot.Vote(ctx, voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		cancel()
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeAccepted)
	})
}
