package slackbot_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"vpsops/policy/ledger"
)

// life is a process's, which can end between any two steps, as by kill -9: from
// then on nothing it does comes about.
type life struct {
	over atomic.Bool
	left atomic.Int64 // writes to the ledger until it ends; 0: it doesn't
	// elsewhere is a host beside Slack's that was called.
	elsewhere atomic.Value
}

var errDead = errors.New("the process is no more")

// dies ends the process now.
func (i *instance) dies() { i.life.over.Store(true) }

// diesAfter ends the process when the ledger has taken so many writes of its.
func (i *instance) diesAfter(writes int) { i.life.left.Store(int64(writes)) }

type mortalLedger struct {
	ledger.Ledger
	life *life
}

// Write implements ledger.Ledger.
func (m mortalLedger) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	if m.life.over.Load() {
		return errDead
	}
	err := m.Ledger.Write(ctx, fn)
	if err == nil && m.life.left.Load() > 0 && m.life.left.Add(-1) == 0 {
		m.life.over.Store(true)
	}
	return err
}

// Read implements ledger.Ledger.
func (m mortalLedger) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	if m.life.over.Load() {
		return errDead
	}
	return m.Ledger.Read(ctx, fn)
}

type mortalTransport struct {
	http.RoundTripper
	life *life
}

// RoundTrip implements http.RoundTripper.
func (m mortalTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.life.over.Load() {
		return nil, errDead
	}
	if strings.Contains(r.URL.Host, "evil") {
		m.life.elsewhere.Store(r.URL.Host)
	}
	return m.RoundTripper.RoundTrip(r)
}

// CloseIdleConnections lets a client close those of the transport.
func (m mortalTransport) CloseIdleConnections() {
	if c, ok := m.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
