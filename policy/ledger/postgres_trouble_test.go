//go:build postgres && unix

package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"vpsops/policy/ledger"
	"vpsops/policy/ledger/pgtest"
)

func TestPostgresOutOfSpaceWritesNothingUntilThereIsSome(t *testing.T) {
	// Where tables find no space PostgreSQL says so; where its log finds none it dies.
	for name, start := range map[string]func() (*pgtest.Server, error){
		"for tables": pgtest.StartOnDisk, "for the log": pgtest.StartLimited,
	} {
		t.Run(name, func(t *testing.T) {
			private, err := start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := private.Stop(); err != nil {
					t.Error(err)
				}
			})
			outOfSpace(t, private)
		})
	}
}

func outOfSpace(t *testing.T, private *pgtest.Server) {
	t.Helper()
	dsn, err := private.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := openAt(t, dsn, ledger.Options{})
	mustAudit(t, l)
	if err := private.FillDisk(); err != nil {
		t.Fatal(err)
	}
	written := int64(1)
	for err = audit(l); err == nil; err = audit(l) { // it has some space in hand
		written++
	}
	t.Logf("with %s, row %d: %v", private.DiskKind(), written+1, err)
	if got := problemOf(t, err); got != ledger.Full && got != ledger.Unreachable {
		t.Errorf("it says %s", got)
	}
	if err := private.FreeDisk(); err != nil {
		t.Fatal(err)
	}
	mustAudit(t, l)
	r := verify(t, l, ledger.VerifyOptions{})
	mustHold(t, r)
	if r.Rows != written+1 {
		t.Errorf("%d rows, want %d", r.Rows, written+1)
	}
}

func newPair(t *testing.T) (pair *pgtest.Pair, dsn string) {
	t.Helper()
	pair, err := pgtest.StartPair(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pair.Stop(); err != nil {
			t.Error(err)
		}
	})
	if dsn, err = pair.DSN(t.Context()); err != nil {
		t.Fatal(err)
	}
	return pair, dsn
}

func TestALedgerGoesOnWhereTheStandbyTakesOver(t *testing.T) {
	pair, dsn := newPair(t)
	mine, others := openAt(t, dsn, ledger.Options{}), openAt(t, dsn, ledger.Options{})
	s := newStory(t, others, "req_1").ask()
	changed, stop := mine.Watch("req_1")
	defer stop()
	for _, voter := range []string{"ana", "ben"} { // there, and back
		if err := pair.FailOver(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.vote(voter)
		awake(t, changed)
		if err := pair.Rejoin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r := verify(t, mine, ledger.VerifyOptions{})
	mustHold(t, r)
	if r.Rows != 3 {
		t.Errorf("%d rows, want 3", r.Rows)
	}
}

func awake(t *testing.T, changed <-chan struct{}) {
	t.Helper()
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("it was not woken")
	}
}

// A commit that waits for the standby is seen by others once its connection is cut,
// and is lost all the same if the primary is now.
func TestACommitThatTheStandbyLacksIsNotTakenForDone(t *testing.T) {
	pair, dsn := newPair(t)
	l := openAt(t, dsn, ledger.Options{})
	mustAudit(t, l)
	if err := pair.LoseStandby(); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() { written <- audit(l) }()
	comesTo(t, pair.CutWaiting)
	if got := problemOf(t, <-written); got != ledger.Unreachable {
		t.Errorf("it says %s", got)
	}
	if err := pair.Rejoin(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustAudit(t, l)
	mustHold(t, verify(t, l, ledger.VerifyOptions{}))
}

func comesTo(t *testing.T, be func(context.Context) (bool, error)) {
	t.Helper()
	for {
		is, err := be(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if is {
			return
		}
	}
}

func TestPostgresTellsOthersWithoutTheirAsking(t *testing.T) {
	dsn := newDSN(t)
	mine, others := openAt(t, dsn, ledger.Options{}.WithPoll(time.Hour)), openAt(t, dsn, ledger.Options{})
	s := newStory(t, others, "req_1").ask()
	changed, stop := mine.Watch("req_1")
	defer stop()
	// The first may have come before it listens, and is found as that begins.
	for _, voter := range []string{"ana", "ben", "cy"} {
		s.vote(voter)
		awake(t, changed)
	}
}

// Behind another connection there may be another database, which lacks what was seen.
func TestAWatcherWhoseConnectionWasCutIsWoken(t *testing.T) {
	dsn := newDSN(t)
	mine := openAt(t, dsn, ledger.Options{}.WithPoll(time.Millisecond))
	newStory(t, mine, "req_1").ask()
	changed, stop := mine.Watch("req_1")
	defer stop()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	comesTo(t, func(ctx context.Context) (cut bool, err error) { // once it listens
		err = db.QueryRowContext(ctx, "SELECT COUNT(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'").Scan(&cut)
		return cut, err
	})
	awake(t, changed)
}

func TestWhatNobodyIsToldIsFoundByLooking(t *testing.T) {
	dsn := newDSN(t)
	mine, others := openAt(t, dsn, ledger.Options{}), openAt(t, dsn, ledger.Options{})
	others.Mute()
	s := newStory(t, others, "req_1").ask()
	changed, stop := mine.Watch("req_1")
	defer stop()
	for _, voter := range []string{"ana", "ben", "cy"} {
		s.vote(voter)
		awake(t, changed)
	}
}

func TestReplicasWhoseClocksDifferWriteOneTrail(t *testing.T) {
	dsn := newDSN(t)
	began := time.Now()
	for range 2 {
		for _, off := range []time.Duration{0, time.Hour, 20 * time.Second, -time.Hour, -20 * time.Second} {
			l := openAt(t, dsn, ledger.Options{OwnDates: true})
			auditAt(t, l, time.Now().Add(off))
		}
	}
	l := openAt(t, dsn, ledger.Options{})
	if n := inOrderSince(t, l, began); n != 10 {
		t.Errorf("%d rows", n)
	}
}

// inOrderSince counts the rows of a trail that are all to be dated between then and
// now, in their order.
func inOrderSince(t *testing.T, l *ledger.SQL, began time.Time) (rows int) {
	t.Helper()
	mustHold(t, verify(t, l, ledger.VerifyOptions{Skew: time.Microsecond})) // what PostgreSQL's clock tells apart
	read(t, l, func(tx ledger.ReadTx) error {
		events, err := tx.Events(20)
		for _, e := range events {
			if e.At.Before(began.Add(-time.Second)) || e.At.After(time.Now().Add(time.Second)) {
				t.Errorf("row %d is dated %s", e.Seq, e.At)
			}
		}
		rows = len(events)
		return err
	})
	return rows
}

func TestRowsOfAnOperatorWhoseClockIsOffAreDatedByPostgres(t *testing.T) {
	for name, off := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			l := openAt(t, newDSN(t), ledger.Options{Key: key, OwnDates: true})
			began := time.Now()
			mustAudit(t, l) // and a checkpoint, as the first row has
			parted := time.Now()
			mustAudit(t, l)
			mustAudit(t, l)
			if removed, err := l.Prune(t.Context(), parted, time.Now().Add(off)); err != nil || removed != 2 {
				t.Fatalf("%d rows went, %v", removed, err)
			}
			c, err := l.Checkpoint(t.Context(), time.Now().Add(off))
			if err != nil {
				t.Fatal(err)
			}
			mustAudit(t, l)
			if n := inOrderSince(t, l, began); n != 6 {
				t.Errorf("%d rows", n)
			}
			if d := time.Since(c.At); d.Abs() > time.Minute {
				t.Errorf("the checkpoint is dated %s ago", d)
			}
		})
	}
}

// A replica whose clock is ahead must not let a link be used again at those whose
// clocks are right, nor sign everybody out.
func TestAClockThatIsAheadForgetsNothingInPostgres(t *testing.T) {
	l := openAt(t, newDSN(t), ledger.Options{})
	now := time.Now()
	spend := func(token string, at time.Time) error {
		return l.Write(context.Background(), func(tx ledger.Tx) error { return tx.Spend(token, at, at.Add(10*time.Minute)) })
	}
	signIn := func(id string, at time.Time) {
		write(t, l, func(tx ledger.Tx) error {
			return tx.AddSession(ledger.Session{IDHash: id, Person: "ana", Created: at, Expires: at.Add(8 * time.Hour)})
		})
	}
	ahead := now.Add(24 * time.Hour)
	signIn("mine", now)
	signIn("another", ahead)
	if err := errors.Join(spend("code", now), spend("another", ahead)); err != nil {
		t.Fatal(err)
	}
	if err := spend("code", now.Add(time.Second)); !errors.Is(err, ledger.ErrSpent) {
		t.Errorf("it could be used again: %v", err)
	}
	err := l.Read(t.Context(), func(tx ledger.ReadTx) error { _, err := tx.Session("mine", now); return err })
	if err != nil {
		t.Errorf("a sign-in is gone: %v", err)
	}
}

// Where a database is out of reach and nothing says so, no answer ever comes.
func TestALedgerWhoseDatabaseDoesNotAnswerCanBeClosed(t *testing.T) {
	for name, wait := range map[string]func(l *ledger.SQL) func(){
		"by who watches a request": func(l *ledger.SQL) func() { _, stop := l.Watch("req_1"); return stop },
		"by who takes a feed":      func(l *ledger.SQL) func() { return l.Changes().Close },
	} {
		t.Run(name, func(t *testing.T) {
			c, dsn := startCutter(t, newDSN(t))
			l := openAt(t, dsn, ledger.Options{})
			mustAudit(t, l)
			asked := c.swallow()
			ended := make(chan struct{}, 1)
			go func() {
				stop := wait(l)
				stop()
				ended <- struct{}{}
			}()
			awake(t, asked)
			closed := make(chan struct{}, 1)
			go func() {
				_ = l.Close() // its connections can't say goodbye
				closed <- struct{}{}
			}()
			awake(t, closed)
			awake(t, ended)
		})
	}
}

func TestWhoWatchesADatabaseThatDoesNotAnswerIsNotKept(t *testing.T) {
	c, dsn := startCutter(t, newDSN(t))
	l := openAt(t, dsn, ledger.Options{})
	mustAudit(t, l)
	c.swallow()
	ended := make(chan struct{}, 2)
	for range 2 {
		go func() {
			_, stop := l.Watch("req_1")
			defer stop()
			ended <- struct{}{}
		}()
	}
	awake(t, ended)
	awake(t, ended)
}
