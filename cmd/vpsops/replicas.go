package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	policyRow  = "policy" // the kind of audit row that tells of policies
	policyPage = 100
	hashShown  = 12
)

// replicas finds out whether another process that shares the ledger has put
// another policy in force since this one did: by the audit trail, in which each
// writes down what it serves under. Then the stricter of the two counts, and
// somebody should see to it that all have the same file.
type replicas struct {
	core   *core
	mu     sync.Mutex
	seen   int64 // the trail was read up to this row
	newest string
	row    int64 // where it stands in the trail
	at     time.Time
}

// watchReplicas has readiness compare policies from now on: call it before this
// process writes down its own.
func (c *core) watchReplicas(ctx context.Context) {
	r := &replicas{core: c}
	_ = c.ledger.Read(ctx, func(tx ledger.ReadTx) error { // where it fails, all of the trail is read at the first check
		last, err := tx.Events(1)
		if err == nil && len(last) > 0 {
			r.seen = last[0].Seq
		}
		return err
	})
	c.checks = append(c.checks, readyCheck{"replicas", r.check})
}

func (r *replicas) check(ctx context.Context) finding {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.core.ledger.Read(ctx, r.readOn); err != nil {
		return finding{text: "the policies of other replicas cannot be read: see ledger", wrong: true}
	}
	own := r.core.policy.current.Load().Hash()
	// A row of this process's own is no other's, though it may have another policy in
	// force by now and not have been able to write that down.
	if r.newest == "" || r.newest == own || r.row == r.core.ownNote.Load() {
		return finding{text: "ok"}
	}
	return finding{wrong: true, text: fmt.Sprintf(
		"another replica has put the policy %s in force at %s, and this one has %s: see that all have the same file, and that it is fit to be used",
		short(r.newest), r.at.UTC().Format(time.RFC3339), short(own))}
}

// readOn reads what was written since the last look.
func (r *replicas) readOn(tx ledger.ReadTx) error {
	last, err := tx.Events(1)
	if err != nil || len(last) == 0 {
		return err
	}
	for {
		page, err := tx.Trail(ledger.EventFilter{After: r.seen, Kinds: []string{policyRow}, Oldest: true, Limit: policyPage})
		if err != nil {
			return err
		}
		for _, row := range page {
			if hash, ok := strings.CutPrefix(row.Detail, gate.PolicyInForce); ok {
				r.newest, r.row, r.at = hash, row.Seq, row.At
			}
			r.seen = row.Seq
		}
		if len(page) < policyPage {
			r.seen = last[0].Seq
			return nil
		}
	}
}

func short(hash string) string { return hash[:min(len(hash), hashShown)] }
