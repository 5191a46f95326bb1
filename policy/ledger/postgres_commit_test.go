//go:build postgres && unix

package ledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

// cutter stands between a ledger and its server, and cuts the connection at a
// commit: before the server has it, or before its answer is back. Or it keeps that
// answer back until it may go on, or lets nothing through and says nothing.
type cutter struct {
	net.Listener
	server string
	before atomic.Bool
	after  atomic.Bool
	held   atomic.Pointer[heldAnswer]
	hole   atomic.Pointer[chan struct{}] // what is sent is lost, and told of
	cuts   atomic.Int64
}

// heldAnswer is the answer to a commit that is kept back.
type heldAnswer struct {
	came  chan struct{} // closed when there is one
	goOn  chan struct{} // closed to let it through
	taken atomic.Bool
}

// swallow has whatever is sent from now on get lost, and tells of the first.
func (c *cutter) swallow() <-chan struct{} {
	hole := make(chan struct{}, 1)
	c.hole.Store(&hole)
	return hole
}

// hold keeps the answer to the next commit back until the test is over, at the latest.
func (c *cutter) hold(t *testing.T) *heldAnswer {
	h := &heldAnswer{came: make(chan struct{}), goOn: make(chan struct{})}
	c.held.Store(h)
	t.Cleanup(h.letGo)
	return h
}

func (h *heldAnswer) letGo() {
	if !h.taken.Swap(true) {
		close(h.goOn)
	}
}

func startCutter(t *testing.T, dsn string) (*cutter, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	c := &cutter{server: q.Get("host") + "/.s.PGSQL.5432"}
	if c.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	over, end := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := c.Accept()
			if err != nil {
				return
			}
			all.Go(func() { c.serve(over, client) })
		}
	})
	t.Cleanup(func() { _ = c.Close(); end(); all.Wait() })
	u.Host = c.Addr().String()
	q.Del("host")
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return c, u.String()
}

func (c *cutter) serve(over context.Context, client net.Conn) {
	defer client.Close()
	defer context.AfterFunc(over, func() { _ = client.Close() })()
	server, err := net.Dial("unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var silent atomic.Bool
	var held atomic.Pointer[heldAnswer]
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if silent.Load() || err != nil {
				return // the answer to the commit has come, and is kept back
			}
			if h := held.Swap(nil); h != nil {
				close(h.came)
				<-h.goOn
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			break
		}
		if hole := c.hole.Load(); hole != nil {
			select {
			case *hole <- struct{}{}:
			default:
			}
			continue
		}
		if bytes.Contains(buffer[:n], []byte("commit\x00")) {
			if c.before.Swap(false) {
				c.cuts.Add(1)
				break
			}
			if c.after.Swap(false) {
				c.cuts.Add(1)
				silent.Store(true)
			}
			held.Store(c.held.Swap(nil))
		}
		if _, err := io.Copy(server, bytes.NewReader(buffer[:n])); err != nil {
			break
		}
	}
	_ = server.Close()
	<-done
}

func TestACommitWhoseAnswerIsLostIsLookedFor(t *testing.T) {
	c, dsn := startCutter(t, newDSN(t))
	l := openAt(t, dsn, ledger.Options{})
	mustAudit(t, l)
	c.after.Store(true)
	if err := audit(l); err != nil {
		t.Errorf("it was committed, and the answer is %v", err)
	}
	c.before.Store(true)
	if got := problemOf(t, audit(l)); got != ledger.Unreachable {
		t.Errorf("it was not committed, and the answer is %s", got)
	}
	mustAudit(t, l)
	if c.cuts.Load() != 2 {
		t.Fatalf("%d connections were cut", c.cuts.Load())
	}
	r := verify(t, l, ledger.VerifyOptions{})
	mustHold(t, r)
	if r.Rows != 3 {
		t.Errorf("%d rows", r.Rows)
	}
}

// Whoever waits may go away while it is committed: it is written all the same, and
// said to be.
func TestAContextThatEndsInTheCommitUndoesNothing(t *testing.T) {
	c, dsn := startCutter(t, newDSN(t))
	l := openAt(t, dsn, ledger.Options{})
	mustAudit(t, l)
	answer := c.hold(t)
	ctx, cancel := context.WithCancel(t.Context())
	written := make(chan error, 1)
	go func() {
		written <- l.Write(ctx, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: epoch, Kind: "ask"}) })
	}()
	<-answer.came
	cancel()
	answer.letGo()
	if err := <-written; err != nil {
		t.Errorf("it was committed, and the answer is %v", err)
	}
	if r := verify(t, l, ledger.VerifyOptions{}); r.Rows != 2 {
		t.Errorf("%d rows", r.Rows)
	}
}

func TestACommitThatIsNotAnsweredIsLookedFor(t *testing.T) {
	c, dsn := startCutter(t, newDSN(t))
	l := openAt(t, dsn, ledger.Options{}.WithCommitTime(50*time.Millisecond))
	mustAudit(t, l)
	c.hold(t)
	if err := audit(l); err != nil {
		t.Errorf("it was committed, and the answer is %v", err)
	}
	if r := verify(t, l, ledger.VerifyOptions{}); r.Rows != 2 {
		t.Errorf("%d rows", r.Rows)
	}
}

// A statement must not outlast its caller: here it waits for who holds the head.
func TestAContextThatEndsBeforeTheCommitWritesNothing(t *testing.T) {
	dsn := newDSN(t)
	l := openAt(t, dsn, ledger.Options{})
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	err = l.Write(t.Context(), func(tx ledger.Tx) error {
		waits := make(chan error, 1)
		go func() {
			waits <- l.Write(ctx, func(tx ledger.Tx) error { return tx.Audit(ledger.Event{At: epoch, Kind: "ask"}) })
		}()
		comesTo(t, func(ctx context.Context) (is bool, err error) {
			err = db.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&is)
			return is, err
		})
		cancel()
		if err := <-waits; !errors.Is(err, context.Canceled) {
			t.Errorf("its answer is %v", err)
		}
		return tx.Audit(ledger.Event{At: epoch, Kind: "ask"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := verify(t, l, ledger.VerifyOptions{}); r.Rows != 1 {
		t.Errorf("%d rows", r.Rows)
	}
}
