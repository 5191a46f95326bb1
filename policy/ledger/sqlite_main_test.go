//go:build !postgres

package ledger_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	beChild()
	goleak.VerifyTestMain(m)
}

// stores are the places that tests run against.
var stores = map[string]func(testing.TB) string{"SQLite": newPath}
