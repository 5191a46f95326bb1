//go:build crash && postgres && unix

package main

import (
	"testing"

	"vpsops/policy/ledger/pgtest"
)

func init() {
	crashStores["postgres"] = func(t *testing.T) string {
		server, err := pgtest.Start()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		})
		dsn, err := server.DSN(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return dsn
	}
}
