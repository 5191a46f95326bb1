package ledger_test

import (
	"path/filepath"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
)

var (
	epoch = time.Date(2026, 11, 24, 10, 0, 0, 123456789, time.UTC)
	key   = seal.NewKey([32]byte{1, 2, 3})
)

// openAt opens a ledger that is closed when the test ends.
func openAt(t testing.TB, dsn string, o ledger.Options) *ledger.SQL {
	t.Helper()
	l, err := ledger.Open(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.db") }

func TestSQLite(t *testing.T) {
	ledgertest.TestLedger(t, func(t testing.TB) ledger.Ledger { return openAt(t, newPath(t), ledger.Options{}) })
}
