package main

import (
	"context"
	"sync"

	"vpsops/policy/ledger"
)

// openLedger opens the configured ledger.
func (c *core) openLedger(ctx context.Context) (*ledger.SQL, error) {
	dsn, err := c.storeAddress()
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, dsn, ledger.Options{Key: c.key, Logger: c.logger, OnCheckpoint: c.publish, OwnDates: true, OnlyRead: c.onlyRead})
}

// publish shows a checkpoint outside of the ledger, where something can.
func (c *core) publish(p ledger.Checkpoint) {
	if c.onCheckpoint != nil {
		c.onCheckpoint(p)
	}
}

// storeAddress is a path or an address of PostgreSQL, which may hold a
// password.
func (c *core) storeAddress() (string, error) {
	if url := c.cfg.Store.PostgresURL; url.IsSet() {
		return url.Reveal(), nil
	}
	return c.cfg.StorePath()
}

// storeWords say where the ledger is, without a password.
func (c *core) storeWords() string {
	switch {
	case c.sandbox:
		return "in memory: requests end with this process"
	case c.cfg.Store.PostgresURL.IsSet():
		return "in PostgreSQL"
	}
	path, err := c.cfg.StorePath()
	if err != nil {
		return err.Error()
	}
	return path
}

// lazyLedger opens the ledger when it is first wanted: an assistant that only
// lists tools or reads servers costs no file. Where it cannot be opened, what
// needs it is refused, and the next try is the next ask.
type lazyLedger struct {
	open   func() (ledger.Ledger, error)
	opened func() // told once; may be nil

	mu     sync.Mutex
	ledger ledger.Ledger
}

func (l *lazyLedger) get() (ledger.Ledger, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ledger != nil {
		return l.ledger, nil
	}
	opened, err := l.open()
	if err != nil {
		return nil, err
	}
	l.ledger = opened
	if l.opened != nil {
		go l.opened()
	}
	return opened, nil
}

// Write implements ledger.Ledger.
func (l *lazyLedger) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	opened, err := l.get()
	if err != nil {
		return err
	}
	return opened.Write(ctx, fn)
}

// Read implements ledger.Ledger.
func (l *lazyLedger) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	opened, err := l.get()
	if err != nil {
		return err
	}
	return opened.Read(ctx, fn)
}

// tryWrite shows whether a write would be taken. Memory takes every one.
func (l *lazyLedger) tryWrite(ctx context.Context) error {
	opened, err := l.get()
	if err != nil {
		return err
	}
	if stored, ok := opened.(*ledger.SQL); ok {
		return stored.TryWrite(ctx)
	}
	return nil
}

// Watch implements ledger.Ledger. Nothing changes in a ledger that cannot be
// opened.
func (l *lazyLedger) Watch(requestID string) (<-chan struct{}, func()) {
	opened, err := l.get()
	if err != nil {
		return nil, func() {}
	}
	return opened.Watch(requestID)
}

// Changes implements ledger.Ledger.
func (l *lazyLedger) Changes() *ledger.Changes {
	opened, err := l.get()
	if err != nil {
		return ledger.NewChanges(nil)
	}
	return opened.Changes()
}

// Close implements ledger.Ledger.
func (l *lazyLedger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ledger == nil {
		return nil
	}
	return l.ledger.Close()
}
