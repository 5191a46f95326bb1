package vpsapi

import (
	"context"
	"sync"
	"time"
)

// joining says which flights a caller may board.
type joining bool

const (
	onlyNew  joining = false // one that begins after the call: its result is not older than the call
	anyUnder joining = true  // also one under way
)

// flights runs one function for all callers of a key that wait together. At most one flight of a key is in the air; those who
// come meanwhile and may not board it gather for the next, which leaves when it lands. No caller's cancel fails another: a flight
// is cancelled when the last of its passengers has gone.
//
// The zero value is ready. It differs from x/sync/singleflight in just these two: freshness and cancelling.
type flights[K comparable, V any] struct {
	mu    sync.Mutex
	lane  map[K]*lane[V]
	alone flight[V] // stands for all that nobody can board
}

type lane[V any] struct{ flying, boarding *flight[V] }

type flight[V any] struct {
	run        func(context.Context) (V, error)
	ctx        context.Context // the first passenger's values, without its end
	cancel     context.CancelFunc
	deadline   time.Time // the latest of the passengers' at take-off
	unbounded  bool      // one of them has no deadline
	passengers int
	landed     chan struct{}
	value      V
	err        error
}

// do returns the flight's result, or the context's error where that ends first. joined tells whether the flight was opened by
// another caller.
func (f *flights[K, V]) do(ctx context.Context, key K, how joining, run func(context.Context) (V, error)) (value V, joined bool, err error) {
	if err := ctx.Err(); err != nil {
		return value, false, err
	}
	fl, joined := f.board(ctx, key, how, run)
	select {
	case <-fl.landed:
		return fl.value, joined, fl.err
	case <-ctx.Done():
		f.leave(key, fl)
		return value, joined, ctx.Err()
	}
}

// doAlone runs the function for a caller who finds nothing of the key in the air, as nearly all do, on its own goroutine and by its
// own context: there is nobody to share with yet, and those who come meanwhile gather for the next. alone is false where somebody
// is there already, and nothing was run. It is for keys that nobody boards under way.
func (f *flights[K, V]) doAlone(ctx context.Context, key K, run func(context.Context) (V, error)) (value V, alone bool, err error) {
	if err := ctx.Err(); err != nil {
		return value, true, err
	}
	l := f.takeOffAlone(key)
	if l == nil {
		return value, false, nil
	}
	defer f.land(key, l)
	value, err = run(ctx)
	return value, true, err
}

// takeOffAlone returns the key's lane with the caller alone in the air, or nil where somebody is there already.
func (f *flights[K, V]) takeOffAlone(key K) *lane[V] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lane[key] != nil {
		return nil
	}
	l := &lane[V]{flying: &f.alone}
	f.add(key, l)
	return l
}

// add puts a lane in. Call it with the lock held.
func (f *flights[K, V]) add(key K, l *lane[V]) {
	if f.lane == nil {
		f.lane = map[K]*lane[V]{}
	}
	f.lane[key] = l
}

// land makes way for those who gathered.
func (f *flights[K, V]) land(key K, l *lane[V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.takeOff(key, l)
}

// board finds the caller's flight or opens one.
func (f *flights[K, V]) board(ctx context.Context, key K, how joining, run func(context.Context) (V, error)) (fl *flight[V], joined bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.lane[key]
	if l == nil {
		l = &lane[V]{}
		f.add(key, l)
	}
	switch {
	case how == anyUnder && l.flying.takesMore():
		l.flying.passengers++
		return l.flying, true
	case l.boarding != nil:
		l.boarding.add(ctx)
		return l.boarding, true
	}
	fl = &flight[V]{run: run, landed: make(chan struct{})}
	fl.ctx, fl.cancel = context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // G118: the last passenger to leave, or the landing, cancels it
	fl.add(ctx)
	if l.boarding = fl; l.flying == nil {
		f.takeOff(key, l)
	}
	return fl, false
}

// takesMore reports whether a flight under way can be boarded: one that was given up, or whose caller flies alone, cannot.
func (fl *flight[V]) takesMore() bool { return fl != nil && fl.ctx != nil && fl.ctx.Err() == nil }

// add counts a passenger in. Call it with the lock held, before take-off.
func (fl *flight[V]) add(ctx context.Context) {
	fl.passengers++
	deadline, bounded := ctx.Deadline()
	switch {
	case !bounded:
		fl.unbounded = true
	case deadline.After(fl.deadline):
		fl.deadline = deadline
	}
}

// takeOff starts the boarding flight. Call it with the lock held and nothing flying.
func (f *flights[K, V]) takeOff(key K, l *lane[V]) {
	fl := l.boarding
	l.flying, l.boarding = fl, nil
	if fl == nil {
		delete(f.lane, key)
		return
	}
	if !fl.unbounded {
		ctx, cancel := context.WithDeadline(fl.ctx, fl.deadline)
		first := fl.cancel
		fl.ctx, fl.cancel = ctx, func() { cancel(); first() }
	}
	go func() {
		defer fl.cancel()
		fl.value, fl.err = fl.run(fl.ctx)
		f.land(key, l) // first: who has the result may call again, and must not board what has landed
		close(fl.landed)
	}()
}

// leave counts a passenger out; the last one ends the flight.
func (f *flights[K, V]) leave(key K, fl *flight[V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.passengers--; fl.passengers > 0 {
		return
	}
	fl.cancel()
	if l := f.lane[key]; l != nil && l.boarding == fl {
		l.boarding = nil
	}
}
