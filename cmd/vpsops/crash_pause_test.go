//go:build crash && unix

package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// doorkeeper is a listener that keeps one connection waiting for the first
// byte of its TLS handshake, so that it does not stand.
type doorkeeper struct {
	net.Listener
	keeps   atomic.Pointer[func() bool] // whether it is this one
	kept    chan struct{}               // closed when it waits
	release chan struct{}               // closed when it may go on
}

func (d *doorkeeper) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if keeps := d.keeps.Load(); err == nil && keeps != nil && (*keeps)() {
		d.keeps.Store(nil)
		close(d.kept)
		c = &keptConn{c, d.release}
	}
	return c, err
}

type keptConn struct {
	net.Conn
	release chan struct{}
}

func (c *keptConn) Read(p []byte) (int, error) {
	<-c.release
	return c.Conn.Read(p)
}

func TestAProcessThatWakesPastItsLeaseSendsNothing(t *testing.T) {
	for name, another := range map[string]bool{"alone": false, "taken over": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyStore(t, func(t *testing.T, store string) {
				d := &doorkeeper{kept: make(chan struct{}), release: make(chan struct{})}
				s := newSite(t, store, crashPolicy, 6, func(api http.Handler) *httptest.Server {
					server := httptest.NewUnstartedServer(api)
					d.Listener, server.Listener = server.Listener, d
					server.StartTLS()
					return server
				})
				h := s.serve()
				if another {
					s.serve()
				}
				s.sleepThrough(h, d, another)
				s.provable()
			})
		})
	}
}

func (s *site) sleepThrough(h *house, d *doorkeeper, another bool) {
	s.Helper()
	c := &change{action: policy.Stop, server: 12345, tool: "stop_server", args: `{"server":12345}`}
	after := &change{action: policy.Reboot, server: 12346, tool: "reboot_server", args: `{"server":12346}`}
	if err := c.ask(h); err != nil {
		s.Fatal(err)
	}
	// A handshake is given up sooner than the lease ends, so most of the lease
	// goes by before it: at the last look, and in waiting for the ledger.
	look := sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet, Path: "/api/v1/servers/12345/"}, Kind: sandbox.KindDelay, Delay: 8 * time.Second, Times: 1}
	if err := s.api.SetFaults([]sandbox.Fault{look}); err != nil {
		s.Fatal(err)
	}
	// The write has a connection of its own, opened once "sending" is written.
	sending := func() bool { return slices.Contains(s.kinds(c), "sending") }
	d.keeps.Store(&sending)
	voted := make(chan error, 1)
	go func() { voted <- c.confirm(h) }() // answered within patience, or an error
	s.holdLedger(c, 3*time.Second)
	release := sync.OnceFunc(func() { close(d.release) })
	defer release()
	s.until("a connection for the call", func() bool {
		select {
		case <-d.kept:
			return true
		default:
			return false
		}
	})
	s.signal(h, syscall.SIGSTOP)
	s.until("the end of the lease", func() bool {
		r, _ := s.recorded(c)
		if another {
			return r.State.Final()
		}
		return time.Now().After(r.LeaseUntil.Add(100 * time.Millisecond))
	})
	release()
	s.signal(h, syscall.SIGCONT)
	if err := <-voted; err != nil {
		s.Error(err)
	}
	s.until("an end", func() bool { r, _ := s.recorded(c); return r.State.Final() })
	r, _ := s.recorded(c)
	if calls := s.calls(c); len(calls) > 0 || r.State != ledger.Failed {
		s.Errorf("it is %s (%s), and the API received %+v", r.State, r.Message, calls)
	}
	if !another && !strings.Contains(r.Message, "ran out") {
		s.Errorf("it does not say why: %s", r.Message)
	}
	// What is asked for now is done: the process is as well as before.
	if err := after.ask(h); err != nil {
		s.Fatal(err)
	}
	if err := after.confirm(h); err != nil {
		s.Fatal(err)
	}
	if calls := s.calls(after); len(calls) != 1 {
		s.Errorf("the next change was sent %d times", len(calls))
	}
	h.end()
	if calls := s.calls(c); len(calls) > 0 {
		s.Errorf("at the end the API has received %+v", calls)
	}
}

// holdLedger keeps everybody from writing until a claim's lease is nearly over.
func (s *site) holdLedger(c *change, left time.Duration) {
	s.Helper()
	s.until("a claim", func() bool { return slices.Contains(s.kinds(c), "claim") })
	r, _ := s.recorded(c)
	err := s.audit.Write(context.Background(), func(ledger.Tx) error {
		<-time.After(time.Until(r.LeaseUntil.Add(-left)))
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

func (s *site) signal(h *house, what syscall.Signal) {
	s.Helper()
	if err := h.cmd.Process.Signal(what); err != nil {
		s.Fatal(err)
	}
}
