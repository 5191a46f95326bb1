//go:build postgres && unix

package ledger_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"vpsops/policy/ledger"
)

// cutter stands between a ledger and its server, and cuts the connection at a
// commit: before the server has it, or before its answer is back.
type cutter struct {
	net.Listener
	server string
	before atomic.Bool
	after  atomic.Bool
	cuts   atomic.Int64
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
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := c.Accept()
			if err != nil {
				return
			}
			all.Go(func() { c.serve(client) })
		}
	})
	t.Cleanup(func() { _ = c.Close(); all.Wait() })
	u.Host = c.Addr().String()
	q.Del("host")
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return c, u.String()
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var silent atomic.Bool
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
		if bytes.Contains(buffer[:n], []byte("commit\x00")) {
			if c.before.Swap(false) {
				c.cuts.Add(1)
				break
			}
			if c.after.Swap(false) {
				c.cuts.Add(1)
				silent.Store(true)
			}
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
