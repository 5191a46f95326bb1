package gate

import (
	"context"
	"errors"
	"time"

	"vpsops/policy/ledger"
)

// expireAgain is the pause before an expiry that failed is tried again.
const expireAgain = time.Minute

// follow does what comes next by itself after a request was written: it runs
// what is approved, and ends what nobody decides in time.
func (g *Gate) follow(ctx context.Context, r ledger.Request) {
	switch r.State {
	case ledger.Approved:
		// A claim that fails leaves it approved: it must still expire.
		g.expireAt(r.ID, r.ExpiresAt)
		g.run(ctx, r.ID)
	case ledger.Pending:
		g.expireAt(r.ID, r.ExpiresAt)
	default:
		g.forgetTimer(r.ID)
	}
}

func (g *Gate) forgetTimer(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t, ok := g.timers[id]; ok {
		t.Stop()
		delete(g.timers, id)
	}
}

// expireAt sets the request's timer, in the place of one it may have.
func (g *Gate) expireAt(id string, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t, set := g.timers[id]; set {
		t.Stop()
		delete(g.timers, id)
	}
	if g.closing {
		return
	}
	g.timers[id] = time.AfterFunc(max(0, at.Sub(g.Now())), func() { g.timeIsUp(id) })
}

// timeIsUp expires a request, and comes back for one whose time was put off or
// that could not be written.
func (g *Gate) timeIsUp(id string) {
	g.forgetTimer(id)
	r, err := g.expire(context.Background(), id)
	switch {
	case err != nil:
		g.Logger.Error("a request could not be expired", "request", id, "error", err)
		g.expireAt(id, g.Now().Add(expireAgain))
	case g.due(r): // the clock is off
		g.expireAt(id, g.Now().Add(expireAgain))
	case r.State.Open():
		g.expireAt(id, r.ExpiresAt)
	}
}

// expire ends a request whose time is over. One that isn't, or that is decided
// already, stays as it is.
func (g *Gate) expire(ctx context.Context, id string) (after ledger.Request, err error) {
	err = g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		after, err = g.expireIfDue(tx, r)
		return err
	})
	return after, err
}

// expireDue ends those whose time is over and of which no process was there to see it,
// and tells whether any did. Where that can't be written down they stand as they are.
func (g *Gate) expireDue(ctx context.Context, views []View) (some bool) {
	for _, v := range views {
		if !g.due(v.Request) {
			continue
		}
		after, err := g.expire(ctx, v.ID)
		some = some || err == nil && after.State != v.State
	}
	return some
}

// due tells whether a request should have expired.
func (g *Gate) due(r ledger.Request) bool {
	return r.State.Open() && !g.Now().Before(r.ExpiresAt)
}

// expireIfDue returns the request as it is now, expired if its time is over. A
// clock that is off ends nothing.
func (g *Gate) expireIfDue(tx ledger.Tx, r ledger.Request) (ledger.Request, error) {
	if !g.due(r) {
		return r, nil
	}
	if err := g.trustClock(tx); err != nil {
		if wrongClock(err) {
			err = nil
		}
		return r, err
	}
	why := "nobody decided in time"
	if r.State == ledger.Approved {
		why = "it was approved, but not carried out in time"
	}
	return g.move(tx, r, ledger.Expired, eventState, why)
}
