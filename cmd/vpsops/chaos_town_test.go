//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
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

var townServers = flag.Int("servers", chaosServers, "how many servers the API has; about the first 190 people ask")

// town is all that takes part.
type town struct {
	*site
	pair     *pgtest.Pair // nil where nothing happens to it
	store    string       // its address
	older    olderBuilds  // with first, where replicas begin as that
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
	notes   map[string]string
	gaps    []time.Duration // from a deciding vote to the waiting caller's answer
}

// newTown has a town on an empty place for a ledger. Its replicas are of this
// version, unless there is a build of an older one. Where there is a pair, all
// may happen, and there is a Slack.
func newTown(t *testing.T, dsn string, replicas int, older olderBuilds, pair *pgtest.Pair) *town {
	t.Helper()
	_, schema, _ := strings.Cut(dsn, "search_path=")
	c := &town{pair: pair, store: dsn, schema: schema, counts: make(map[string]int), notes: make(map[string]string), older: older}
	var people, names strings.Builder
	for i := range chaosPeople {
		p := newCitizen(fmt.Sprintf("p%02d", i))
		c.people = append(c.people, p)
		hash := sha256.Sum256([]byte(p.token))
		fmt.Fprintf(&people, "  %s: {slack: [T024BE7LD/%s], oidc: [\"https://id.example.com|%s\"], tokens: [{id: %s, sha256: %s, scopes: [read, write]}]}\n", p.name, p.slackID(), p.name, p.name, hex.EncodeToString(hash[:]))
		fmt.Fprintf(&names, "%s, ", p.name)
	}
	text := strings.NewReplacer("PEOPLE\n", people.String(), "NAMES", strings.TrimSuffix(names.String(), ", "), "BUDGET", fmt.Sprint(chaosBudget)).Replace(chaosPolicy)
	c.site = newEmptySite(t, dsn, text, *townServers, func(h http.Handler) *httptest.Server {
		c.api = &flakyAPI{next: h}
		return httptest.NewServer(c.api)
	})
	for id := range int64(chaosServers) { // of the others nobody asks anything
		c.free = append(c.free, 12345+id)
	}
	key := seal.NewKey(siteKey)
	port := freePort(t)
	c.origin = fmt.Sprintf("http://%s:%d", web.LocalHost(key), port)
	c.cookie = strings.TrimSuffix(web.LocalHost(key), ".localhost")
	c.settings = append(c.settings, "VPSOPS_PUBLIC_URL="+c.origin, "VPSOPS_PERSON=p00")
	if pair != nil {
		c.openSlack()
	}
	if older.first.path == "" {
		c.openStore(dsn)
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

// note has the report say something that is no count.
func (c *town) note(what, is string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes[what] = is
}

// any is a replica that may be dead: who calls it does not know.
func (c *town) any() *replica { return c.replicas[rand.IntN(len(c.replicas))] }

// replica is one address, and the process that is there now.
type replica struct {
	town    *town
	build   build // that with no path is this one
	address string
	admin   string
	clock   string // the file that sets it
	now     atomic.Pointer[house]
	http    *http.Client
}

func newReplica(c *town, address, admin string) *replica {
	r := &replica{town: c, build: c.older.first, address: address, admin: admin, clock: filepath.Join(c.TempDir(), "clock")}
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
		h := r.start("VPSOPS_LISTEN="+r.address, "VPSOPS_ADMIN_LISTEN="+r.admin, clockVariable+"="+r.clock)
		ctx, cancel := patiently()
		defer cancel()
		health := h.stdout.await(ctx, healthLine)
		if health == nil {
			h.crash()
			if !strings.Contains(h.stderr.String(), "VPSOPS_STORE") {
				r.town.Fatalf("a replica does not start:\n%s", h.stderr)
			}
			r.town.count("starts without a database")
			return false
		}
		h.mcp, h.page, h.browser.http = "http://"+r.address+"/mcp", r.town.origin, r.http
		h.health = strings.TrimSuffix(health[1], "/healthz")
		r.now.Store(h)
		return true
	})
}

func (r *replica) start(settings ...string) *house {
	if r.build.path != "" {
		return r.town.startProgram(r.build.path, settings...)
	}
	return r.town.start(settings...)
}

// signIn gives each person a session of the page, as a provider's sign-in would.
func (c *town) signIn() {
	c.Helper()
	store := c.audit
	if store == nil {
		store = c.elsewhere()
	}
	err := store.Write(context.Background(), func(tx ledger.Tx) error {
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
	if err == nil && c.audit == nil {
		err = c.pair.Exec(context.Background(), fmt.Sprintf(`DO $$ BEGIN EXECUTE (
			SELECT format('INSERT INTO %[1]s.sessions (%%1$s) SELECT %%1$s FROM elsewhere.sessions', string_agg(quote_ident(column_name), ', '))
			FROM information_schema.columns WHERE table_schema = '%[1]s' AND table_name = 'sessions'); END $$`, c.schema))
	}
	if err != nil {
		c.Fatal(err)
	}
}

// elsewhere is a ledger beside the replicas', which is the older version's yet.
func (c *town) elsewhere() *ledger.SQL {
	c.Helper()
	if err := c.pair.Exec(c.Context(), "CREATE SCHEMA elsewhere"); err != nil {
		c.Fatal(err)
	}
	l, err := ledger.Open(c.Context(), strings.Replace(c.store, "search_path="+c.schema, "search_path=elsewhere", 1), ledger.Options{})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { _ = l.Close() })
	return l
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
