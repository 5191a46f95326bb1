package gate

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// Account is one API account that servers live in. Only the gate uses its
// Writer.
type Account struct {
	Name        string
	Fingerprint string // identifies the token's account; never the token
	Reader      *vpsapi.Reader
	Writer      *vpsapi.Writer
	Finder      *vpsapi.Finder
}

// Config is what a gate is made of. Ledger, Policy and Key are needed.
type Config struct {
	Ledger   ledger.Ledger
	Policy   func() *policy.Policy // the policy in force now
	Accounts []Account             // the first is the default
	Key      seal.Key
	ReadOnly bool
	Now      func() time.Time // time.Now where nil
	// Uptime is the time since some moment by a clock that nobody sets, and
	// that goes on while the machine sleeps. Where it is nil, nobody notices
	// that Now was set.
	Uptime func() time.Duration
	Logger *slog.Logger // discards where nil
	Trace  Tracer       // nobody is told where nil
}

// Tracer is told when a step of a request begins: "ask", "vote", "claim" or
// "send". It returns the context for what the step calls, and what is told its end,
// with the request's id. It changes nothing, and must be quick.
type Tracer func(ctx context.Context, step string) (context.Context, func(requestID string, err error))

// How long a claim is good for and what settles what.
const (
	leaseTime    = 15 * time.Second // from the claim until the first byte of the call
	readTime     = 10 * time.Second // the last look at the server
	sendDeadline = 20 * time.Second // no call is on its way longer than this after its lease
)

// Gate changes servers when the policy and people say so. It is safe for
// concurrent use.
type Gate struct {
	Config
	running sync.WaitGroup
	life    context.Context // ends when Close begins
	end     context.CancelFunc
	mu      sync.Mutex
	closing bool
	timers  map[string]*time.Timer
	tried   map[string]time.Time // when what is held back was tried last
	claims  map[string]int       // how many try to claim a request

	witness    atomic.Pointer[Witness] // nil where there is none
	recounting atomic.Bool

	clock    clockWatch
	reads    readLog
	settling map[string]struct{} // requests whose outcome is looked into here
}

// New makes a gate.
func New(c Config) *Gate {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Trace == nil {
		c.Trace = func(ctx context.Context, _ string) (context.Context, func(string, error)) {
			return ctx, func(string, error) {}
		}
	}
	g := &Gate{Config: c, timers: make(map[string]*time.Timer), tried: make(map[string]time.Time), claims: make(map[string]int), settling: make(map[string]struct{})}
	_ = g.jumped() // the first look is what later ones are held against
	g.life, g.end = context.WithCancel(context.Background())
	return g
}

// Close stops taking asks and votes, and waits until what is executing has its
// outcome or ctx ends.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	g.closing = true
	g.end()
	for _, t := range g.timers {
		t.Stop()
	}
	g.mu.Unlock()
	done := make(chan struct{})
	go func() { g.running.Wait(); close(done) }()
	select {
	case <-done:
		g.flushReads(true)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// begin counts a piece of work that Close waits for; it refuses while closing.
func (g *Gate) begin() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return ErrClosing
	}
	g.running.Add(1)
	return nil
}

// account finds an API account by its name; "" is the default.
func (g *Gate) account(name string) (*Account, error) {
	if len(g.Accounts) == 0 {
		return nil, &NoAccountError{}
	}
	if name == "" {
		return &g.Accounts[0], nil
	}
	i := slices.IndexFunc(g.Accounts, func(a Account) bool { return a.Name == name })
	if i < 0 {
		return nil, &NoAccountError{Name: name, Known: g.accountNames()}
	}
	return &g.Accounts[i], nil
}

func (g *Gate) accountNames() []string {
	names := make([]string, len(g.Accounts))
	for i, a := range g.Accounts {
		names[i] = a.Name
	}
	return names
}
