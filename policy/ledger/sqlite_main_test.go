//go:build !postgres

package ledger_test

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	beChild()
	os.Exit(m.Run())
}

// stores are the places that tests run against.
var stores = map[string]func(testing.TB) string{"SQLite": newPath}
