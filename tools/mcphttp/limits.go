package mcphttp

import (
	"net/http"
	"strconv"

	"vpsops/internal/ratelimit"
	"vpsops/tools"
)

// Limits bound how much callers may ask of the server: each person, and before
// anybody is authenticated each address. Each that is 0 is the default; a rate
// may be infinite.
type Limits struct {
	tools.Limits

	AddressRate, AddressBurst float64 // calls a second from one address; 400 and 2000

	// SessionsPerPerson are those of the older era, until they are ended or idle
	// for half an hour; 100, of 1000 in all.
	SessionsPerPerson int

	// BehindProxy believes a proxy on this machine or in this private network
	// when it says whom it passes on. Only limits go by it: an address is
	// nobody's identity.
	BehindProxy bool
}

func (l Limits) withDefaults() Limits {
	if l.AddressRate == 0 {
		l.AddressRate = 400
	}
	if l.AddressBurst == 0 {
		l.AddressBurst = 2000
	}
	if l.SessionsPerPerson == 0 {
		l.SessionsPerPerson = 100
	}
	return l
}

// limiter keeps the limits.
type limiter struct {
	behindProxy bool
	byAddress   *ratelimit.Buckets
	callers     *tools.Limiter
	aside       *tools.Limiter
}

func newLimiter(l Limits) *limiter {
	l = l.withDefaults()
	return &limiter{
		behindProxy: l.BehindProxy,
		byAddress:   ratelimit.New(l.AddressRate, l.AddressBurst, l.Now),
		callers:     tools.NewLimiter(l.Limits),
		aside:       newAside(l),
	}
}

// addresses bounds what one address may ask, whoever it says it is.
func (l *limiter) addresses(next http.Handler) http.Handler {
	if l.byAddress.Unlimited() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := l.byAddress.Take(ratelimit.Address(r, l.behindProxy)); wait > 0 {
			seconds := strconv.Itoa(ratelimit.Seconds(wait))
			w.Header().Set("Retry-After", seconds)
			refuse(w, http.StatusTooManyRequests, "too many calls come from this address; come back in "+seconds+" s")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// persons bounds what one person may ask, by whatever tokens: beyond it is 429
// (RFC 6585, 4), or 503 where all persons together are too many.
func (l *limiter) persons(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave, refused := l.enter(r)
		if refused != nil {
			w.Header().Set("Retry-After", strconv.Itoa(refused.Seconds))
			refuse(w, refused.Status, refused.String())
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

// enter lets a request in. Where its person has no place left, it still lets in
// what makes one.
func (l *limiter) enter(r *http.Request) (leave func(), refused *tools.TooMany) {
	caller := tools.CallerFrom(r.Context())
	leave, refused = l.callers.Enter(caller)
	if refused == nil || !refused.Full {
		return leave, refused
	}
	leave, full := l.aside.Enter(caller)
	if full != nil {
		return nil, refused
	}
	if !endsCalls(r) {
		leave()
		return nil, refused
	}
	return leave, nil
}
