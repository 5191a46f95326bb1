package tools_test

import (
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

var (
	other   = policy.Identity{Kind: policy.LocalUser, ID: "sam"}
	actorMe = policy.Actor{Identity: me, Front: policy.MCP}
)

// policyWithTwo is the local policy with a second person who may do the same.
func policyWithTwo(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.New(policy.Document{
		Version: 1,
		People:  map[string]policy.Person{"me": {Local: []string{"me"}}, "sam": {Local: []string{"sam"}}},
		Grants:  []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: policy.Actions()}},
		Guards: []policy.Guard{{
			ID: "confirm", Actions: []policy.Action{policy.Create, policy.Update, policy.Stop, policy.Reboot},
			Require: &policy.Require{ConfirmAsker: true, Factor: policy.Client},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// testClock is a clock that a test moves.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func clock() *testClock { return &testClock{now: time.Now()} }

func (c *testClock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) pass(seconds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Duration(seconds) * time.Second)
}

// audited counts the audit trail's rows of a kind.
func (w *world) audited(kind string) (n int) {
	w.t.Helper()
	err := w.audit.Read(w.t.Context(), func(tx ledger.ReadTx) error {
		events, err := tx.Events(10_000)
		for _, e := range events {
			if e.Kind == kind {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
