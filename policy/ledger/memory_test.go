package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"vpsops/policy/ledger"
	"vpsops/policy/ledger/ledgertest"
)

func TestMemory(t *testing.T) {
	ledgertest.TestLedger(t, func(t testing.TB) ledger.Ledger {
		m := ledger.NewMemory()
		t.Cleanup(func() {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
		return m
	})
}

// What memory forgets first is what ended longest ago; what is open or may
// still be settled stays.
func TestMemoryIsBounded(t *testing.T) {
	m := ledger.NewMemory()
	write := func(fn func(tx ledger.Tx) error) {
		t.Helper()
		if err := m.Write(context.Background(), fn); err != nil {
			t.Fatal(err)
		}
	}
	insert := func(id string, state ledger.State) {
		write(func(tx ledger.Tx) error {
			return tx.Insert(ledger.Request{ID: id, State: state, Operation: json.RawMessage(`{}`), Shown: json.RawMessage(`{}`)})
		})
	}
	insert("open", ledger.Pending)
	const many = 25_000
	for i := range many {
		insert(fmt.Sprintf("denied%d", i), ledger.Denied)
	}
	var ids []string
	if err := m.Read(context.Background(), func(tx ledger.ReadTx) error {
		found, err := tx.Requests(ledger.Filter{})
		for _, r := range found {
			ids = append(ids, r.ID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(ids) > 10_000 || !slices.Contains(ids, "open") || ids[0] != fmt.Sprintf("denied%d", many-1) {
		t.Errorf("%d are left, from %s to %s", len(ids), ids[0], ids[len(ids)-1])
	}
}

func TestTheStatesThatWaitAndThoseThatEnd(t *testing.T) {
	for _, s := range ledgertest.States {
		open := s == ledger.Pending || s == ledger.Approved
		if s.Open() != open {
			t.Errorf("%s is open: %t", s, s.Open())
		}
		if final := len(ledgertest.Edges[s]) == 0; s.Final() != final {
			t.Errorf("%s is final: %t", s, s.Final())
		}
		for _, next := range ledgertest.States {
			if got := s.MayBecome(next); got != ledgertest.Edges[s][next] {
				t.Errorf("%s may become %s: %t", s, next, got)
			}
		}
	}
}
