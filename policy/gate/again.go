package gate

import (
	"errors"
	"time"

	"vpsops/policy/ledger"
)

// How soon the ledger is tried again that could not take what must be written.
const (
	againFirst   = time.Second
	againSlowest = 30 * time.Second
)

// untilWritten tries until the ledger has taken it, or refuses it for good, or
// the gate closes: what a call came to must not be lost to a full disk, nor an
// approval to a database that restarts. It returns the last try's error.
func (g *Gate) untilWritten(requestID string, try func() error) error {
	for wait := againFirst; ; wait = min(wait*2, againSlowest) {
		err := try()
		if err == nil || isForGood(err) {
			return err
		}
		g.Logger.Error("the ledger could not be written and is tried again", "request", requestID, "error", err)
		select {
		case <-g.life.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// isForGood tells whether another try would fail as well.
func isForGood(err error) bool {
	return errors.Is(err, errNoLease) || errors.Is(err, ledger.ErrNotFound) || errors.Is(err, ledger.ErrNoEdge)
}
