package tools

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"vpsops/internal/ratelimit"
	"vpsops/policy"
)

// Limits bound how much a person's clients may ask of the server, over
// whichever transport. They are there for loops that ran away and for floods:
// no assistant at work comes near them. Each that is 0 is the default; the rate
// may be infinite.
type Limits struct {
	PersonRate, PersonBurst float64 // calls a second of one person's; 200 and 1000

	// Open and OpenPerPerson are calls at a time, streams and waiting calls
	// among them; 2048 and 256.
	Open, OpenPerPerson int

	// PersonOf names the person of an identity, so that a person with many
	// tokens is one. Where it is nil, each identity is for itself.
	PersonOf func(policy.Identity) string

	Now func() time.Time // time.Now where nil
}

// Person names whom an identity counts for.
func (l Limits) Person(id policy.Identity) string {
	person := ""
	if l.PersonOf != nil {
		person = l.PersonOf(id)
	}
	if person == "" {
		person = id.String()
	}
	return person
}

func (l Limits) withDefaults() Limits {
	if l.PersonRate == 0 {
		l.PersonRate = 200
	}
	if l.PersonBurst == 0 {
		l.PersonBurst = 1000
	}
	if l.Open == 0 {
		l.Open = 2048
	}
	if l.OpenPerPerson == 0 {
		l.OpenPerPerson = 256
	}
	return l
}

// Limiter keeps [Limits]. It is safe for concurrent use.
type Limiter struct {
	Limits
	byPerson *ratelimit.Buckets

	open   atomic.Int64
	mu     sync.Mutex
	openBy map[string]int // persons with calls at the moment
}

// NewLimiter makes a limiter.
func NewLimiter(l Limits) *Limiter {
	l = l.withDefaults()
	return &Limiter{Limits: l, byPerson: ratelimit.New(l.PersonRate, l.PersonBurst, l.Now), openBy: make(map[string]int)}
}

// TooMany refuses a call beyond a limit. Nothing of it was done.
type TooMany struct {
	// Status is HTTP's word for it, over stdio too: 429 or, where all callers
	// together are too many, 503.
	Status  int
	Seconds int  // after which another try may do
	Full    bool // too many are open at a time; else they come too fast
	why     string
}

// String says to the caller what to do.
func (t *TooMany) String() string { return t.why + "; come back in " + strconv.Itoa(t.Seconds) + " s" }

// Enter lets a call of the caller's in, until leave is called, or refuses it.
func (l *Limiter) Enter(c Caller) (leave func(), refused *TooMany) {
	person := l.Person(c.Identity)
	if wait := l.byPerson.Take(person); wait > 0 {
		return nil, &TooMany{Status: http.StatusTooManyRequests, Seconds: ratelimit.Seconds(wait), why: "these are too many calls of one person's"}
	}
	if l.open.Add(1) > int64(l.Open) {
		l.open.Add(-1)
		return nil, &TooMany{Status: http.StatusServiceUnavailable, Seconds: 1, Full: true, why: "too many calls are open"}
	}
	if !l.begin(person) {
		l.open.Add(-1)
		return nil, &TooMany{Status: http.StatusTooManyRequests, Seconds: 1, Full: true, why: "too many calls of one person's are open at a time, so end some"}
	}
	return func() { l.end(person) }, nil
}

func (l *Limiter) begin(person string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.openBy[person] >= l.OpenPerPerson {
		return false
	}
	l.openBy[person]++
	return true
}

func (l *Limiter) end(person string) {
	l.open.Add(-1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.openBy[person]--; l.openBy[person] == 0 {
		delete(l.openBy, person)
	}
}
