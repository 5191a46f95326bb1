package gate_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"vpsops/policy/ledger"
)

// pausing is a ledger after one kind of audit row of which the process sleeps
// for a while.
type pausing struct {
	ledger.Ledger
	after string // "sending" where empty
	sleep func()
}

func (p *pausing) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	wrote := false
	after := p.after
	if after == "" {
		after = "sending"
	}
	err := p.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return fn(&heardTx{tx, func(e ledger.Event) { wrote = wrote || e.Kind == after }})
	})
	if wrote && err == nil {
		p.sleep()
	}
	return err
}

// heardTx tells of every audit row.
type heardTx struct {
	ledger.Tx
	heard func(ledger.Event)
}

func (t *heardTx) Audit(e ledger.Event) error {
	t.heard(e)
	return t.Tx.Audit(e)
}

var errDisk = errors.New("the disk is full")

// failing is a ledger of which calls fail once it is armed: the n-th, counted
// over every call of every transaction, and all after it until it is mended.
type failing struct {
	ledger.Ledger
	mu     sync.Mutex
	armed  bool
	once   bool // only the n-th fails
	n      int
	called int
	failed bool
}

func (f *failing) arm(n int, once bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.once, f.n, f.called, f.failed = true, once, n, 0, false
}

func (f *failing) mend() (failed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = false
	return f.failed
}

func (f *failing) call() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.called++
	if !f.armed || f.called < f.n || f.once && f.called > f.n {
		return nil
	}
	f.failed = true
	return errDisk
}

func (f *failing) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	if err := f.call(); err != nil {
		return err
	}
	return f.Ledger.Write(ctx, func(tx ledger.Tx) error {
		if err := fn(&failingTx{tx, f}); err != nil {
			return err
		}
		return f.call() // the commit
	})
}

func (f *failing) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	if err := f.call(); err != nil {
		return err
	}
	return f.Ledger.Read(ctx, fn)
}

type failingTx struct {
	ledger.Tx
	f *failing
}

func (t *failingTx) Request(id string) (ledger.Request, error) {
	if err := t.f.call(); err != nil {
		return ledger.Request{}, err
	}
	return t.Tx.Request(id)
}

func (t *failingTx) Requests(f ledger.Filter) ([]ledger.Request, error) {
	if err := t.f.call(); err != nil {
		return nil, err
	}
	return t.Tx.Requests(f)
}

func (t *failingTx) Votes(id string) ([]ledger.Vote, error) {
	if err := t.f.call(); err != nil {
		return nil, err
	}
	return t.Tx.Votes(id)
}

func (t *failingTx) Insert(r ledger.Request) error {
	if err := t.f.call(); err != nil {
		return err
	}
	return t.Tx.Insert(r)
}

func (t *failingTx) Update(r ledger.Request) (ledger.Request, error) {
	if err := t.f.call(); err != nil {
		return ledger.Request{}, err
	}
	return t.Tx.Update(r)
}

func (t *failingTx) AddVote(v ledger.Vote) error {
	if err := t.f.call(); err != nil {
		return err
	}
	return t.Tx.AddVote(v)
}

func (t *failingTx) Audit(e ledger.Event) error {
	if err := t.f.call(); err != nil {
		return err
	}
	return t.Tx.Audit(e)
}

// overtaken is a ledger to which another process writes just before the first write.
type overtaken struct {
	ledger.Ledger
	by   func()
	once sync.Once
}

func (o *overtaken) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	o.once.Do(o.by)
	return o.Ledger.Write(ctx, fn)
}

// full is a ledger that takes nothing any more after one kind of audit row, until
// there is room again. It can be read.
type full struct {
	ledger.Ledger
	after string
	once  sync.Once
	is    atomic.Bool
	tries atomic.Int64 // to write meanwhile
}

func (f *full) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	if f.is.Load() {
		f.tries.Add(1)
		return errDisk
	}
	wrote := false
	err := f.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return fn(&heardTx{tx, func(e ledger.Event) { wrote = wrote || e.Kind == f.after }})
	})
	if wrote && err == nil {
		f.once.Do(func() { f.is.Store(true) })
	}
	return err
}
