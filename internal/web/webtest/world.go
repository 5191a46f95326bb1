// Package webtest is the page on a real listener, over a real gate and the
// simulated API: for tests of the page, with a browser or without.
package webtest

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// Key is the installation's key in every world.
var Key = seal.NewKey([32]byte{7})

// Options say how a world differs from the usual one.
type Options struct {
	Document policy.Document // Document() where its version is 0
	ReadOnly bool
	HTTPS    bool     // the page stands behind a proxy that ends TLS
	Speed    float64  // how fast servers settle; at once where 0
	Servers  int      // 2 where 0
	Accounts []string // "default" where empty; all have the same servers
	Start    time.Time
	// Ledger is the ledger; a new one in memory where nil.
	Ledger ledger.Ledger
	// Page changes what the page is made of, before it is made.
	Page func(*web.Config)
}

// World is the page and what stands behind it. All of it ends with the test.
type World struct {
	testing.TB
	Clock  *Clock
	API    *sandbox.Sandbox
	APIURL string
	Ledger ledger.Ledger
	Policy atomic.Pointer[policy.Policy]
	Gate   *gate.Gate
	Desk   *gate.Desk
	Server *httptest.Server
	Page   *web.Page
	Origin string
}

// New starts a world.
func New(t testing.TB, o Options) *World {
	t.Helper()
	start := o.Start
	if start.IsZero() {
		start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	}
	w := &World{TB: t, Clock: &Clock{t: start}, Ledger: o.Ledger}
	if w.Ledger == nil {
		w.Ledger = ledger.NewMemory()
	}
	if o.Document.Version == 0 {
		o.Document = Document()
	}
	w.SetPolicy(o.Document)
	w.API = sandbox.New(sandbox.Options{Servers: cmp.Or(o.Servers, 2), Speed: cmp.Or(o.Speed, 1e9)})
	api := httptest.NewServer(w.API)
	t.Cleanup(api.Close)
	w.APIURL = api.URL
	w.startGate(o)
	w.startPage(o)
	return w
}

// SetPolicy puts another policy in force.
func (w *World) SetPolicy(d policy.Document) {
	w.Helper()
	p, err := policy.New(d)
	if err != nil {
		w.Fatal(err)
	}
	w.Policy.Store(p)
}

func (w *World) startGate(o Options) {
	w.Helper()
	token, base := vpsapi.NewToken(sandbox.DefaultToken), vpsapi.WithBaseURL(w.APIURL+sandbox.BasePath)
	noWait := vpsapi.WithBackoff(func(int) time.Duration { return 0 })
	reader, err := vpsapi.NewReader(token, base, noWait)
	if err != nil {
		w.Fatal(err)
	}
	writer, err := vpsapi.NewWriter(token, base)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(reader.CloseIdleConnections)
	if len(o.Accounts) == 0 {
		o.Accounts = []string{"default"}
	}
	var accounts []gate.Account
	for _, name := range o.Accounts {
		accounts = append(accounts, gate.Account{Name: name, Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader)})
	}
	w.Gate = gate.New(gate.Config{
		Ledger: w.Ledger, Policy: w.Policy.Load, Key: Key, ReadOnly: o.ReadOnly, Now: w.Clock.Now, Accounts: accounts,
	})
	w.Desk = w.Gate.Desk()
	w.Cleanup(func() {
		if err := w.Gate.Close(context.Background()); err != nil {
			w.Error(err)
		}
	})
}

func (w *World) startPage(o Options) {
	w.Server = httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(w.Server.Listener.Addr().String())
	if err != nil {
		w.Fatal(err)
	}
	w.Origin = "http://" + web.LocalHost(Key) + ":" + port
	if o.HTTPS {
		w.Origin = "https://vps.example.com"
	}
	config := web.Config{
		Ballot: w.Gate.Ballot(), Key: Key, Origin: w.Origin, OtherHosts: []string{"127.0.0.1:" + port, "localhost:" + port},
		Identify: Identify, Now: w.Clock.Now,
	}
	if o.Page != nil {
		o.Page(&config)
	}
	w.Page = web.New(config)
	w.Server.Config.Handler = w.Page
	w.Server.Start()
	w.Cleanup(w.Server.Close)
	w.Cleanup(w.Page.Close)
}

// IdentityHeader is where a test's browser says who it is.
const IdentityHeader = "X-Test-Identity"

// Identify stands in for a provider: it believes the IdentityHeader, such as
// "local ana".
func Identify(r *http.Request) (gate.Voter, bool) {
	kind, id, ok := strings.Cut(r.Header.Get(IdentityHeader), " ")
	return gate.Voter{Identity: policy.Identity{Kind: policy.IdentityKind(kind), ID: id}, Front: policy.Page, Factor: policy.PersonFactor}, ok
}
