package ledger

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"vpsops/internal/seal"
)

// Options are what a ledger in a database needs beside its place.
type Options struct {
	// Key signs checkpoints and hashes secrets that stray into the trail. All
	// processes that share a ledger have the same: a ledger that another has signed
	// is refused. Without one there are no checkpoints.
	Key seal.Key
	// OnlyRead is said by who writes nothing: a ledger that another key has signed
	// is opened all the same, and Verify tells of it.
	OnlyRead bool
	// A checkpoint follows so many audit rows (1,000 where 0), or the first
	// row this long after the last checkpoint (10 minutes where 0).
	CheckpointRows  int
	CheckpointAfter time.Duration
	// OnCheckpoint, if not nil, is called with each checkpoint once it is
	// written, to be kept where this ledger's file can't be reached. It must
	// not block. The logger gets every checkpoint anyway.
	OnCheckpoint func(Checkpoint)
	Logger       *slog.Logger // discards where nil
	// OwnDates has PostgreSQL date the trail's rows, by the one clock that all
	// processes have in common, whatever dates they come with: rows stand in the order
	// of their dates, whichever process's clock is off, or is set meanwhile. Where a
	// standby takes over they go on by its clock, which may be behind: Verify lets that
	// pass up to ClockTolerance. In SQLite there is no other clock, and it changes
	// nothing.
	OwnDates bool

	networkFS func(path string) (string, error) // the kind of network file system, or ""
	busy      time.Duration                     // how long SQLite waits for another process
	commit    time.Duration                     // commitTime where 0
	poll      time.Duration                     // pollEvery where 0
	looked    func(error)                       // told of each look for others' writes, if not nil
}

func (o Options) withDefaults() Options {
	if o.CheckpointRows == 0 {
		o.CheckpointRows = 1000
	}
	if o.CheckpointAfter == 0 {
		o.CheckpointAfter = 10 * time.Minute
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.busy == 0 {
		o.busy = 10 * time.Second
	}
	if o.commit == 0 {
		o.commit = commitTime
	}
	if o.networkFS == nil {
		o.networkFS = networkFS
	}
	return o
}

// SQL is a ledger in SQLite or PostgreSQL. Several processes may share one. It
// is safe for concurrent use.
type SQL struct {
	*dialect
	store   string // for messages
	writer  *sql.DB
	turns   chan struct{} // who holds one may write; they are had in the order of asking
	reader  *sql.DB
	clerk   *clerk
	options Options
	present func() error // the file is still the one that was opened; or nil
	explain explainer    // knows more of a fault than the database says; or nil
	opened  time.Time    // when the newest row that was there already was written
	watch   watch
	closed  atomic.Bool
}

var _ Ledger = (*SQL)(nil)

// Open opens a ledger, or makes an empty one: dsn is the path of an SQLite file
// (a new one gets mode 0600, a new folder 0700), or postgres://… as libpq
// writes it. Errors are a *StoreError that says what to do.
//
// An SQLite file may be shared by processes of one machine; on a network file
// system it is refused. Close what Open returns.
func Open(ctx context.Context, dsn string, o Options) (*SQL, error) {
	s := &SQL{options: o.withDefaults()}
	s.clerk = newClerk(o.Key, s.options.CheckpointRows, s.options.CheckpointAfter)
	open := s.openSQLite
	if isPostgres(dsn) {
		open = s.openPostgres
	}
	err := open(ctx, dsn)
	if err == nil {
		err = s.migrate(ctx)
	}
	if err == nil && s.clock == "" {
		err = s.reading(ctx, (*sqlView).noteNewest)
	}
	if err == nil && s.clerk.key != nil && !o.OnlyRead {
		err = s.reading(ctx, (*sqlView).mustBeOurs)
	}
	if err != nil {
		return nil, errors.Join(err, s.closePools())
	}
	s.watch.init(s)
	return s, nil
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// Close implements [Ledger]. Transactions that run come to their end first.
func (s *SQL) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.watch.close()
	return s.closePools()
}

func (s *SQL) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} { // the last to close an SQLite file tidies it, and must be able to write
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// fault makes a *StoreError of what a database answered.
func (s *SQL) fault(op string, err error) error {
	var known *StoreError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	problem := s.problem(err)
	if s.explain != nil {
		problem, err = s.explain(problem, err)
	}
	return &StoreError{Op: op, Store: s.store, Problem: problem, Err: err}
}
