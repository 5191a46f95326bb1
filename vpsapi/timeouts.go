package vpsapi

import (
	"context"
	"sync"
	"time"
)

// timeouts ends contexts when their time is up, by one timer for all of them. A timer of its own for each would nearly always be set
// and stopped for nothing, and to set one may wake a thread: together some per cent of what a read costs. This one is set anew
// where a context is to end before all others, and when it goes off; it is never stopped.
//
// The zero value is ready. It is safe for concurrent use.
type timeouts struct {
	mu      sync.Mutex
	pending []*timeout // in no order
	timer   *time.Timer
	wakeAt  time.Time // when the timer goes off; zero where it isn't set
}

type timeout struct {
	at    time.Time
	end   func()
	index int // among those pending, or -1
}

// withTimeout is context.WithTimeoutCause, but that the context tells no deadline, ends as one that was cancelled and, where d is
// not above zero, a moment later.
func (t *timeouts) withTimeout(ctx context.Context, d time.Duration, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	own := &timeout{at: time.Now().Add(d), end: func() { cancel(cause) }}
	t.add(own)
	return ctx, func() {
		t.remove(own)
		cancel(context.Canceled)
	}
}

func (t *timeouts) add(own *timeout) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own.index = len(t.pending)
	t.pending = append(t.pending, own)
	if t.wakeAt.IsZero() || own.at.Before(t.wakeAt) {
		t.wake(own.at)
	}
}

func (t *timeouts) remove(own *timeout) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(own)
}

// drop takes out one that is still pending. Call it with the lock held.
func (t *timeouts) drop(own *timeout) {
	if own.index < 0 {
		return
	}
	last := len(t.pending) - 1
	moved := t.pending[last]
	t.pending[own.index], moved.index = moved, own.index
	t.pending[last], own.index = nil, -1
	t.pending = t.pending[:last]
}

// wake sets the timer. Call it with the lock held.
func (t *timeouts) wake(at time.Time) {
	t.wakeAt = at
	if t.timer == nil {
		t.timer = time.AfterFunc(time.Until(at), t.expire)
		return
	}
	t.timer.Reset(time.Until(at))
}

// expire ends those whose time is up.
func (t *timeouts) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, next := time.Now(), time.Time{}
	for i := len(t.pending) - 1; i >= 0; i-- {
		switch p := t.pending[i]; {
		case !p.at.After(now):
			t.drop(p) // one that was looked at takes its place
			p.end()
		case next.IsZero() || p.at.Before(next):
			next = p.at
		}
	}
	if t.wakeAt = next; !next.IsZero() {
		t.wake(next)
	}
}
