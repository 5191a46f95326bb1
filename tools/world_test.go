package tools_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/memnet"
	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// canary is the API token of every test: no answer may hold it.
const canary = "vps_canary_7b1f"

var me = policy.Identity{Kind: policy.LocalUser, ID: "me"}

// world is everything between an MCP client and the simulated API.
type world struct {
	t    *testing.T
	api  *sandbox.Sandbox
	gate *gate.Gate
	mcp  *server.MCPServer

	policy        atomic.Pointer[policy.Policy]
	policyChanged func()

	clients []client.ClientOption // of every client that connects from here on

	mu        sync.Mutex
	announced []string
	audit     *ledger.Memory
	logs      strings.Builder
}

type setup struct {
	api      sandbox.Options
	policy   *policy.Policy
	readOnly bool
	token    string
	accounts []string
	apiURL   string
	now      func() time.Time
	browser  bool // the program opens the page by itself

	announce func(id string) // does what takes a while when that is announced; may be nil

	lookEvery time.Duration
	ending    context.Context

	network *memnet.Listener                  // on which the API is, where not on a socket
	ledger  func(ledger.Ledger) ledger.Ledger // what stands before it, if anything
}

// inMemory has no sockets, so that a testing/synctest bubble can hold it.
func inMemory(s *setup) { s.network = memnet.Listen() }

func newWorld(t *testing.T, change ...func(*setup)) *world {
	t.Helper()
	s := setup{api: sandbox.Options{Token: canary, Speed: 1e9}, token: canary, accounts: []string{"main"}}
	var err error
	if s.policy, err = policy.Local("me", "me"); err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&s)
	}
	w := &world{t: t, api: sandbox.New(s.api), audit: ledger.NewMemory()}
	if address := serveAPI(t, w.api, s.network); s.apiURL == "" {
		s.apiURL = address + sandbox.BasePath
	}
	logger := w.logger()
	w.policy.Store(s.policy)
	store := ledger.Ledger(w.audit)
	if s.ledger != nil {
		store = s.ledger(store)
	}
	w.gate = gate.New(gate.Config{
		Ledger: store, Policy: w.policy.Load, Accounts: accountsOf(t, s),
		Key: seal.NewKey([32]byte{1}), ReadOnly: s.readOnly, Logger: logger, Now: s.now,
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.gate.Close(ctx); err != nil {
			t.Error("the gate did not close:", err)
		}
	})
	w.mcp = tools.New(tools.Config{
		Desk: w.gate.Desk(), Version: "1.2.3", Logger: logger, LookEvery: s.lookEvery, Ending: s.ending,
		OnPolicy: func(changed func()) { w.policyChanged = changed },
		PageURL:  func(id string) string { return "http://page.localhost/requests/" + id },
		Announce: func(_ context.Context, v gate.View) bool {
			w.mu.Lock()
			w.announced = append(w.announced, v.ID)
			w.mu.Unlock()
			if s.announce != nil {
				s.announce(v.ID)
			}
			return s.browser
		},
	})
	return w
}

func serveAPI(t *testing.T, api http.Handler, network *memnet.Listener) (address string) {
	if network == nil {
		s := httptest.NewServer(api)
		t.Cleanup(s.Close)
		return s.URL
	}
	s, served := &http.Server{Handler: api}, make(chan struct{})
	go func() { defer close(served); _ = s.Serve(network) }()
	t.Cleanup(func() { _ = s.Close(); <-served })
	return "http://" + network.Addr().String()
}

func accountsOf(t *testing.T, s setup) []gate.Account {
	var accounts []gate.Account
	for _, name := range s.accounts {
		token := vpsapi.NewToken(s.token)
		options := []vpsapi.Option{vpsapi.WithBaseURL(s.apiURL), vpsapi.WithBackoff(func(int) time.Duration { return time.Millisecond })}
		if s.network != nil {
			options = append(options, vpsapi.WithTransport(&http.Transport{DialContext: s.network.DialContext}))
		}
		reader, err := vpsapi.NewReader(token, options...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(reader.CloseIdleConnections)
		writer, err := vpsapi.NewWriter(token, options...)
		if err != nil {
			t.Fatal(err)
		}
		accounts = append(accounts, gate.Account{
			Name: name, Fingerprint: name, Reader: reader, Writer: writer,
			Finder: vpsapi.NewFinder(reader, vpsapi.WithFinderTTL(0)),
		})
	}
	return accounts
}

func (w *world) logger() *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// logged is what was logged so far.
func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.String()
}

// Write takes the log's lines.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.Write(p)
}

// announcedIDs are the requests that were announced to who runs the program.
func (w *world) announcedIDs() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.announced...)
}

// writes are the changing calls that reached the API, as "METHOD path".
func (w *world) writes() []string {
	var writes []string
	for _, r := range w.api.Requests() {
		if r.Method != http.MethodGet {
			writes = append(writes, r.Method+" "+strings.TrimPrefix(r.Path, sandbox.BasePath))
		}
	}
	return writes
}

func (w *world) reads() []string {
	var reads []string
	for _, r := range w.api.Requests() {
		if r.Method == http.MethodGet {
			reads = append(reads, strings.TrimPrefix(r.Path, sandbox.BasePath))
		}
	}
	return reads
}

// wantWrites fails the test unless the API received just these.
func (w *world) wantWrites(want ...string) {
	w.t.Helper()
	if got := w.writes(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Errorf("the API received %q, want %q", got, want)
	}
}

// vote is a person's, on the page.
func (w *world) vote(id string, approve bool, typed string) {
	w.t.Helper()
	w.verdict(gate.Verdict{RequestID: id, Approve: approve, TypedName: typed})
}

func (w *world) voteBecause(id string, approve bool, reason string) {
	w.t.Helper()
	w.verdict(gate.Verdict{RequestID: id, Approve: approve, Reason: reason})
}

func (w *world) verdict(said gate.Verdict) {
	w.t.Helper()
	v, err := w.gate.Desk().Request(w.t.Context(), policy.Actor{Identity: me}, said.RequestID)
	if err != nil {
		w.t.Fatal(err)
	}
	by := gate.Voter{Identity: me, Front: policy.Page, Factor: policy.PersonFactor, OwnOnly: true}
	said.Digest = v.Digest
	if _, err := w.gate.Ballot().Vote(w.t.Context(), by, said); err != nil {
		w.t.Fatal(err)
	}
}

// putInForce is the policy's file read again.
func (w *world) putInForce(p *policy.Policy) {
	w.policy.Store(p)
	w.policyChanged()
}

// askAs records an ask that waits for a vote.
func (w *world) askAs(who policy.Identity, action policy.Action, server string) (id string) {
	w.t.Helper()
	v, err := w.gate.Desk().Ask(w.t.Context(), policy.Actor{Identity: who, Front: policy.MCP}, gate.Operation{Action: action, Server: gate.Ref{Text: server, IsID: true}})
	if err != nil || v.State != ledger.Pending {
		w.t.Fatalf("%s, %v", v.State, err)
	}
	return v.ID
}

func (w *world) cancelAs(who policy.Identity, id string) {
	w.t.Helper()
	if _, err := w.gate.Desk().Cancel(w.t.Context(), policy.Actor{Identity: who, Front: policy.MCP}, id); err != nil {
		w.t.Fatal(err)
	}
}

// dialog answers as a client's handler would.
type dialog func(mcp.ElicitationRequest) (*mcp.ElicitationResult, error)

func (d dialog) Elicit(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return d(r)
}

func says(action mcp.ElicitationResponseAction, content any) dialog {
	return func(mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: action, Content: content}}, nil
	}
}

var (
	yes = says(mcp.ElicitationResponseActionAccept, map[string]any{"confirm": true})
	no  = says(mcp.ElicitationResponseActionDecline, nil)
)

// front is a way by which a client comes.
type front struct {
	name    string
	legacy  bool
	connect func(*world, ...client.ClientOption) *client.Client
	caller  policy.Identity // in process, where it isn't me
}

// as is the front for somebody else, in process.
func (f front) as(who policy.Identity) front {
	f.caller = who
	return f
}

func fronts() []front {
	var all []front
	for _, era := range []struct {
		name   string
		legacy bool
	}{{"new era", false}, {"old era", true}} {
		all = append(all,
			front{name: "in process, " + era.name, legacy: era.legacy, connect: (*world).inProcess},
			front{name: "HTTP, " + era.name, legacy: era.legacy, connect: (*world).overHTTP},
			front{name: "stdio, " + era.name, legacy: era.legacy, connect: (*world).overStdio})
	}
	return all
}

// withMe makes a context's calls mine.
func withMe(ctx context.Context) context.Context {
	return tools.WithCaller(ctx, tools.Caller{Identity: me})
}

// dialer connects a client to a world; a nil dialog is a client without one.
type dialer func(w *world, d dialog) *conn

// everywhere runs a test on every front, each in a world of its own.
func everywhere(t *testing.T, test func(t *testing.T, connect dialer)) {
	for _, f := range fronts() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			test(t, func(w *world, d dialog) *conn { return f.dial(w, d) })
		})
	}
}

// inABubble runs a test in both eras, each in a bubble of its own time, where
// waiting takes none. The world must be [inMemory], and connected to once.
func inABubble(t *testing.T, test func(t *testing.T, connect dialer)) {
	for _, f := range fronts() {
		if strings.HasPrefix(f.name, "in process") {
			t.Run(f.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					test(t, func(w *world, d dialog) *conn { return f.dial(w, d) })
				})
			})
		}
	}
}

func (f front) dial(w *world, d dialog) *conn {
	w.t.Helper()
	options := []client.ClientOption{client.WithDiscoverTimeout(-1)} // of whatever time: the server speaks both
	if f.legacy {
		options = append(options, client.WithLegacyProtocolOnly()) //nolint:staticcheck // most installed clients speak it
	}
	if d != nil {
		options = append(options, client.WithElicitationHandler(d))
	}
	options = append(options, w.clients...)
	c := f.connect(w, options...)
	ctx := withMe(w.t.Context()) // read in process alone
	if f.caller != (policy.Identity{}) {
		ctx = tools.WithCaller(ctx, tools.Caller{Identity: f.caller})
	}
	if err := c.Start(ctx); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	var hello mcp.InitializeRequest
	hello.Params.ClientInfo = mcp.Implementation{Name: "Slack official", Version: "9"}
	if f.legacy {
		hello.Params.ProtocolVersion = mcp.LATEST_LEGACY_PROTOCOL_VERSION
	}
	got, err := c.Initialize(ctx, hello)
	if err != nil {
		w.t.Fatal(err)
	}
	if mcp.IsModernProtocol(got.ProtocolVersion) == f.legacy {
		w.t.Fatalf("speaks %s", got.ProtocolVersion)
	}
	return &conn{w: w, Client: c, ctx: ctx}
}

func (w *world) inProcess(options ...client.ClientOption) *client.Client {
	c, err := client.NewInProcessClientWithOptions(w.mcp, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) overHTTP(options ...client.ClientOption) *client.Client {
	// Not Go's shared transport: every httptest.Server that closes shuts its
	// connections.
	own := &http.Transport{}
	w.t.Cleanup(own.CloseIdleConnections)
	tr, err := transport.NewStreamableHTTP(w.serveHTTP(mcphttp.Local(me)), transport.WithHTTPBasicClient(&http.Client{Transport: own}))
	if err != nil {
		w.t.Fatal(err)
	}
	return client.NewClient(tr, options...)
}

// serveHTTP returns the address of the MCP server on HTTP.
func (w *world) serveHTTP(authenticate func(*http.Request) (tools.Caller, error)) string {
	h := w.handler(authenticate)
	s := httptest.NewServer(h)
	w.t.Cleanup(func() {
		h.Close()
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

func (w *world) handler(authenticate func(*http.Request) (tools.Caller, error)) *mcphttp.Handler {
	return mcphttp.New(mcphttp.Config{
		MCP: w.mcp, Authenticate: authenticate,
		AllowedHosts: []string{"127.0.0.1"}, AllowedOrigins: []string{"https://app.example.com"},
		Quiet: tools.Quiet, Logger: w.logger(),
	})
}

func (w *world) overStdio(options ...client.ClientOption) *client.Client {
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- tools.ServeStdio(context.Background(), w.mcp, tools.Caller{Identity: me}, tools.Limits{}, w.logger(), fromClient, toClient)
		toClient.Close()
	}()
	w.t.Cleanup(func() {
		toServer.Close()
		fromServer.Close()
		<-ended
	})
	return client.NewClient(transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader(""))), options...)
}

// conn is a connected client.
type conn struct {
	w *world
	*client.Client
	ctx context.Context
}

// answered is a tool's answer as a test looks at it.
type answered struct {
	outcomeFields
	text    string
	isError bool
	raw     *mcp.CallToolResult
}

type outcomeFields struct {
	Outcome   string `json:"outcome"`
	State     string `json:"state"`
	RequestID string `json:"request_id"`
	Message   string `json:"message"`
	Server    struct {
		ID     json.Number `json:"id"`
		Name   string      `json:"name"`
		Status string      `json:"status"`
	} `json:"server"`
	Needs     []string  `json:"needs"`
	ExpiresAt time.Time `json:"expires_at"`
}

// call calls a tool with arguments written as JSON.
func (c *conn) call(tool, arguments string) answered {
	c.w.t.Helper()
	var r mcp.CallToolRequest
	r.Params.Name = tool
	r.Params.RawArguments = json.RawMessage(arguments)
	return c.send(r)
}

func (c *conn) send(r mcp.CallToolRequest) answered {
	c.w.t.Helper()
	result, err := c.CallTool(c.ctx, r)
	if err != nil {
		c.w.t.Fatalf("%s: %v", r.Params.Name, err)
	}
	return c.w.read(r.Params.Name, result)
}

func (w *world) read(tool string, result *mcp.CallToolResult) answered {
	w.t.Helper()
	w.checkStructured(tool, result)
	a := answered{isError: result.IsError, raw: result}
	for _, part := range result.Content {
		if text, ok := part.(mcp.TextContent); ok {
			a.text += text.Text
		}
	}
	if len(result.RawStructuredContent) > 0 {
		if err := json.Unmarshal(result.RawStructuredContent, &a.outcomeFields); err != nil {
			w.t.Fatalf("structured content: %v in %s", err, result.RawStructuredContent)
		}
	}
	if all, _ := json.Marshal(result); strings.Contains(string(all), canary) {
		w.t.Error("the answer holds the API token")
	}
	return a
}

// want fails the test unless the outcome is this.
func (a answered) want(t *testing.T, outcome, state string) answered {
	t.Helper()
	if a.Outcome != outcome || a.State != state {
		t.Fatalf("outcome %q, state %q, want %q, %q: %s", a.Outcome, a.State, outcome, state, a.text)
	}
	wantError := outcome == "denied" || outcome == "failed" || outcome == "unknown"
	if a.isError != wantError {
		t.Fatalf("isError is %v for %s", a.isError, outcome)
	}
	return a
}

// holds fails the test unless the text holds every one of these.
func (a answered) holds(t *testing.T, parts ...string) answered {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(a.text, part) {
			t.Errorf("the answer lacks %q: %s", part, a.text)
		}
	}
	return a
}
