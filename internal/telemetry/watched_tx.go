package telemetry

import (
	"time"

	"vpsops/policy/ledger"
)

// watchedTx remembers what a transaction does until it is committed.
type watchedTx struct {
	ledger.Tx
	states  map[string]ledger.State // as they were read
	asked   map[string]time.Time
	changes []change
	votes   []ledger.Vote
	uses    []ledger.Use
	kinds   []string // of audit rows
}

// change is a request's way into another state; one that is new was in none.
type change struct {
	before ledger.State
	now    ledger.Request
}

// decided tells whether the policy came to another decision: at the ask, or at a
// claim that it stopped.
func (c change) decided() bool {
	return c.before == "" || c.before == ledger.Approved && (c.now.State == ledger.Pending || c.now.State == ledger.Denied)
}

func newWatchedTx(tx ledger.Tx) *watchedTx {
	return &watchedTx{Tx: tx, states: make(map[string]ledger.State), asked: make(map[string]time.Time)}
}

func (t *watchedTx) saw(r ledger.Request) {
	t.states[r.ID], t.asked[r.ID] = r.State, r.CreatedAt
}

// Request implements [ledger.ReadTx].
func (t *watchedTx) Request(id string) (ledger.Request, error) {
	r, err := t.Tx.Request(id)
	if err == nil {
		t.saw(r)
	}
	return r, err
}

// Requests implements [ledger.ReadTx].
func (t *watchedTx) Requests(f ledger.Filter) ([]ledger.Request, error) {
	found, err := t.Tx.Requests(f)
	for _, r := range found {
		t.saw(r)
	}
	return found, err
}

// Insert implements [ledger.Tx].
func (t *watchedTx) Insert(r ledger.Request) error {
	err := t.Tx.Insert(r)
	if err == nil {
		t.saw(r)
		t.changes = append(t.changes, change{now: r})
	}
	return err
}

// Update implements [ledger.Tx].
func (t *watchedTx) Update(r ledger.Request) (ledger.Request, error) {
	after, err := t.Tx.Update(r)
	if before := t.states[r.ID]; err == nil && before != after.State {
		t.saw(after)
		t.changes = append(t.changes, change{before, after})
	}
	return after, err
}

// AddVote implements [ledger.Tx].
func (t *watchedTx) AddVote(v ledger.Vote) error {
	err := t.Tx.AddVote(v)
	if err == nil {
		t.votes = append(t.votes, v)
	}
	return err
}

// AddUse implements [ledger.Tx].
func (t *watchedTx) AddUse(u ledger.Use) error {
	err := t.Tx.AddUse(u)
	if err == nil {
		t.uses = append(t.uses, u)
	}
	return err
}

// Audit implements [ledger.Tx].
func (t *watchedTx) Audit(e ledger.Event) error {
	err := t.Tx.Audit(e)
	if err == nil {
		t.kinds = append(t.kinds, e.Kind)
	}
	return err
}
