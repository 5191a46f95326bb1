package slackbot

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"vpsops/policy/gate"
)

// An assistant that asks and takes back again and again must not fill a channel:
// of one person's asks so many are shown at once, and the others later, where
// they are still open.
const (
	cardsAtOnce = 5
	cardEvery   = 30 * time.Second
	mostAskers  = 10_000
)

// flood holds cards of one asker back. A request that was let through stays so;
// one that waits takes nobody's turn, since it may be taken back before its own.
type flood struct {
	now    func() time.Time
	mu     sync.Mutex
	askers map[string]*rate.Limiter
	let    map[string]time.Time // by request: since when it may be shown
}

func newFlood(now func() time.Time) *flood {
	return &flood{now: now, askers: make(map[string]*rate.Limiter), let: make(map[string]time.Time)}
}

// from is when a request may be shown, as far as is known now: look again then.
func (f *flood) from(v gate.View) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at, known := f.let[v.ID]; known {
		return at
	}
	now := f.now()
	f.forget(now)
	l := f.askers[v.Person]
	if l == nil {
		l = rate.NewLimiter(rate.Every(cardEvery), cardsAtOnce)
		f.askers[v.Person] = l
	}
	turn := l.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return now.Add(wait)
	}
	f.let[v.ID] = now
	return now
}

func (f *flood) forget(now time.Time) {
	if len(f.askers) > mostAskers {
		clear(f.askers)
	}
	if len(f.let) <= mostAskers {
		return
	}
	for id, at := range f.let { // who was shown has a record since
		if now.Sub(at) > cardEvery {
			delete(f.let, id)
		}
	}
}
