package gate

import (
	"context"
	"errors"
	"time"

	"vpsops/policy/ledger"
)

// follow does what comes next by itself after a request was written: it runs
// what is approved, and ends what nobody decides in time.
func (g *Gate) follow(r ledger.Request) {
	switch r.State {
	case ledger.Approved:
		g.forgetTimer(r.ID)
		g.run(r.ID)
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

func (g *Gate) expireAt(id string, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, set := g.timers[id]; set || g.closing {
		return
	}
	g.timers[id] = time.AfterFunc(max(0, at.Sub(g.Now())), func() {
		g.forgetTimer(id)
		if err := g.expire(id); err != nil {
			g.Logger.Error("a request could not be expired", "request", id, "error", err)
		}
	})
}

// expire ends a request whose time is over. One that isn't, or that is decided
// already, stays as it is.
func (g *Gate) expire(id string) error {
	return g.Ledger.Write(context.Background(), func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = g.expireIfDue(tx, r)
		return err
	})
}

// expireIfDue returns the request as it is now, expired if its time is over.
func (g *Gate) expireIfDue(tx ledger.Tx, r ledger.Request) (ledger.Request, error) {
	if !r.State.Open() || g.Now().Before(r.ExpiresAt) {
		return r, nil
	}
	why := "nobody decided in time"
	if r.State == ledger.Approved {
		why = "it was approved, but not carried out in time"
	}
	return g.move(tx, r, ledger.Expired, eventState, why)
}
