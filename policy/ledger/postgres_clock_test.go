//go:build postgres && unix

package ledger_test

import (
	"errors"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

func TestPostgresTellsAClockThatIsOff(t *testing.T) {
	l := openAt(t, newDSN(t), ledger.Options{})
	auditAt(t, l, time.Now().Add(24*time.Hour)) // another's wrong clock concerns nobody else
	for off, right := range map[time.Duration]bool{
		0: true, 20 * time.Second: true, -20 * time.Second: true, 10 * time.Minute: false, -10 * time.Minute: false,
	} {
		err := clockOf(t, l, off)
		var wrong *ledger.ClockError
		if right != (err == nil) || err != nil && (!errors.As(err, &wrong) || wrong.Against != ledger.DatabaseClock) {
			t.Fatalf("%s off: %v", off, err)
		}
		if wrong != nil && (wrong.Off()-off).Abs() > 5*time.Second {
			t.Errorf("%s off: it says %s", off, wrong.Off())
		}
	}
}
