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

// flood holds cards of one asker back. A request that was let through stays so.
type flood struct {
	now    func() time.Time
	mu     sync.Mutex
	askers map[string]*rate.Limiter
	let    map[string]time.Time // by request: from when it may be shown
}

func newFlood(now func() time.Time) *flood {
	return &flood{now: now, askers: make(map[string]*rate.Limiter), let: make(map[string]time.Time)}
}

// from is when a request may be shown.
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
	at := now.Add(l.ReserveN(now, 1).DelayFrom(now))
	f.let[v.ID] = at
	return at
}

func (f *flood) forget(now time.Time) {
	if len(f.askers) > mostAskers {
		clear(f.askers)
	}
	if len(f.let) <= mostAskers {
		return
	}
	for id, at := range f.let {
		if now.After(at) {
			delete(f.let, id)
		}
	}
}
