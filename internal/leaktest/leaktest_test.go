package leaktest_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"vpsops/internal/leaktest"
)

func staysFor(d time.Duration) { time.Sleep(d) }

// A machine that is busy with something else gets to a goroutine's end when it can.
func TestOnlyAGoroutineThatStaysIsALeak(t *testing.T) {
	for stay, leaks := range map[time.Duration]bool{0: false, 10 * time.Second: false, time.Hour: true} {
		synctest.Test(t, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			go staysFor(stay)
			err := leaktest.Find(before)
			if (err != nil) != leaks || leaks && !strings.Contains(err.Error(), "leaktest_test.staysFor") {
				t.Errorf("one that stays for %s: %v", stay, err)
			}
			time.Sleep(stay)
		})
	}
}
