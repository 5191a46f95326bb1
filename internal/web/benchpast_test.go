package web_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"vpsops/internal/web/webtest"
	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
)

func openLedger(b *testing.B) ledger.Ledger {
	b.Helper()
	l, err := ledger.Open(context.Background(), filepath.Join(b.TempDir(), "ledger.db"), ledger.Options{Key: webtest.Key})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l
}

// addPast writes requests that are long done, each with its votes and audit
// rows, like one that was asked in earnest.
func addPast(b *testing.B, l ledger.Ledger, pattern ledger.Request, from, to int) {
	b.Helper()
	err := l.Write(context.Background(), func(tx ledger.Tx) error {
		for i := from; i < to; i++ {
			if err := past(tx, pattern, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

var people = []string{"ana", "ben", "cy", "dan"}

func past(tx ledger.Tx, pattern ledger.Request, i int) error {
	r := pattern
	r.ID, r.Version, r.Person, r.ServerID = fmt.Sprintf("req_past%d", i), 0, people[i%len(people)], fmt.Sprint(12345+i%500)
	if i == 7 {
		r.Person = "ana"
	}
	return ledgertest.InsertPast(tx, r, people[:3]...)
}
