package gate

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// eventClaimRefused is the kind of the row that says why an approved request is
// not carried out yet.
const eventClaimRefused = "claim-refused"

// ruleClock names the gate's own denial of an ask.
const ruleClock = "clock"

// heldBack begins the message of an approved request that waits for the clock, or for
// Slack to tell of its people.
const heldBack = "it has its votes and waits: "

// heldBackWords say to who would approve it that there is nothing to approve.
const heldBackWords = "it has the votes it needs, and waits; a no ends it"

// clockWatch notices a wall clock that is set, by time that passes whatever it
// says.
type clockWatch struct {
	mu     sync.Mutex
	wall   time.Time     // that was taken for right last
	uptime time.Duration // when it was

	api       time.Time     // what the API's clock said last; zero before it did
	apiUptime time.Duration // when it did
}

// jumped returns why the wall clock cannot be trusted, or nil. What it drifts by
// less than anybody minds is taken for right.
func (w *clockWatch) jumped(wall time.Time, uptime time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	wall = wall.Round(0) // the wall's own time alone
	if err := w.against(wall, uptime); err != nil {
		return err
	}
	w.wall, w.uptime = wall, uptime
	return nil
}

// against holds the wall clock against what the API's clock said, which also
// tells one that was wrong from the first, and against itself: unless the API's
// shows that it was set right.
func (w *clockWatch) against(wall time.Time, uptime time.Duration) error {
	if !w.api.IsZero() {
		there := w.api.Add(uptime - w.apiUptime)
		if err := ledger.AgainstClock(ledger.APIClock, wall, there); err != nil {
			return err
		}
		if wall.Sub(there).Abs() <= ledger.ClockTolerance {
			return nil
		}
	}
	if w.wall.IsZero() {
		return nil
	}
	return ledger.AgainstClock(ledger.ElapsedClock, wall, w.wall.Add(uptime-w.uptime))
}

// heard tells whether the API's clock has said anything yet.
func (w *clockWatch) heard() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.api.IsZero()
}

// told takes what the API's clock said. By now it shows something between that and
// what has passed since the call began: of that the wall clock is given the benefit.
func (w *clockWatch) told(date time.Time, took time.Duration, wall time.Time, uptime time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.api, w.apiUptime = wall.Round(0), uptime
	if latest := date.Add(took + time.Second); w.api.After(latest) { // a date is cut to its second
		w.api = latest
	}
	if w.api.Before(date) {
		w.api = date
	}
}

// APITime takes what the API's clock said in the answer to a call that has just
// ended and took so long, with no time in it that the machine slept. The gate's own
// clock is held against it until it is told another: one that was wrong before vpsops
// began shows by nothing else on this machine. Without [Config.Uptime] it is not used.
func (g *Gate) APITime(date time.Time, took time.Duration) {
	if g.Uptime != nil {
		g.clock.told(date, took, g.Now(), g.Uptime())
	}
}

// jumped tells whether this process's clock is not the API's, or was set since
// it began: a *ledger.ClockError, or nil.
func (g *Gate) jumped() error {
	if g.Uptime == nil {
		return nil
	}
	return g.clock.jumped(g.Now(), g.Uptime())
}

// trustClock returns a *ledger.ClockError while what the clock says is not to be
// trusted.
func (g *Gate) trustClock(tx ledger.ReadTx) error {
	if err := g.jumped(); err != nil {
		return err
	}
	err := tx.Clock(g.Now)
	var off *ledger.ClockError
	if errors.As(err, &off) && off.Against == ledger.TrailClock && g.clock.heard() {
		return nil // by the API's it is right: it was wrong when that row was written
	}
	return err
}

// errSetMeanwhile takes back a write during which the clock was set.
var errSetMeanwhile = errors.New("the clock was set meanwhile")

// writeInTime is a write whose times are those that fn held the clock for right by.
// One during which it was set is taken back, and made again: fn then finds it wrong.
func (g *Gate) writeInTime(ctx context.Context, fn func(ledger.Tx) error) error {
	write := func() error {
		return g.Ledger.Write(ctx, func(tx ledger.Tx) error {
			wrongBefore := g.jumped() != nil
			if err := fn(tx); err != nil || wrongBefore {
				return err
			}
			if g.jumped() != nil {
				return errSetMeanwhile
			}
			return nil
		})
	}
	err := write()
	if errors.Is(err, errSetMeanwhile) {
		err = write()
	}
	return err
}

// CheckClock tells whether this machine's clock can be trusted: nil, a
// *[ledger.ClockError], or why the ledger could not be asked. While it cannot,
// asks, votes to approve and claims are refused; reads, denials and cancelling
// go on.
func (g *Gate) CheckClock(ctx context.Context) error {
	return g.Ledger.Read(ctx, g.trustClock)
}

// wrongClock tells a clock that is off from one that could not be looked at.
func wrongClock(err error) bool {
	var off *ledger.ClockError
	return errors.As(err, &off)
}

// clockRefuses returns a *VoteError while no approval can count for the clock's
// sake; err says that it could not be looked at.
func (g *Gate) clockRefuses(tx ledger.ReadTx) (refused, err error) {
	err = g.trustClock(tx)
	if wrongClock(err) {
		return &VoteError{Problem: err.Error(), Err: err}, nil
	}
	return nil, err
}

// denyWrongClock denies an ask while its times could not be trusted. The error
// says that the clock could not be looked at.
func (g *Gate) denyWrongClock(tx ledger.ReadTx, d *policy.Decision) error {
	err := g.trustClock(tx)
	if wrongClock(err) {
		deny(d, ruleClock, err.Error())
		return nil
	}
	return err
}

// isHeldBack tells whether an approved request waits so.
func isHeldBack(r ledger.Request) bool {
	return r.State == ledger.Approved && strings.HasPrefix(r.Message, heldBack)
}

// HeldBack tells whether it has its votes and is not carried out yet, since something
// can't be known: its message says what.
func (v View) HeldBack() bool { return isHeldBack(v.Request) }

// holdBack leaves an approved request as it is, and says why it waits: into the trail
// and the log once, on the request whenever it is something else.
func (g *Gate) holdBack(tx ledger.Tx, r ledger.Request, why error) (ledger.Request, error) {
	heldBefore, message := isHeldBack(r), heldBack+why.Error()
	if r.Message == message {
		return r, nil
	}
	r.Message = message
	r, err := tx.Update(r)
	if err != nil || heldBefore {
		return r, err
	}
	g.Logger.Error("an approved request is held back", "request", r.ID, "error", why)
	return r, tx.Audit(g.ownEvent(eventClaimRefused, r, why.Error()))
}
