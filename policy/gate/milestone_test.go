package gate_test

import (
	"errors"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func (w *world) milestones(after int64, since time.Time) (found []gate.Milestone, newest int64) {
	w.Helper()
	found, newest, err := w.ballot.Milestones(w.soon(), after, since)
	if err != nil {
		w.Fatalf("milestones: %v", err)
	}
	return found, newest
}

func TestMilestonesAreWhatEndedAndWhatIsHeld(t *testing.T) {
	inWorld(t, func(w *world) {
		if found, newest := w.milestones(0, time.Time{}); len(found) != 0 || newest != 0 {
			t.Errorf("an empty trail holds %v, to row %d", found, newest)
		}
		v := w.ask(power(policy.Reboot, web))
		w.ask(power(policy.Reboot, db)) // still open
		if _, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); err != nil {
			t.Fatal(err)
		}
		w.hold(lockWeb())
		found, newest := w.milestones(0, time.Time{})
		if len(found) != 2 || found[0].RequestID != v.ID || found[1].RequestID != "" || found[1].Row != newest {
			t.Errorf("they are %v, to row %d", found, newest)
		}
		if found, again := w.milestones(newest, time.Time{}); len(found) != 0 || again != newest {
			t.Errorf("nothing came since, and yet %v, to row %d", found, again)
		}
		if found, _ := w.milestones(found[0].Row, time.Time{}); len(found) != 1 || found[0].RequestID != "" {
			t.Errorf("after the first they are %v", found)
		}
		if found, _ := w.milestones(0, time.Now().Add(time.Hour)); len(found) != 0 {
			t.Errorf("an hour from now on they are %v", found)
		}
	})
}

func TestMilestonesAreReadOverManyPages(t *testing.T) {
	inWorld(t, func(w *world) {
		for range 450 {
			w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "again"})
		}
		if found, _ := w.milestones(0, time.Time{}); len(found) != 450 {
			t.Errorf("there are %d, not 450", len(found))
		}
	})
}

// An older version kept of a hold what people read, and nothing else.
func TestAnOlderRowTellsOfItsHoldAsFarAsItGoes(t *testing.T) {
	inWorld(t, func(w *world) {
		err := w.ledger.Write(w.soon(), func(tx ledger.Tx) error {
			return tx.Audit(ledger.Event{
				At: time.Now(), Kind: "hold", Person: "ben", Front: policy.Page, ServerID: "12345", Account: "default",
				Detail: "lock hld_1 of server 12345: a disk: the second",
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		_, row := w.milestones(0, time.Time{})
		got, err := w.ballot.HoldChange(w.soon(), row)
		if h := got.Hold; err != nil || h.Kind != ledger.LockHold || h.Scope != ledger.ScopeServer || h.Value != "12345" || h.Because != "a disk: the second" {
			t.Errorf("it is %+v, %v", got, err)
		}
	})
}

func TestAHoldsRowTellsOfIt(t *testing.T) {
	inWorld(t, func(w *world) {
		h := w.hold(lockWeb())
		_, up := w.milestones(0, time.Time{})
		if _, err := w.desk.Lift(w.soon(), onPage("ana"), h.ID); err != nil {
			t.Fatal(err)
		}
		_, down := w.milestones(0, time.Time{})
		for row, want := range map[int64]gate.HoldChange{
			up:   {Person: "ben", Front: policy.Page, Server: "web-server-01"},
			down: {Person: "ana", Front: policy.Page, Server: "web-server-01", Lifted: true},
		} {
			got, err := w.ballot.HoldChange(w.soon(), row)
			if err != nil {
				t.Fatal(err)
			}
			if got.Person != want.Person || got.Front != want.Front || got.Server != want.Server || got.Lifted != want.Lifted {
				t.Errorf("row %d tells %+v", row, got)
			}
			if got.Hold.ID != h.ID || got.Hold.Owner != "ben" || got.Hold.Because != "disk swap" || !got.Hold.Until.Equal(h.Until) {
				t.Errorf("row %d tells of the hold %+v, not %+v", row, got.Hold, h)
			}
		}
		for _, none := range []int64{0, down + 1} {
			if _, err := w.ballot.HoldChange(w.soon(), none); !errors.Is(err, gate.ErrNotFound) {
				t.Errorf("row %d: %v", none, err)
			}
		}
	})
}
