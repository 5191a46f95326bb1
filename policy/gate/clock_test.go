package gate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// keepsTime gives the gate a clock that nobody sets beside the one that tests
// do.
func keepsTime(_ *world, c *gate.Config) {
	began := time.Now()
	c.Uptime = func() time.Duration { return time.Since(began) }
}

// jump sets the gate's clock; back is jump(0).
func (w *world) jump(by time.Duration) { w.skew.Store(int64(by)) }

// refusedByClock holds an error to be the clock's refusal of a vote.
func (w *world) refusedByClock(err error, against ledger.ClockReference) {
	w.Helper()
	var vote *gate.VoteError
	var off *ledger.ClockError
	if !errors.As(err, &vote) || !errors.As(err, &off) || off.Against != against {
		w.Errorf("got %v, want a vote refused for %s", err, against)
	}
}

func TestAClockThatJumpsApprovesNothingUntilItIsRightAgain(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(deletion(web, "web-server-01"))
				w.jump(by)
				_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
				w.refusedByClock(err, ledger.ElapsedClock)
				if err := w.gate.CheckClock(w.soon()); err == nil {
					t.Error("the clock is taken for right")
				}
				if !strings.Contains(err.Error(), "1h0m0s") || !strings.Contains(err.Error(), "set it right") {
					t.Errorf("it says %q", err)
				}
				w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
				w.audited(v.ID, "ask", "vote-refused")
				w.sent()

				w.jump(0)
				if err := w.gate.CheckClock(w.soon()); err != nil {
					t.Error(err)
				}
				w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
				w.sent("DELETE /servers/12345/")
			}, keepsTime)
		})
	}
}

// setMeanwhile is a ledger under whose writes the clock is set once it was looked
// at.
type setMeanwhile struct {
	ledger.Ledger
	set func()
}

type looksAtClock struct {
	ledger.Tx
	looked func()
}

func (l *setMeanwhile) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	return l.Ledger.Write(ctx, func(tx ledger.Tx) error { return fn(looksAtClock{tx, l.set}) })
}

func (tx looksAtClock) Clock(now func() time.Time) error {
	defer tx.looked()
	return tx.Tx.Clock(now)
}

func TestAClockThatIsSetDuringAWriteDatesNothing(t *testing.T) {
	var l *setMeanwhile
	inWorld(t, func(w *world) {
		jumps := func() { w.jump(-time.Hour) }
		l.set = jumps
		denied := w.ask(deletion(web, "web-server-01"))
		w.is(denied, ledger.Denied, gate.OutcomeDenied)
		if !strings.Contains(denied.Message(), "clock is") {
			t.Errorf("it says %q", denied.Message())
		}
		w.jump(0)
		l.set = func() {}
		v := w.ask(power(policy.Reboot, db))
		if at := v.CreatedAt; time.Since(at).Abs() > time.Minute {
			t.Errorf("it was asked %s", at)
		}

		l.set = jumps
		_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
		w.refusedByClock(err, ledger.ElapsedClock)
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		w.jump(0)
		l.set = func() {}
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12346/reboot/")
	}, keepsTime, func(_ *world, c *gate.Config) {
		l = &setMeanwhile{Ledger: c.Ledger, set: func() {}}
		c.Ledger = l
	})
}

// What only tightens needs no clock, and what reads neither.
func TestAWrongClockKeepsNobodyFromSayingNo(t *testing.T) {
	inWorld(t, func(w *world) {
		first, second := w.ask(deletion(web, "web-server-01")), w.ask(power(policy.Reboot, db))
		w.jump(time.Hour)
		denied, err := w.ballot.Vote(w.soon(), voter("ana"), no(first))
		if err != nil {
			t.Fatal(err)
		}
		w.is(denied, ledger.Denied, gate.OutcomeDenied)
		cancelled, err := w.desk.Cancel(w.soon(), actor("ana"), second.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.is(cancelled, ledger.Cancelled, gate.OutcomeDenied)
		w.sent()
	}, keepsTime)
}

func TestADialogsYesDoesNotCountByAWrongClock(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		v := w.ask(op)
		state := w.desk.Dialog(actor("ana"), op, v)
		w.jump(5 * time.Minute)
		_, err := w.desk.Answer(w.soon(), actor("ana"), op, state, true)
		w.refusedByClock(err, ledger.ElapsedClock)
		w.sent()
	}, keepsTime)
}

// A clock a little off is every clock.
func TestAClockThatDriftsIsTrusted(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, by := range []time.Duration{20 * time.Second, 45 * time.Second, 30 * time.Second} {
			w.jump(by)
			if err := w.gate.CheckClock(w.soon()); err != nil {
				t.Error(err)
			}
		}
		w.jump(61 * time.Second)
		if err := w.gate.CheckClock(w.soon()); err == nil {
			t.Error("a jump of half a minute is not noticed")
		}
	}, keepsTime)
}

func TestAnApprovalWaitsForTheClockAndRunsOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		v := w.ask(power(policy.Reboot, web))
		_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		held := w.request(v.ID)
		w.is(held, ledger.Approved, gate.OutcomePending)
		if text := held.Message(); !strings.Contains(text, "Not done yet") || !strings.Contains(text, "clock") {
			t.Errorf("it says %q", text)
		}
		w.audited(v.ID, "ask", "vote", "state", "claim-refused")
		w.sent()

		w.jump(0)
		w.is(w.arrives(held), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	}, keepsTime, jumpsAfter("state"))
}

// jumpsAfter sets the clock an hour ahead when the ledger has written the first
// row of a kind.
func jumpsAfter(kind string) setting {
	return func(w *world, c *gate.Config) {
		jumped := false
		l := &pausing{Ledger: ledger.NewMemory(), after: kind, sleep: func() {
			if !jumped {
				jumped = true
				w.jump(time.Hour)
			}
		}}
		withLedger(l)(w, c)
	}
}

// Its times would be wrong, also when the clock is right again.
func TestAnAskByAWrongClockIsDeniedAndSaysWhy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.jump(time.Hour)
		v := w.ask(power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if text := v.Message(); !strings.Contains(text, "clock") || !strings.Contains(text, "set it right") {
			t.Errorf("it says %q", text)
		}
		w.audited(v.ID, "ask")
		w.sent()
		w.jump(0)
		w.is(w.arrives(w.ask(power(policy.Reboot, web))), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	}, keepsTime, withPolicy(unsafeReboots))
}

// The lease is told by the clock, and the last look is the last chance.
func TestAClockThatJumpsBeforeTheFirstByteSendsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.approve("ana", w.ask(deletion(web, "web-server-01")))
		w.is(v, ledger.Failed, gate.OutcomeFailed)
		if !strings.Contains(v.Request.Message, "nothing was sent") || !strings.Contains(v.Request.Message, "clock") {
			t.Errorf("it says %q", v.Request.Message)
		}
		w.sent()
	}, keepsTime, func(w *world, c *gate.Config) {
		withLedger(&pausing{Ledger: ledger.NewMemory(), sleep: func() { w.jump(-time.Hour) }})(w, c)
	})
}

func TestAWrongClockEndsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		v := w.ask(power(policy.Reboot, web))
		w.jump(time.Hour)
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		time.Sleep(30 * time.Minute) // its timer has been up by now
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		w.jump(0)
		time.Sleep(2 * time.Minute)
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
	}, keepsTime)
}

// A claim of another process may live, whatever a wrong clock says of its lease.
func TestAWrongClockTakesNothingOver(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.left(v, sending)
		w.jump(time.Hour)
		w.gate.Resume()
		time.Sleep(10 * time.Second)
		w.is(w.request(v.ID), ledger.Executing, gate.OutcomePending)
		w.jump(0)
		time.Sleep(5 * time.Minute)
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
		w.sent()
	}, keepsTime)
}

// A call may be on its way yet, whatever a wrong clock says: that it did not happen
// takes a clock.
func TestAWrongClockSettlesNothingAsNotDone(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.unanswered(sandbox.KindCutBefore)
		w.jump(time.Hour)
		time.Sleep(10 * time.Second)
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
		w.jump(0)
		time.Sleep(5 * time.Minute)
		w.is(w.request(v.ID), ledger.Failed, gate.OutcomeFailed)
	}, keepsTime)
}

// otherClock is a ledger whose own clock is off.
type otherClock struct {
	ledger.Ledger
	off time.Duration
	err error // that it cannot be asked
}

func (o *otherClock) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	return o.Ledger.Write(ctx, func(tx ledger.Tx) error { return fn(&clockTx{tx, o}) })
}

func (o *otherClock) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	return o.Ledger.Read(ctx, func(tx ledger.ReadTx) error { return fn(&clockView{tx, o}) })
}

type clockTx struct {
	ledger.Tx
	o *otherClock
}

type clockView struct {
	ledger.ReadTx
	o *otherClock
}

func (t *clockTx) Clock(now func() time.Time) error   { return t.o.check(now()) }
func (t *clockView) Clock(now func() time.Time) error { return t.o.check(now()) }

func (o *otherClock) check(now time.Time) error {
	if o.err != nil {
		return o.err
	}
	return ledger.AgainstClock(ledger.DatabaseClock, now, now.Add(o.off))
}

func TestADatabaseWhoseClockIsOff(t *testing.T) {
	l := &otherClock{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(deletion(web, "web-server-01"))
		l.off = -10 * time.Minute
		_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
		w.refusedByClock(err, ledger.DatabaseClock)
		if !strings.Contains(err.Error(), "10m0s ahead of the database's clock") {
			t.Errorf("it says %q", err)
		}
		l.off = 0
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
		w.sent("DELETE /servers/12345/")
	}, withLedger(l))
}

// A vote whose time cannot be told is not written: it may be given again.
func TestADatabaseThatDoesNotTellItsTime(t *testing.T) {
	l := &otherClock{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(deletion(web, "web-server-01"))
		l.err = errDisk
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); !errors.Is(err, errDisk) {
			t.Errorf("got %v", err)
		}
		if kinds := w.kinds(v.ID); !slices.Equal(kinds, []string{"ask"}) {
			t.Errorf("the audit rows are %q", kinds)
		}
		l.err = nil
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
	}, withLedger(l))
}
