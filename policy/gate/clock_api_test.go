package gate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// hearsTheAPI tells the gate what the API's clock says, as the program does.
func hearsTheAPI(w *world, c *gate.Config) {
	keepsTime(w, c)
	w.told.Store(true)
}

// beginsOff sets the gate's clock before there is a gate.
func beginsOff(by time.Duration) setting { return func(w *world, _ *gate.Config) { w.jump(by) } }

// A clock that was set while nothing ran shows neither by a jump nor, in a file,
// by the ledger.
func TestAClockThatWasWrongBeforeTheStartIsToldByTheAPIs(t *testing.T) {
	for name, by := range map[string]time.Duration{"ahead of": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(power(policy.Reboot, web))
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				if text := v.Message(); !strings.Contains(text, name+" the API's clock") || !strings.Contains(text, "NTP") {
					t.Errorf("it says %q", text)
				}
				w.distrusted(ledger.APIClock)
				w.sent()

				w.jump(0)
				if err := w.gate.CheckClock(w.soon()); err != nil {
					t.Errorf("set right it is still refused: %v", err)
				}
				v = w.ask(deletion(web, "web-server-01"))
				w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
				w.sent("DELETE /servers/12345/")
			}, beginsOff(by), hearsTheAPI)
		})
	}
}

func (w *world) distrusted(against ledger.ClockReference) {
	w.Helper()
	if err, ok := w.gate.CheckClock(w.soon()).(*ledger.ClockError); !ok || err.Against != against {
		w.Errorf("the clock: %v", err)
	}
}

// A vote by a process that has heard nothing yet counts, and its last look at the
// server hears.
func TestWhatTheLastLookHearsOfTheClockSendsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(deletion(web, "web-server-01"))
		w.jump(10 * time.Minute)
		w.told.Store(true)
		w.gate = w.newGate(w.account, keepsTime)
		w.desk, w.ballot = w.gate.Desk(), w.gate.Ballot()
		v = w.approve("ana", v)
		w.is(v, ledger.Failed, gate.OutcomeFailed)
		if why := v.Request.Message; !strings.Contains(why, "nothing was sent") || !strings.Contains(why, "ahead of the API's clock") {
			t.Errorf("it says %q", why)
		}
		w.sent()
	})
}

// Without the API's word it would be taken for one that was set wrong.
func TestAClockThatIsSetRightIsTrusted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.jump(0)
		if err := w.gate.CheckClock(w.soon()); err == nil {
			t.Error("a clock that jumps is trusted before the API was heard")
		}
		_, err := w.account.Reader.Account(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.gate.CheckClock(w.soon()); err != nil {
			t.Error(err)
		}
	}, beginsOff(time.Hour), hearsTheAPI)
}

// What an answer's Date is by now is between that and how long the call took.
func TestAnAnswersTimeIsTakenForWhatItMayBe(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, c := range []struct {
			date  time.Duration // from now
			took  time.Duration
			right bool
		}{
			{date: 0, right: true},
			{date: -time.Second, right: true},
			{date: 120 * time.Second, right: true}, // it is not for us to set
			{date: 121 * time.Second},
			{date: -121 * time.Second, right: true}, // a date is cut to its second
			{date: -122 * time.Second},
			{date: -140 * time.Second, took: 20 * time.Second, right: true},
			{date: -142 * time.Second, took: 20 * time.Second},
			{date: 121 * time.Second, took: 20 * time.Second},
		} {
			w.gate.APITime(time.Now().Add(c.date), c.took)
			if err := w.gate.CheckClock(w.soon()); (err == nil) != c.right {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}, keepsTime)
}

// An API that was heard once is not forgotten: from then on time passes. What its
// clock may be off by is no leave to jump.
func TestAClockThatJumpsAfterTheAPIWasHeard(t *testing.T) {
	inWorld(t, func(w *world) {
		time.Sleep(time.Hour)
		w.gate.APITime(time.Now(), 0)
		time.Sleep(24 * time.Hour)
		if err := w.gate.CheckClock(w.soon()); err != nil {
			t.Error(err)
		}
		w.jump(time.Minute)
		w.distrusted(ledger.ElapsedClock)
		w.jump(3 * time.Minute)
		w.distrusted(ledger.APIClock)
	}, keepsTime)
}

// A row that a wrong clock wrote is no proof against one that the API's shows to be
// right. Of what a database says of its own clock, the API's is none.
func TestARowByAWrongClockCountsUntilTheAPIWasHeard(t *testing.T) {
	l := &otherClock{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(deletion(web, "web-server-01"))
		refused := func(against ledger.ClockReference) {
			w.Helper()
			l.err = ledger.AgainstClock(against, time.Now(), time.Now().Add(time.Hour))
			_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
			w.refusedByClock(err, against)
		}
		refused(ledger.TrailClock)
		w.gate.APITime(time.Now(), 0)
		refused(ledger.DatabaseClock)
		l.err = ledger.AgainstClock(ledger.TrailClock, time.Now(), time.Now().Add(time.Hour))
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
		w.sent("DELETE /servers/12345/")
	}, withLedger(l), keepsTime)
}
