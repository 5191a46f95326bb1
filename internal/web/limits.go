package web

import (
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"vpsops/internal/ratelimit"
)

// limits hold floods of sign-ins back. A good one-time code is held back by
// none of them but its own person's.
type limits struct {
	behindProxy bool
	now         func() time.Time

	byAddress        *ratelimit.Buckets // sign-ins that ask the provider
	byPerson         *ratelimit.Buckets // sessions begun
	refusedByAddress *ratelimit.Buckets
	refused          *rate.Limiter // whatever fills the audit trail
}

func newLimits(behindProxy bool, now func() time.Time) *limits {
	return &limits{
		behindProxy: behindProxy, now: now,
		byAddress:        ratelimit.New(1, 60, now),
		byPerson:         ratelimit.New(1.0/10, 60, now),
		refusedByAddress: ratelimit.New(1.0/10, 15, now),
		refused:          rate.NewLimiter(rate.Every(3*time.Second), 60),
	}
}

func (l *limits) address(r *http.Request) (wait time.Duration) {
	return l.byAddress.Take(ratelimit.Address(r, l.behindProxy))
}

// person says how long a person's next sign-in has to wait. Only one that began
// counts, by signedIn: else a link that was used, and is known to others, could
// keep its person out.
func (l *limits) person(name string) (wait time.Duration) { return l.byPerson.Look(name) }

func (l *limits) signedIn(name string) { l.byPerson.Take(name) }

// refusal bounds how fast one address, and all together, can fill the audit
// trail.
func (l *limits) refusal(r *http.Request) (wait time.Duration) {
	if wait = l.refusedByAddress.Take(ratelimit.Address(r, l.behindProxy)); wait > 0 {
		return wait
	}
	if !l.refused.AllowN(l.now(), 1) {
		return time.Minute
	}
	return 0
}

// tooMany answers 429 (RFC 6585, 4) with when to come back.
func (p *page) tooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	setRetryAfter(w, wait)
	p.refuse(w, r, http.StatusTooManyRequests, "Too many sign-ins", "Nothing was done. Wait a minute, and try again.")
}

func setRetryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(ratelimit.Seconds(wait)))
}
