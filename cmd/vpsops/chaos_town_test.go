//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/policy/ledger/pgtest"
	"vpsops/slackbot/fakeslack"
)

const (
	chaosReplicas = 3
	chaosPeople   = 12
	chaosServers  = 190 // a page of the API's list
	chaosBudget   = 20
)

// town is all that takes part.
type town struct {
	*site
	database *pgtest.Server
	api      *flakyAPI
	replicas []*replica
	people   []*citizen
	origin   string // of the page, whichever replica shows it
	cookie   string
	schema   string // of PostgreSQL, in which the ledger is
	expanded int
	slack    *fakeslack.Slack // nil where there is none
	steady   bool             // every ask is voted through, by one vote

	mu      sync.Mutex
	errands []*errand
	free    []int64 // servers about which nobody asks anything now
	counts  map[string]int
	gaps    []time.Duration // from a deciding vote to the waiting caller's answer
}

func newTown(t *testing.T, database *pgtest.Server, replicas int, withSlack bool) *town {
	t.Helper()
	dsn, err := database.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, schema, _ := strings.Cut(dsn, "search_path=")
	c := &town{database: database, schema: schema, counts: make(map[string]int)}
	var people, names strings.Builder
	for i := range chaosPeople {
		p := newCitizen(fmt.Sprintf("p%02d", i))
		c.people = append(c.people, p)
		hash := sha256.Sum256([]byte(p.token))
		fmt.Fprintf(&people, "  %s: {slack: [T024BE7LD/%s], oidc: [\"https://id.example.com|%s\"], tokens: [{id: %s, sha256: %s, scopes: [read, write]}]}\n", p.name, p.slackID(), p.name, p.name, hex.EncodeToString(hash[:]))
		fmt.Fprintf(&names, "%s, ", p.name)
	}
	text := strings.NewReplacer("PEOPLE\n", people.String(), "NAMES", strings.TrimSuffix(names.String(), ", "), "BUDGET", fmt.Sprint(chaosBudget)).Replace(chaosPolicy)
	c.site = newSite(t, dsn, text, chaosServers, func(h http.Handler) *httptest.Server {
		c.api = &flakyAPI{next: h}
		return httptest.NewServer(c.api)
	})
	for id := range int64(chaosServers) {
		c.free = append(c.free, 12345+id)
	}
	key := seal.NewKey(siteKey)
	port := freePort(t)
	c.origin = fmt.Sprintf("http://%s:%d", web.LocalHost(key), port)
	c.cookie = strings.TrimSuffix(web.LocalHost(key), ".localhost")
	c.settings = append(c.settings, "VPSOPS_PUBLIC_URL="+c.origin, "VPSOPS_PERSON=p00")
	if withSlack {
		c.openSlack()
	}
	for i := range replicas {
		// Each has a loopback address of its own, as machines have.
		address := fmt.Sprintf("127.0.0.%d", i+2)
		c.replicas = append(c.replicas, newReplica(c, fmt.Sprintf("%s:%d", address, port), address+":0"))
	}
	c.signIn()
	return c
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (c *town) count(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what]++
}

// any is a replica that may be dead: who calls it does not know.
func (c *town) any() *replica { return c.replicas[rand.IntN(len(c.replicas))] }

// replica is one address, and the process that is there now.
type replica struct {
	town    *town
	address string
	admin   string
	now     atomic.Pointer[house]
	http    *http.Client
}

func newReplica(c *town, address, admin string) *replica {
	r := &replica{town: c, address: address, admin: admin}
	r.http = &http.Client{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 64,
			// The page's one name leads to every replica.
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r.open()
	return r
}

func (r *replica) house() *house { return r.now.Load() }

// open starts the process. One that finds no database ends, and is started
// again, as whoever keeps it running would.
func (r *replica) open() {
	r.town.Helper()
	r.town.until("a replica that serves", func() bool {
		h := r.town.start("VPSOPS_LISTEN="+r.address, "VPSOPS_ADMIN_LISTEN="+r.admin)
		ctx, cancel := patiently()
		defer cancel()
		if h.stdout.await(ctx, healthLine) == nil {
			h.crash()
			if !strings.Contains(h.stderr.String(), "VPSOPS_STORE") {
				r.town.Fatalf("a replica does not start:\n%s", h.stderr)
			}
			r.town.count("starts without a database")
			return false
		}
		h.mcp, h.page, h.browser.http = "http://"+r.address+"/mcp", r.town.origin, r.http
		r.now.Store(h)
		return true
	})
}

// signIn gives each person a session of the page, as a provider's sign-in would.
func (c *town) signIn() {
	c.Helper()
	err := c.audit.Write(context.Background(), func(tx ledger.Tx) error {
		for _, p := range c.people {
			by := gate.Voter{Identity: policy.Identity{Kind: policy.OIDCSubject, ID: "https://id.example.com|" + p.name}, Factor: policy.PersonFactor}
			var session ledger.Session
			p.secret, session = web.NewSession(seal.NewKey(siteKey), by, p.name, time.Now())
			if err := tx.AddSession(session); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.Fatal(err)
	}
}

// flakyAPI fails a tenth of its calls, in the ways that networks and servers do.
type flakyAPI struct {
	next    http.Handler
	failing atomic.Bool
	calls   atomic.Int64
	failed  atomic.Int64
}

func (f *flakyAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.calls.Add(1)
	if !f.failing.Load() || rand.IntN(10) > 0 {
		f.next.ServeHTTP(w, r)
		return
	}
	f.failed.Add(1)
	switch rand.IntN(5) {
	case 0: // it never arrives
		panic(http.ErrAbortHandler)
	case 1: // it is done, and the answer is lost
		f.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case 2: // it is done, and the answer is a proxy's
		f.next.ServeHTTP(httptest.NewRecorder(), r)
		http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
	case 3:
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
	case 4: // it is slow
		select {
		case <-r.Context().Done():
		case <-time.After(2 * time.Second):
		}
		f.next.ServeHTTP(w, r)
	}
}

// signalTo sends a signal to a replica's process, which may have ended.
func (r *replica) signalTo(what syscall.Signal) { _ = r.house().cmd.Process.Signal(what) }
