package sandbox

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// BasePath is where the API begins. Everything else but AdminPath is answered
// 404, and logged all the same.
const BasePath = "/api/v1"

// AdminPath is where tests drive the sandbox. It wants no token.
const AdminPath = "/_sandbox"

// DefaultToken is the API token taken where Options.Token is empty.
const DefaultToken = "vps_sandbox"

const maxRequestBody = 1 << 20

// Options say how a sandbox begins. The zero value is a good start.
type Options struct {
	// Servers is the size of the fleet at the start: 0 means 6, less than 0 an
	// empty account. The first two are the specification's.
	Servers int
	// Seed makes the rest of the fleet and how long its transitions take; 0
	// means 1. The same seed gives the same fleet.
	Seed uint64
	// Speed divides every transition's duration; 0 or less means 20.
	Speed float64
	// Latency is waited before every API request is carried out.
	Latency time.Duration
	// Token is the only bearer token taken; empty means DefaultToken.
	Token string
	// Email is the account's, as /account/me/ shows it; empty means
	// demo@example.com. Two sandboxes with two addresses are two accounts.
	Email string
	// Credit is what the account may spend on a new server, in dollars a
	// month: a create of a dearer plan is answered 402, and no create uses any
	// of it up. 0 means 500; less than 0 means no credit at all.
	Credit float64
	// Now is the clock of states, times and the log; nil means time.Now.
	// Waiting (Latency, a fault's delay) is always in real time.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	o.Servers = max(cmp.Or(o.Servers, 6), 0)
	o.Seed = cmp.Or(o.Seed, 1)
	if !(o.Speed > 0) {
		o.Speed = 20
	}
	o.Token = cmp.Or(o.Token, DefaultToken)
	o.Email = cmp.Or(o.Email, "demo@example.com")
	o.Credit = cmp.Or(o.Credit, 500)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Sandbox is the simulated API, an http.Handler. It is safe for concurrent
// use. States move when they are looked at; the one thing that happens by itself
// is a write whose client went while it was to be carried out: it is, when its
// time has come.
type Sandbox struct {
	opts Options

	mu     sync.Mutex
	fleet  fleet
	log    requestLog
	faults []Fault
}

// New makes a sandbox and its fleet.
func New(opts Options) *Sandbox {
	opts = opts.withDefaults()
	return &Sandbox{opts: opts, fleet: newFleet(opts)}
}

// ServeHTTP answers the API and the calls under AdminPath. A fault that cuts
// the connection panics with http.ErrAbortHandler, as net/http wants it.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == AdminPath || strings.HasPrefix(r.URL.Path, AdminPath+"/") {
		s.serveAdmin(w, r)
		return
	}
	s.serveAPI(w, r)
}

func (s *Sandbox) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	c := s.receive(r, body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		s.send(w, c, detail(http.StatusRequestEntityTooLarge, "Request body exceeded 1 MiB."))
		return
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.deliver(w, r, c, s.takeFault(r.Method, r.URL.Path))
}

// receive enters a request in the log.
func (s *Sandbox) receive(r *http.Request, body []byte) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newCall(r, body)
	c.entry = s.log.add(s.opts.Now(), r, body)
	return c
}
