package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const opCommit = "commit"

// commitTime is how long a commit is waited for, whoever waits: a standby that it
// waits for in turn may be gone.
const commitTime = 10 * time.Second

// writeTx is a transaction that ends with a context until it is committed. A driver
// that is interrupted in a commit can't tell whether it was done, so from there on
// the context has no say.
type writeTx struct {
	*sql.Tx
	s       *SQL
	ctx     context.Context //nolint:containedctx // it is whose end ends the transaction
	cancel  context.CancelFunc
	release func() bool // from the context's end
}

func (s *SQL) beginWrite(ctx context.Context, op string) (*writeTx, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	release := context.AfterFunc(ctx, cancel)
	tx, err := s.writer.BeginTx(own, s.write)
	if err == nil {
		return &writeTx{tx, s, ctx, cancel, release}, nil
	}
	release()
	cancel()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, s.fault(op, err)
}

// commit is the context's error where that had ended before, and nothing was begun.
func (w *writeTx) commit() error {
	if !w.release() {
		return w.ctx.Err()
	}
	enough := time.AfterFunc(w.s.options.commit, w.cancel)
	defer enough.Stop()
	err := w.Commit()
	if unanswered(err) {
		err = &StoreError{Op: opCommit, Store: w.s.store, Problem: Unreachable, Err: fmt.Errorf("a commit was not answered in %s", w.s.options.commit)}
	}
	return w.s.fault(opCommit, err)
}

func unanswered(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// end takes back what was not committed.
func (w *writeTx) end() {
	w.release()
	_ = w.Rollback() // after a commit it does nothing; else the error is on its way already
	w.cancel()
}

// doubtTime is how long a commit whose answer was lost is looked for.
const doubtTime = 5 * time.Second

// committed tells whether a commit that ended in an error was done all the
// same: the connection to the database may have broken after it. Holding the
// head means that the transaction is over either way; its last audit row then
// says which. One without an audit row is taken for not done. Nor is one that a
// synchronous standby may not have: it stands, and would be lost with the primary.
func (s *SQL) committed(ctx context.Context, tx *sqlTx, err error) bool {
	var fault *StoreError
	if tx.began == tx.seq || !errors.As(err, &fault) || fault.Problem != Unreachable {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doubtTime)
	defer cancel()
	for {
		var hash string
		err := s.holdingHead(ctx, func(v *sqlView) error {
			return v.one("look for a commit", "SELECT hash FROM audit WHERE seq = ?", []any{tx.seq}, &hash)
		})
		if err == nil || errors.Is(err, ErrNotFound) {
			return err == nil && hash == tx.hash.String()
		}
		if pause(ctx, doubtTime/50) != nil {
			return false
		}
	}
}
