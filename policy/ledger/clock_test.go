//go:build unix

package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

// clockOf is what a ledger says to a machine whose clock is off by so much.
func clockOf(t testing.TB, l ledger.Ledger, off time.Duration) error {
	t.Helper()
	var said error
	err := l.Read(t.Context(), func(tx ledger.ReadTx) error {
		said = tx.Clock(func() time.Time { return time.Now().Add(off) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func auditAt(t testing.TB, l ledger.Ledger, at time.Time) {
	t.Helper()
	err := l.Write(t.Context(), func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: at, Kind: "ask"}) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClockThatWasSetBackShowsByTheTrail(t *testing.T) {
	path := t.TempDir() + "/ledger.db"
	first := openAt(t, path, ledger.Options{})
	if err := clockOf(t, first, -time.Hour); err != nil {
		t.Errorf("an empty trail says %v", err)
	}
	auditAt(t, first, time.Now())

	second := openAt(t, path, ledger.Options{})
	for off, right := range map[time.Duration]bool{0: true, -20 * time.Second: true, time.Hour: true, -time.Hour: false} {
		err := clockOf(t, second, off)
		var wrong *ledger.ClockError
		if right != (err == nil) || err != nil && (!errors.As(err, &wrong) || wrong.Against != ledger.TrailClock) {
			t.Errorf("%s off: %v", off, err)
		}
	}
	// Rows that a wrong clock writes make it no better.
	auditAt(t, second, time.Now().Add(-time.Hour))
	err := clockOf(t, second, -time.Hour)
	if err == nil || !strings.Contains(err.Error(), "1h0m0s behind the newest row of the audit trail") {
		t.Errorf("it says %v", err)
	}
}
