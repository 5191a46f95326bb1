package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// maxTries is how often a transaction runs that others' keep from committing.
const maxTries = 8

// Read implements [Ledger]: fn sees one moment of the ledger.
func (s *SQL) Read(ctx context.Context, fn func(ReadTx) error) error {
	return s.reading(ctx, func(v *sqlView) error { return fn(v) })
}

func (s *SQL) reading(ctx context.Context, fn func(*sqlView) error) error {
	if err := s.usable(ctx, "read"); err != nil {
		return err
	}
	tx, err := s.beginRead(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // there is nothing to take back
	return fn(&sqlView{s: s, ctx: ctx, tx: tx})
}

// beginRead gets past connections of the pool that died with the server.
func (s *SQL) beginRead(ctx context.Context) (*sql.Tx, error) {
	for try := 1; ; try++ {
		tx, err := s.reader.BeginTx(ctx, s.read)
		if err == nil {
			return tx, nil
		}
		if err = s.fault("read", err); try == maxTries || !s.again(err) {
			return nil, err
		}
		if err := pause(ctx, time.Duration(try)*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// Write implements [Ledger]. The head row is updated before anything else, so
// that writing transactions of all processes come one after the other: what fn
// reads stays so until it has written.
func (s *SQL) Write(ctx context.Context, fn func(Tx) error) error {
	return s.writing(ctx, func(t *sqlTx) error { return fn(t) })
}

func (s *SQL) writing(ctx context.Context, fn func(*sqlTx) error) error {
	if err := s.usable(ctx, "write"); err != nil {
		return err
	}
	return s.persistently(ctx, func() error {
		tx, err := s.writeOnce(ctx, fn)
		if err == nil {
			s.after(tx)
		}
		return err
	})
}

// persistently gets past what others' transactions, or connections of the pool that
// died, keep from being done.
func (s *SQL) persistently(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == maxTries || !s.again(err) {
			return err
		}
		if err := pause(ctx, time.Duration(try)*time.Millisecond); err != nil {
			return err
		}
	}
}

// TryWrite commits a write that leaves everything as it was: only so it shows that the
// next one would be taken, where a file or a standby may be read-only, a disk full, or
// a lock held by who never gives it back. Nor would one be where another key signs.
func (s *SQL) TryWrite(ctx context.Context) error {
	if err := s.usable(ctx, "write"); err != nil {
		return err
	}
	return s.persistently(ctx, func() error {
		done, err := s.turn(ctx)
		if err != nil {
			return err
		}
		defer done()
		return s.holdingHead(ctx, func(v *sqlView) error {
			if s.clerk.key != nil {
				if err := v.mustBeOurs(); err != nil {
					return err
				}
			}
			// The count of writes, which holding the head has raised: nobody finds one.
			_, err := v.exec("write", "UPDATE head SET writes = writes - 1 WHERE id = 1")
			return err
		})
	})
}

// turn waits for this process's turn to write. A pool serves those who wait in no
// order, and the last may wait long.
func (s *SQL) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *SQL) writeOnce(ctx context.Context, fn func(*sqlTx) error) (*sqlTx, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	raw, err := s.beginWrite(ctx, "write")
	if err != nil {
		return nil, err
	}
	defer raw.end()
	tx := &sqlTx{sqlView: sqlView{s: s, ctx: ctx, tx: raw.Tx}, proofs: make(proofs), known: make(map[string]Request), touched: make(map[string]bool)}
	if err := tx.begin(); err != nil {
		return nil, err
	}
	if err := fn(tx); err != nil {
		return nil, err
	}
	if !tx.wrote {
		return tx, nil // nothing to commit: no disk need be waited for
	}
	if err := tx.end(); err != nil {
		return nil, err
	}
	if err := raw.commit(); err != nil && !s.committed(ctx, tx, err) {
		return nil, err
	}
	return tx, nil
}

// holdingHead runs fn while no transaction writes. It commits a write of its own,
// that of the head: once this is acknowledged, so is all that was committed before.
func (s *SQL) holdingHead(ctx context.Context, fn func(*sqlView) error) error {
	raw, err := s.writer.BeginTx(ctx, s.write)
	if err != nil {
		return s.fault("write", err)
	}
	defer raw.Rollback() //nolint:errcheck // after a commit it does nothing; else the error is on its way already
	tx := &sqlTx{sqlView: sqlView{s: s, ctx: ctx, tx: raw}}
	if err := tx.begin(); err != nil {
		return err
	}
	if err := fn(&tx.sqlView); err != nil {
		return err
	}
	return s.fault("write", raw.Commit())
}

// after tells of what a committed transaction has done.
func (s *SQL) after(tx *sqlTx) {
	if !tx.wrote {
		return
	}
	s.watch.wrote(tx.writes, tx.changed)
	for _, c := range tx.signed {
		s.options.Logger.Info("audit checkpoint", "seq", c.Seq, "checkpoint", c.String())
		if s.options.OnCheckpoint != nil {
			s.options.OnCheckpoint(c)
		}
	}
}

// usable tells early what SQLite tells late or never: an unlinked file can be
// written to for ever.
func (s *SQL) usable(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return &StoreError{Op: op, Store: s.store, Problem: Closed}
	}
	if s.present == nil {
		return nil
	}
	if err := s.present(); err != nil {
		return &StoreError{Op: op, Store: s.store, Problem: Gone, Err: err}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// found turns no row into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
