package web_test

import (
	"cmp"
	"context"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
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

const (
	webServer = 12345 // web-server-01
	dbServer  = 12346 // db-server-01
)

var key = seal.NewKey([32]byte{7})

// clock is a time that moves only when a test moves it.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// stand is the page on a real listener, over a real gate and the simulated
// API.
type stand struct {
	t      *testing.T
	clock  *clock
	api    *sandbox.Sandbox
	apiURL *httptest.Server
	ledger *ledger.Memory
	policy atomic.Pointer[policy.Policy]
	gate   *gate.Gate
	desk   *gate.Desk
	server *httptest.Server
	origin string
}

type options struct {
	document policy.Document
	readOnly bool
	https    bool // the page stands behind a proxy that ends TLS
	speed    float64
	wrap     func(ledger.Ledger) ledger.Ledger
}

// document has a person of two accounts, and a group that must agree to what
// happens to databases.
func document() policy.Document {
	everything := []policy.Action{policy.Create, policy.Update, policy.Delete, policy.Start, policy.Stop, policy.Reboot}
	return policy.Document{
		Version: 1,
		People: map[string]policy.Person{
			"ana": {Local: []string{"ana"}, OIDC: []string{"https://id.example.com|ana"}},
			"ben": {Local: []string{"ben"}, OIDC: []string{"https://id.example.com|ben"}},
			"cy":  {Local: []string{"cy"}},
			"dan": {Local: []string{"dan"}},
		},
		Groups:     map[string]policy.Group{"sre": {People: []string{"ana", "ben", "cy"}}},
		ServerSets: map[string][]policy.ServerMatch{"databases": {{Name: []string{"db-*"}}}},
		Grants:     []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: append(everything, policy.List, policy.Get)}},
		Guards: []policy.Guard{
			{ID: "say-yes", Actions: []policy.Action{policy.Create, policy.Update, policy.Stop, policy.Reboot}, Require: &policy.Require{ConfirmAsker: true}},
			{ID: "delete", Why: "a deleted server cannot be brought back", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true, TypeName: true}},
			{ID: "two-for-databases", Actions: []policy.Action{policy.Reboot}, Servers: []string{"databases"}, Require: &policy.Require{Approve: 2, From: "sre"}},
			{ID: "why-stop", Actions: []policy.Action{policy.Stop}, Servers: []string{"databases"}, Require: &policy.Require{ConfirmAsker: true, Reason: true}},
		},
	}
}

func newStand(t *testing.T, o options) *stand {
	t.Helper()
	s := &stand{t: t, clock: &clock{t: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)}, ledger: ledger.NewMemory()}
	if o.document.Version == 0 {
		o.document = document()
	}
	s.setPolicy(o.document)
	s.api = sandbox.New(sandbox.Options{Servers: 2, Speed: cmp.Or(o.speed, 1e9)})
	s.apiURL = httptest.NewServer(s.api)
	t.Cleanup(s.apiURL.Close)
	s.startGate(o)
	s.startPage(o)
	return s
}

func (s *stand) setPolicy(d policy.Document) {
	s.t.Helper()
	p, err := policy.New(d)
	if err != nil {
		s.t.Fatal(err)
	}
	s.policy.Store(p)
}

func (s *stand) startGate(o options) {
	s.t.Helper()
	token, base := vpsapi.NewToken(sandbox.DefaultToken), vpsapi.WithBaseURL(s.apiURL.URL+sandbox.BasePath)
	noWait := vpsapi.WithBackoff(func(int) time.Duration { return 0 })
	reader, err := vpsapi.NewReader(token, base, noWait)
	if err != nil {
		s.t.Fatal(err)
	}
	writer, err := vpsapi.NewWriter(token, base)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(reader.CloseIdleConnections)
	var book ledger.Ledger = s.ledger
	if o.wrap != nil {
		book = o.wrap(book)
	}
	s.gate = gate.New(gate.Config{
		Ledger: book, Policy: s.policy.Load, Key: key, ReadOnly: o.readOnly, Now: s.clock.now,
		Accounts: []gate.Account{{Name: "default", Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader)}},
	})
	s.desk = s.gate.Desk()
	s.t.Cleanup(func() {
		if err := s.gate.Close(context.Background()); err != nil {
			s.t.Error(err)
		}
	})
}

func (s *stand) startPage(o options) {
	s.server = httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(s.server.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.origin = "http://" + web.LocalHost(key) + ":" + port
	if o.https {
		s.origin = "https://vps.example.com"
	}
	s.server.Config.Handler = web.New(web.Config{
		Ballot: s.gate.Ballot(), Key: key, Origin: s.origin, OtherHosts: []string{"127.0.0.1:" + port, "localhost:" + port},
		Identify: identify, Now: s.clock.now,
	})
	s.server.Start()
	s.t.Cleanup(s.server.Close)
}

// identify stands in for a provider: the test's browser says who it is.
func identify(r *http.Request) (gate.Voter, bool) {
	kind, id, ok := strings.Cut(r.Header.Get("X-Test-Identity"), " ")
	return gate.Voter{Identity: policy.Identity{Kind: policy.IdentityKind(kind), ID: id}, Front: policy.Page, Factor: policy.PersonFactor}, ok
}

// browser keeps cookies and says Host and Origin as a browser does.
type browser struct {
	*stand
	client   *http.Client
	identity string // for identify
}

func (s *stand) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", s.server.Listener.Addr().String())
	}}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &browser{stand: s, client: &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// as is a browser of somebody whom identify knows.
func (s *stand) as(person string) *browser {
	b := s.newBrowser()
	b.identity = "local " + person
	return b
}

// byLink is a browser that has signed in by a one-time link.
func (s *stand) byLink(person string) *browser {
	s.t.Helper()
	b := s.newBrowser()
	b.signIn(s.loginURL(person))
	return b
}

func (s *stand) loginURL(person string) string {
	return web.LoginURL(s.origin, key, policy.Identity{Kind: policy.LocalUser, ID: person}, s.clock.now(), "/requests")
}

func (b *browser) signIn(link string) {
	b.t.Helper()
	r := b.get(link)
	if r.status != http.StatusOK {
		b.t.Fatalf("the link: %d %s", r.status, r.body)
	}
	if r = b.post("/login", url.Values{"code": {r.field("code")}}); r.status != http.StatusSeeOther {
		b.t.Fatalf("signing in: %d %s", r.status, r.body)
	}
}

type response struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// with changes a request before it is sent.
type with func(*http.Request)

func header(name, value string) with {
	return func(r *http.Request) {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
}

func (b *browser) do(r *http.Request, changes ...with) response {
	b.t.Helper()
	if b.identity != "" {
		r.Header.Set("X-Test-Identity", b.identity)
	}
	for _, change := range changes {
		change(r)
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response{b.t, res.StatusCode, res.Header, string(body)}
}

func (b *browser) address(path string) string {
	if strings.HasPrefix(path, "/") {
		return b.origin + path
	}
	return path
}

func (b *browser) get(path string, changes ...with) response {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.address(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r, changes...)
}

func (b *browser) post(path string, form url.Values, changes ...with) response {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.address(path), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.origin)
	return b.do(r, changes...)
}

// field is the value of the page's first hidden field of that name, "" where
// there is none.
func (r response) field(name string) string {
	m := regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(r.body, -1)
	if len(m) == 0 {
		return ""
	}
	return html.UnescapeString(m[len(m)-1][1])
}

// token is the token of the vote's form.
func (b *browser) token(id string) string {
	b.t.Helper()
	r := b.get("/requests/" + id)
	if r.status != http.StatusOK || r.field("verdict") == "" {
		b.t.Fatalf("no form on the page: %d %s", r.status, r.body)
	}
	return r.field("csrf")
}

// vote opens the request and presses a button.
func (b *browser) vote(id, verdict string, more ...string) response {
	b.t.Helper()
	return b.voteWith(b.token(id), id, verdict, more...)
}

func (b *browser) voteWith(token, id, verdict string, more ...string) response {
	b.t.Helper()
	form := url.Values{"csrf": {token}, "verdict": {verdict}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return b.post("/requests/"+id+"/vote", form)
}

func actor(person string) policy.Actor {
	return policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: person}, Front: policy.MCP, Client: "Claude Code"}
}

// ask asks as an assistant of that person would, and returns the request's id.
func (s *stand) ask(person string, op gate.Operation) string {
	s.t.Helper()
	v, err := s.desk.Ask(s.t.Context(), actor(person), op)
	if err != nil {
		s.t.Fatal(err)
	}
	if v.State != ledger.Pending {
		s.t.Fatalf("asked, and it is %s: %s", v.State, v.Message())
	}
	return v.ID
}

func server(id string) gate.Ref { return gate.Ref{Text: id, IsID: true} }

func (s *stand) askDelete(person string) string {
	s.t.Helper()
	return s.ask(person, gate.Operation{Action: policy.Delete, Server: server("12345"), Name: "web-server-01", Reason: "not needed any more"})
}

// askReboot asks for what two others must approve.
func (s *stand) askReboot(person string) string {
	s.t.Helper()
	return s.ask(person, gate.Operation{Action: policy.Reboot, Server: server("12346")})
}

// ends waits until a request is in a state.
func (s *stand) ends(person, id string, want ledger.State) gate.View {
	s.t.Helper()
	v, err := s.desk.Wait(s.t.Context(), actor(person), id, 20*time.Second, nil)
	if err != nil || v.State != want {
		s.t.Fatalf("it is %s (%s), want %s; err %v", v.State, v.Message(), want, err)
	}
	return v
}

func (s *stand) state(id string) (state ledger.State) {
	s.t.Helper()
	err := s.ledger.Read(s.t.Context(), func(tx ledger.ReadTx) error {
		r, err := tx.Request(id)
		state = r.State
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

// writes are the calls that reached the API and were no reads.
func (s *stand) writes() (lines []string) {
	for _, r := range s.api.Requests() {
		if r.Method != http.MethodGet {
			lines = append(lines, r.Method+" "+r.Path)
		}
	}
	return lines
}

func (s *stand) wantUntouched(id string) {
	s.t.Helper()
	if w := s.writes(); len(w) > 0 {
		s.t.Errorf("sent: %q", w)
	}
	if got := s.state(id); got != ledger.Pending {
		s.t.Errorf("the request is %s", got)
	}
}

// events counts the audit rows of a kind.
func (s *stand) events(kind string) (n int) {
	s.t.Helper()
	err := s.ledger.Read(s.t.Context(), func(tx ledger.ReadTx) error {
		all, err := tx.Events(0)
		for _, e := range all {
			if e.Kind == kind {
				n++
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (r response) want(status int, texts ...string) {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("answered %d, want %d: %s", r.status, status, r.body)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			r.t.Errorf("the page does not say %q: %s", text, r.body)
		}
	}
}

func (r response) wantNot(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if strings.Contains(r.body, text) {
			r.t.Errorf("the page says %q: %s", text, r.body)
		}
	}
}

func updateName(name string) *vpsapi.UpdateServerParams {
	return &vpsapi.UpdateServerParams{Name: &name}
}

func createParams(t *testing.T) *vpsapi.CreateServerParams {
	t.Helper()
	one, err := vpsapi.ParseID("1")
	if err != nil {
		t.Fatal(err)
	}
	return &vpsapi.CreateServerParams{Name: "web-99", PlanID: one, OSID: one, Location: "us-west"}
}
