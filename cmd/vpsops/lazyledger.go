package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vpsops/policy/ledger"
)

const (
	// openTime is how long somebody waits for a ledger to open: longer than SQLite
	// waits for another process, and shorter than a client waits for its answer.
	openTime = 20 * time.Second
	// leaveTime is how long the end of the program waits for what it opens.
	leaveTime = 2 * time.Second
	opOpen    = "open"
)

// lazyLedger opens the ledger when it is first wanted: an assistant that only
// lists tools or reads servers costs no file. Where it cannot be opened, what
// needs it is refused, and the next try is the next ask. One that is slow to open
// goes on opening, as it may have a schema to bring up to date, and whoever wants it
// is refused after openTime.
type lazyLedger struct {
	store  string // where it is, without a password
	open   func(context.Context) (ledger.Ledger, error)
	opened func() // told once; may be nil

	mu     sync.Mutex
	try    *opening // the last one; nil before the first
	closed bool
}

// opening is one try, whose result may be read once done is closed.
type opening struct {
	done   chan struct{}
	giveUp context.CancelFunc
	ledger ledger.Ledger
	err    error
}

// isDone tells whether the try is over, and how it ended.
func (o *opening) isDone() (done bool, err error) {
	select {
	case <-o.done:
		return true, o.err
	default:
		return false, nil
	}
}

// begin opens the ledger, or joins who does.
func (l *lazyLedger) begin() (*opening, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, &ledger.StoreError{Op: opOpen, Store: l.store, Problem: ledger.Closed}
	}
	if l.try != nil {
		if _, err := l.try.isDone(); err == nil {
			return l.try, nil
		}
	}
	ctx, giveUp := context.WithCancel(context.Background())
	o := &opening{done: make(chan struct{}), giveUp: giveUp}
	l.try = o
	go func() {
		defer close(o.done)
		o.ledger, o.err = l.open(ctx)
		switch {
		case o.err != nil:
			giveUp()
		case ctx.Err() != nil: // too late: the program ends
			o.err = errors.Join(ctx.Err(), o.ledger.Close())
		case l.opened != nil:
			go l.opened()
		}
	}()
	return o, nil
}

// await waits until the ledger is open, however long that takes, or until ctx ends.
func (l *lazyLedger) await(ctx context.Context) error {
	o, err := l.begin()
	if err != nil {
		return err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// get waits for openTime at most.
func (l *lazyLedger) get(ctx context.Context) (ledger.Ledger, error) {
	o, err := l.begin()
	if err != nil {
		return nil, err
	}
	if done, err := o.isDone(); done { // nearly always
		return o.ledger, err
	}
	patience := time.NewTimer(openTime)
	defer patience.Stop()
	select {
	case <-o.done:
		return o.ledger, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		return nil, &ledger.StoreError{Op: opOpen, Store: l.store, Problem: ledger.Unreachable, Err: fmt.Errorf("after %s it is still being opened", openTime)}
	}
}

// Write implements ledger.Ledger.
func (l *lazyLedger) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	opened, err := l.get(ctx)
	if err != nil {
		return err
	}
	return opened.Write(ctx, fn)
}

// Read implements ledger.Ledger.
func (l *lazyLedger) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	opened, err := l.get(ctx)
	if err != nil {
		return err
	}
	return opened.Read(ctx, fn)
}

// tryWrite shows whether a write would be taken. Memory takes every one.
func (l *lazyLedger) tryWrite(ctx context.Context) error {
	opened, err := l.get(ctx)
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
	opened, err := l.get(context.Background())
	if err != nil {
		return nil, func() {}
	}
	return opened.Watch(requestID)
}

// Changes implements ledger.Ledger.
func (l *lazyLedger) Changes() *ledger.Changes {
	opened, err := l.get(context.Background())
	if err != nil {
		return ledger.NewChanges(nil)
	}
	return opened.Changes()
}

// Close implements ledger.Ledger. What is being opened is given up.
func (l *lazyLedger) Close() error {
	l.mu.Lock()
	l.closed = true
	o := l.try
	l.mu.Unlock()
	if o == nil {
		return nil
	}
	o.giveUp()
	select {
	case <-o.done:
	case <-time.After(leaveTime): // nothing was written yet
		return nil
	}
	if o.err != nil {
		return nil //nolint:nilerr // who wanted it was told
	}
	return o.ledger.Close()
}
