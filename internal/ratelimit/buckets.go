// Package ratelimit bounds how fast each of many may come: by an address, or by
// whatever else tells them apart.
package ratelimit

import (
	"container/list"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds what is remembered. Beyond it, who came longest ago is
// forgotten: their bucket is likely full again.
const maxBuckets = 10_000

// Buckets are token buckets by a key. They are safe for concurrent use, and
// remember no more than the last ten thousand keys.
type Buckets struct {
	rate  rate.Limit
	burst int
	now   func() time.Time

	mu    sync.Mutex
	byKey map[string]*list.Element
	used  *list.List // of *bucket, the latest first
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

// New makes buckets that fill by so many a second and hold burst, by the clock
// now: time.Now where it is nil. Those that fill by an infinity are never empty.
func New(perSecond, burst float64, now func() time.Time) *Buckets {
	if now == nil {
		now = time.Now
	}
	b := &Buckets{rate: rate.Inf, now: now, byKey: make(map[string]*list.Element), used: list.New()}
	if !math.IsInf(perSecond, 1) {
		b.rate, b.burst = rate.Limit(perSecond), int(burst)
	}
	return b
}

// Unlimited tells whether they are never empty.
func (b *Buckets) Unlimited() bool { return b.rate == rate.Inf }

// Take takes one from the key's bucket, or says how long until there is one.
func (b *Buckets) Take(key string) (wait time.Duration) {
	if b.Unlimited() {
		return 0
	}
	now := b.now()
	reservation := b.of(key).ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// Look is Take that takes nothing.
func (b *Buckets) Look(key string) (wait time.Duration) {
	if b.Unlimited() {
		return 0
	}
	missing := 1 - b.of(key).TokensAt(b.now())
	return max(0, time.Duration(missing/float64(b.rate)*float64(time.Second)))
}

// Seconds is a wait as a Retry-After header has it: rounded up, 1 at least.
func Seconds(wait time.Duration) int { return max(1, int((wait+time.Second-1)/time.Second)) }

func (b *Buckets) of(key string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.byKey[key]; ok {
		b.used.MoveToFront(e)
		return e.Value.(*bucket).limiter //nolint:forcetypeassert,errcheck // the list holds nothing else
	}
	if b.used.Len() >= maxBuckets {
		oldest := b.used.Back()
		delete(b.byKey, b.used.Remove(oldest).(*bucket).key) //nolint:forcetypeassert,errcheck // likewise
	}
	fresh := &bucket{key: key, limiter: rate.NewLimiter(b.rate, b.burst)}
	b.byKey[key] = b.used.PushFront(fresh)
	return fresh.limiter
}
