//go:build !postgres

package ledger_test

import "testing"

func TestMain(m *testing.M) { testMain(m) }

// stores are the places that tests run against.
var stores = map[string]func(testing.TB) string{"SQLite": newPath}
