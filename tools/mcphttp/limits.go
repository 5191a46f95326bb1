package mcphttp

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"vpsops/internal/ratelimit"
	"vpsops/policy"
	"vpsops/tools"
)

// Limits bound how much callers may ask of the server. They are there for
// loops that ran away and for floods: no assistant at work comes near them.
// Each that is 0 is the default.
type Limits struct {
	AddressRate, AddressBurst float64 // calls a second from one address, before anybody is authenticated
	PersonRate, PersonBurst   float64 // likewise of one person's

	// Open and OpenPerPerson are calls at a time, streams and waiting calls
	// among them.
	Open, OpenPerPerson int

	// PersonOf names the person of an identity, so that a person with many
	// tokens is one. Where it is nil, each identity is for itself.
	PersonOf func(policy.Identity) string

	// BehindProxy believes a proxy on this machine or in this private network
	// when it says whom it passes on. Only limits go by it: an address is
	// nobody's identity.
	BehindProxy bool

	Now func() time.Time // time.Now where nil
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		value  *float64
		common float64
	}{{&l.AddressRate, 400}, {&l.AddressBurst, 2000}, {&l.PersonRate, 200}, {&l.PersonBurst, 1000}} {
		if *d.value == 0 {
			*d.value = d.common
		}
	}
	if l.Open == 0 {
		l.Open = 2048
	}
	if l.OpenPerPerson == 0 {
		l.OpenPerPerson = 256
	}
	if l.PersonOf == nil {
		l.PersonOf = func(id policy.Identity) string { return id.String() }
	}
	if l.Now == nil {
		l.Now = time.Now
	}
	return l
}

// limiter keeps the limits.
type limiter struct {
	Limits
	byAddress, byPerson *ratelimit.Buckets

	open   atomic.Int64
	mu     sync.Mutex
	openBy map[string]int // persons with calls at the moment
}

func newLimiter(l Limits) *limiter {
	l = l.withDefaults()
	return &limiter{
		Limits:    l,
		byAddress: ratelimit.New(l.AddressRate, l.AddressBurst, l.Now),
		byPerson:  ratelimit.New(l.PersonRate, l.PersonBurst, l.Now),
		openBy:    make(map[string]int),
	}
}

// addresses bounds what one address may ask, whoever it says it is.
func (l *limiter) addresses(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := l.byAddress.Take(ratelimit.Address(r, l.BehindProxy)); wait > 0 {
			slowDown(w, wait, "too many calls come from this address")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// persons bounds what one person may ask, by whatever tokens.
func (l *limiter) persons(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := tools.CallerFrom(r.Context()).Identity
		person := l.PersonOf(id)
		if person == "" {
			person = id.String()
		}
		if wait := l.byPerson.Take(person); wait > 0 {
			slowDown(w, wait, "these are too many calls of one person's")
			return
		}
		if l.open.Add(1) > int64(l.Open) {
			l.open.Add(-1)
			w.Header().Set("Retry-After", "1")
			refuse(w, http.StatusServiceUnavailable, "too many calls are open; try again in a moment")
			return
		}
		defer l.open.Add(-1)
		if !l.enter(person) {
			slowDown(w, time.Second, "too many calls of one person's are open at a time; end some")
			return
		}
		defer l.leave(person)
		next.ServeHTTP(w, r)
	})
}

func (l *limiter) enter(person string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.openBy[person] >= l.OpenPerPerson {
		return false
	}
	l.openBy[person]++
	return true
}

func (l *limiter) leave(person string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.openBy[person]--; l.openBy[person] == 0 {
		delete(l.openBy, person)
	}
}

// slowDown answers 429 (RFC 6585, 4) with when to come back.
func slowDown(w http.ResponseWriter, wait time.Duration, why string) {
	seconds := strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second)))
	w.Header().Set("Retry-After", seconds)
	refuse(w, http.StatusTooManyRequests, why+"; come back in "+seconds+" s")
}
