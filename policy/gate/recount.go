package gate

import (
	"context"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// hasItsVotes tells whether a pending request waits for nothing any more, as groups
// are now. Whether votes suffice is looked at when one is given; but who gave one
// may not have been known to be in their group then (it could not be read, or
// another process counted that reads none), and be known to be now. Where a vote to
// approve would be refused, nothing is counted; nor where the request could not be
// carried out: who counts, claims.
func (g *Gate) hasItsVotes(tx ledger.ReadTx, pol *policy.Policy, r ledger.Request) (bool, error) {
	if r.State != ledger.Pending || g.due(r) || g.ReadOnly {
		return false, nil
	}
	missing, err := g.missing(tx, pol, r)
	if err != nil || len(missing) > 0 || !g.serves(r) {
		return false, err
	}
	if newest, err := g.hasNewestPolicy(tx, pol); err != nil || !newest {
		return false, err
	}
	if err = g.trustClock(tx); wrongClock(err) {
		return false, nil
	}
	return err == nil, err
}

// hasNewestPolicy tells whether the trail tells of no policy that another process has
// put in force since this one did its own: by one of before somebody may count who
// has been taken out.
func (g *Gate) hasNewestPolicy(tx ledger.ReadTx, pol *policy.Policy) (bool, error) {
	const looked = 20 // rows: files that were refused stand among them
	rows, err := tx.Trail(ledger.EventFilter{Kinds: []string{eventPolicy}, Limit: looked})
	for _, row := range slices.Backward(rows) {
		if hash, ok := strings.CutPrefix(row.Detail, PolicyInForce); ok {
			return hash == pol.Hash(), err
		}
	}
	return len(rows) < looked, err
}

// waitingForNothing returns the pending requests that have their votes.
func (g *Gate) waitingForNothing(tx ledger.ReadTx) (found []ledger.Request, err error) {
	pol := g.Policy()
	voted, err := tx.Requests(ledger.Filter{States: []ledger.State{ledger.Pending}, HasYes: true})
	if err != nil {
		return nil, err
	}
	for _, r := range voted {
		has, err := g.hasItsVotes(tx, pol, r)
		if err != nil {
			return nil, err
		}
		if has {
			found = append(found, r)
		}
	}
	return found, nil
}

// recountAll is recount of several, in its own time: it may have to ask Slack, which
// holds up no other request. While it does, no other begins.
func (g *Gate) recountAll(ctx context.Context, found []ledger.Request) {
	if len(found) == 0 || !g.recounting.CompareAndSwap(false, true) {
		return
	}
	if g.begin() != nil {
		g.recounting.Store(false)
		return
	}
	go func() {
		defer g.running.Done()
		defer g.recounting.Store(false)
		for _, r := range found {
			if err := g.recount(ctx, r); err != nil && ctx.Err() == nil {
				g.Logger.Error("the votes on a request could not be counted again", "request", r.ID, "error", err)
			}
		}
	}()
}

// recount approves a request that has its votes, as the last of them would have,
// and carries it out.
func (g *Gate) recount(ctx context.Context, found ledger.Request) error {
	word := g.wordOnVotes(ctx, found)
	pol := word.without(g.Policy())
	var after ledger.Request
	err := g.writeInTime(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(found.ID)
		if after = r; err != nil {
			return err
		}
		has, err := g.hasItsVotes(tx, pol, r)
		if err != nil || !has {
			return err
		}
		// Nobody has just said yes: what is counted again lives no longer by it.
		after, err = g.approved(tx, pol, r, r.ExpiresAt)
		return err
	})
	if err == nil && after.State == ledger.Approved {
		g.follow(ctx, after)
	}
	return err
}

// approved takes a request that has its votes to what follows, which is over at a time
// at the latest.
func (g *Gate) approved(tx ledger.Tx, pol *policy.Policy, r ledger.Request, latest time.Time) (ledger.Request, error) {
	r.ApprovedAt = g.Now()
	if r.ExpiresAt = r.ApprovedAt.Add(pol.Limits().RunWithin); latest.Before(r.ExpiresAt) {
		r.ExpiresAt = latest
	}
	return g.move(tx, r, ledger.Approved, eventState, "has the votes it needs")
}
