package gate

import (
	"context"
	"maps"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// sweepEvery is how soon a process takes up what another left behind.
const sweepEvery = 2 * time.Second

// overdue is how long after the last moment at which a call may have been on
// its way the process that made it is taken for gone.
const overdue = 5 * time.Second

// Resume takes up what is open in the ledger, now and until Close: requests of
// this process before it ended, and of others that share the ledger and ended
// since. Nothing is sent again.
func (g *Gate) Resume() {
	if g.begin() != nil {
		return
	}
	go func() {
		defer g.running.Done()
		for {
			if err := g.sweep(g.life); err != nil && g.life.Err() == nil {
				g.Logger.Error("open requests could not be looked through", "error", err)
			}
			select {
			case <-g.life.Done():
				return
			case <-time.After(sweepEvery):
			}
		}
	}()
}

// sweep looks through every request that is not at its end: of those that wait
// for votes, of which there may be many, through what expires before the next
// sweeps, and what has its votes already.
func (g *Gate) sweep(ctx context.Context) error {
	var open []ledger.Request
	var expiring []ledger.Outline
	var enough []ledger.Request
	err := g.Ledger.Read(ctx, func(tx ledger.ReadTx) (err error) {
		expiring, err = tx.Outlines(ledger.Filter{States: []ledger.State{ledger.Pending}, ExpiresBefore: g.Now().Add(3 * sweepEvery)})
		if err == nil {
			enough, err = g.waitingForNothing(tx)
		}
		if err == nil {
			open, err = tx.Requests(ledger.Filter{States: []ledger.State{ledger.Approved, ledger.Executing, ledger.Unknown}})
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range expiring {
		g.expireOnce(o.ID, o.ExpiresAt)
	}
	g.recountAll(ctx, enough)
	for _, r := range open {
		if err := g.takeUp(ctx, r); err != nil {
			g.Logger.Error("a request could not be taken up", "request", r.ID, "error", err)
		}
	}
	return nil
}

func (g *Gate) takeUp(ctx context.Context, r ledger.Request) error {
	switch r.State {
	case ledger.Approved:
		g.expireOnce(r.ID, r.ExpiresAt)
		// Whoever counted the last vote runs it at once; this is for one who
		// did not live to, or serves another account.
		if g.Now().Sub(r.ApprovedAt) > sweepEvery && g.serves(r) && g.triesAgain(r) {
			g.run(ctx, r.ID)
		}
	case ledger.Executing:
		return g.takeOver(ctx, r)
	case ledger.Unknown:
		if g.Now().Sub(r.SendingAt) < settleGiveUp {
			return g.settleLeft(r)
		}
	}
	return nil
}

// heldFor is how long what is held back waits for the next try: Slack is asked at
// each.
const heldFor = 10 * time.Second

// triesAgain tells whether an approved request is to be claimed now: not while it is
// tried, which may take as long as the ledger can't be written.
func (g *Gate) triesAgain(r ledger.Request) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.claims[r.ID] > 0 {
		return false
	}
	if !isHeldBack(r) {
		return true
	}
	now := g.Now()
	maps.DeleteFunc(g.tried, func(_ string, tried time.Time) bool {
		since := now.Sub(tried)
		return since < 0 || since >= heldFor // the clock may have been set back
	})
	if _, ok := g.tried[r.ID]; ok {
		return false
	}
	g.tried[r.ID] = now
	return true
}

// expireOnce sets the timer of a request that has none here.
func (g *Gate) expireOnce(id string, at time.Time) {
	g.mu.Lock()
	_, set := g.timers[id]
	g.mu.Unlock()
	if !set {
		g.expireAt(id, at)
	}
}

// takeOver ends the claim of a process that is gone. Before "sending" nothing
// can have left it, nor can any more: its lease is over. After it, the call may
// have been made.
func (g *Gate) takeOver(ctx context.Context, r ledger.Request) error {
	gone := r.LeaseUntil.Add(overdue)
	if !r.SendingAt.IsZero() {
		gone = gone.Add(sendDeadline)
	}
	if g.Now().Before(gone) {
		return nil
	}
	var after ledger.Request
	err := g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		now, err := tx.Request(r.ID)
		if after = now; err != nil || now.State != ledger.Executing || now.Fence != r.Fence {
			return err
		}
		if err := g.trustClock(tx); err != nil {
			return err // it may be at work yet
		}
		if !now.SendingAt.IsZero() {
			after, err = g.move(tx, now, ledger.Unknown, eventOutcome, "whether it happened is not known: the process that sent it ended before the answer")
			return err
		}
		if err := tx.Refund(now.ID); err != nil {
			return err
		}
		after, err = g.move(tx, now, ledger.Failed, eventOutcome, "nothing was sent: the process that was to send it ended first")
		return err
	})
	if err != nil || after.State != ledger.Unknown {
		return err
	}
	return g.settleLeft(after)
}

// settleLeft settles an unknown outcome that no goroutine here looks into yet,
// if this process has the account it was sent to.
func (g *Gate) settleLeft(r ledger.Request) error {
	if r.Action == policy.Reboot || !g.serves(r) {
		return nil
	}
	j, err := g.newJob(r)
	if err != nil {
		return err
	}
	g.settle(j)
	return nil
}

// serves tells whether this process has the very account that a request was
// made for: its API address and its token.
func (g *Gate) serves(r ledger.Request) bool {
	j, err := g.newJob(r)
	if err != nil {
		return false
	}
	return j.frozen().intent(r.Person) == r.Intent
}
