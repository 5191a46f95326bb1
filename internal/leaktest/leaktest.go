// Package leaktest holds tests to leave no goroutine behind, by goleak. That alone
// gives those that are about to end less than half a second, in which a busy machine
// may not get to them.
package leaktest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long goroutines may take to end. It only holds up what leaks.
const patience = 20 * time.Second

// Run runs a package's tests, and returns the process's exit code: 1 also where they
// pass and leave a goroutine behind.
func Run(m *testing.M, but ...goleak.Option) int {
	code := m.Run()
	if code != 0 {
		return code
	}
	if err := Find(but...); err != nil {
		fmt.Fprintln(os.Stderr, "the tests passed, and:", err)
		return 1
	}
	return 0
}

// None fails a test where there are goroutines beside its own.
func None(t testing.TB, but ...goleak.Option) {
	t.Helper()
	if err := Find(but...); err != nil {
		t.Error(err)
	}
}

// Find waits until there is no goroutine beside the caller's, and returns an error
// that shows the others where they are still there when its patience ends.
func Find(but ...goleak.Option) error {
	for began := time.Now(); ; {
		err := goleak.Find(but...)
		if err == nil || time.Since(began) >= patience {
			return err
		}
	}
}
