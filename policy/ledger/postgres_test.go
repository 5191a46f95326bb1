//go:build postgres && unix

package ledger_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"vpsops/internal/leaktest"
	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
	"vpsops/policy/ledger/pgtest"
)

var server *pgtest.Server

func TestMain(m *testing.M) {
	beChild()
	var err error
	if server, err = pgtest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// The server's own goroutines end after those of the tests.
	code := leaktest.Run(m, goleak.IgnoreCurrent())
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func newDSN(t testing.TB) string {
	t.Helper()
	dsn, err := server.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

func TestPostgres(t *testing.T) {
	ledgertest.TestLedger(t, func(t testing.TB) ledger.Ledger { return openAt(t, newDSN(t), ledger.Options{}) })
}

// stores are the places that tests run against.
var stores = map[string]func(testing.TB) string{"SQLite": newPath, "PostgreSQL": newDSN}
