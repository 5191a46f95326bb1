package gate_test

import (
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// reads are the audit rows about reads.
func (w *world) reads() (reads []ledger.Event) {
	for _, e := range w.events() {
		if e.Kind == "read" || e.Kind == "read-denied" {
			reads = append(reads, e)
		}
	}
	return reads
}

func TestReadsStandInTheTrailAWhileLater(t *testing.T) {
	inWorld(t, func(w *world) {
		server := vpsapi.Server{ID: vpsapi.NumberID(web), Name: "web-server-01"}
		for range 3 {
			if err := w.desk.MayRead(actor("ana"), policy.Get, "main", &server); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.desk.MayRead(actor("ana"), policy.List, "main", nil); err != nil {
			t.Fatal(err)
		}
		if err := w.desk.MayRead(actor("dee"), policy.List, "main", nil); err == nil {
			t.Error("dee may list")
		}
		if n := len(w.reads()); n != 0 {
			t.Errorf("%d rows are written on the way of the reads", n)
		}
		time.Sleep(time.Minute)
		var got []string
		for _, e := range w.reads() {
			got = append(got, e.Kind+" "+e.Person+" "+e.ServerID+" "+e.Detail)
		}
		want := []string{"read ana  list × 1", "read ana 12345 get × 3", "read-denied dee  list × 1"}
		if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("the rows are %q, want %q", got, want)
		}
	})
}

func TestReadsAreWrittenAtTheEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		g := w.newGate(w.account)
		if err := g.Desk().MayRead(actor("ana"), policy.List, "main", nil); err != nil {
			t.Fatal(err)
		}
		w.close(g)
		if n := len(w.reads()); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

func TestReadsDoNotWaitForTheTrail(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		broken.arm(0, false)
		for range 3 {
			if err := w.desk.MayRead(actor("ana"), policy.List, "main", nil); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		}
		broken.mend()
	}, func(w *world, c *gate.Config) { withLedger(broken)(w, c) })
}
