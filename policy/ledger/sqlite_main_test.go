//go:build !postgres

package ledger_test

import (
	"os"
	"testing"

	"vpsops/internal/leaktest"
)

func TestMain(m *testing.M) {
	beChild()
	os.Exit(leaktest.Run(m))
}

// stores are the places that tests run against.
var stores = map[string]func(testing.TB) string{"SQLite": newPath}
