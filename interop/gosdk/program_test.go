// Package gosdk drives the program with the official Go SDK's client. It is a
// module of its own, so that the program needs nothing of it.
package gosdk

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// patience is for what takes milliseconds on a machine at rest.
const patience = 50 * time.Second

// way is a transport and an era.
type way struct {
	transport, revision string
}

var revisions = []string{"2026-07-28", "2025-11-25"}

// everyWay runs a test over each transport in each era.
func everyWay(t *testing.T, test func(t *testing.T, w way)) {
	for _, transport := range []string{"stdio", "HTTP"} {
		for _, revision := range revisions {
			t.Run(transport+", "+revision, func(t *testing.T) {
				t.Parallel()
				test(t, way{transport, revision})
			})
		}
	}
}

// session is a client connected to a program.
type session struct {
	*mcp.ClientSession
	t      *testing.T
	ctx    context.Context
	api    string
	traces *collector
	waits  chan struct{} // told when a call tells its progress

	client  *mcp.Client
	mcpURL  string                            // over HTTP
	process *os.Process                       // over stdio
	between func(mcp.Transport) mcp.Transport // likewise; may be nil
}

// connect opens a session with a program of its own.
func (w way) connect(t *testing.T, options *mcp.ClientOptions) *session {
	t.Helper()
	s := newSession(t)
	if w.transport == "stdio" {
		s.start(w, options, environment(t.TempDir()), "mcp", "--sandbox")
		return s
	}
	out := s.run(environment(t.TempDir()), "serve", "--sandbox")
	s.mcpURL, s.api = out.wait(t, `(?m)^mcp: +(http:\S+)`), out.wait(t, `(?m)^api: +(http:\S+)`)
	s.open(&mcp.StreamableClientTransport{Endpoint: s.mcpURL}, w, options)
	return s
}

func newSession(t *testing.T) *session {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return &session{t: t, ctx: ctx, traces: newCollector(t)}
}

// start has the client start the program over stdio.
func (s *session) start(w way, options *mcp.ClientOptions, env []string, args ...string) {
	s.t.Helper()
	c := exec.Command(program(s.t), args...)
	c.Env = append(env, s.traces.settings()...)
	stderr := &screen{}
	c.Stderr = stderr
	transport := mcp.Transport(&mcp.CommandTransport{Command: c, TerminateDuration: patience / 2})
	if s.between != nil {
		transport = s.between(transport)
	}
	s.open(transport, w, options)
	s.process = c.Process
	if s.api == "" {
		s.api = stderr.wait(s.t, `(?m)^api: +(http:\S+)`)
	}
}

// run runs the program until the test ends.
func (s *session) run(env []string, args ...string) (out *screen) {
	s.t.Helper()
	c := exec.Command(program(s.t), args...)
	c.Env = append(env, s.traces.settings()...)
	out = &screen{}
	c.Stdout = out
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() })
	return out
}

func (s *session) open(transport mcp.Transport, w way, options *mcp.ClientOptions) {
	s.t.Helper()
	with := mcp.ClientOptions{}
	if options != nil {
		with = *options
	}
	waits := make(chan struct{}, 100)
	if s.waits = waits; with.ProgressNotificationHandler == nil {
		with.ProgressNotificationHandler = func(context.Context, *mcp.ProgressNotificationClientRequest) { waits <- struct{}{} }
	}
	s.client = mcp.NewClient(&mcp.Implementation{Name: "vpsops-interop", Version: "1"}, &with)
	opened, err := s.client.Connect(s.ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: w.revision})
	if err != nil {
		s.t.Fatal(err)
	}
	s.ClientSession = opened
	s.t.Cleanup(func() { _ = opened.Close() })
	if got := opened.InitializeResult().ProtocolVersion; got != w.revision {
		s.t.Fatalf("speaks %s, want %s", got, w.revision)
	}
}

func program(t *testing.T) string {
	path := os.Getenv("VPSOPS_PROGRAM")
	if path == "" {
		t.Fatal("VPSOPS_PROGRAM is not set: run these through interop/run.sh")
	}
	return path
}

// environment has nothing of the user's in it.
func environment(home string) []string {
	return []string{
		"HOME=" + home, "XDG_STATE_HOME=" + home, "XDG_CONFIG_HOME=" + home, "PATH=" + os.Getenv("PATH"),
		"VPSOPS_OPEN_BROWSER=never", "VPSOPS_LISTEN=127.0.0.1:0", "VPSOPS_ADMIN_LISTEN=127.0.0.1:0",
	}
}

// screen is what a program has written.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) wait(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		found := re.FindStringSubmatch(s.text.String())
		s.mu.Unlock()
		if found != nil {
			return found[1]
		}
	}
	t.Fatalf("the program never wrote %s", pattern)
	return ""
}

// outcome is what a changing tool answers.
type outcome struct {
	Outcome   string `json:"outcome"`
	State     string `json:"state"`
	RequestID string `json:"request_id"`
}

func (s *session) call(tool string, arguments map[string]any) (outcome, *mcp.CallToolResult) {
	s.t.Helper()
	result, err := s.CallTool(s.ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		s.t.Fatalf("%s: %v", tool, err)
	}
	var o outcome
	text, err := json.Marshal(result.StructuredContent)
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		s.t.Fatalf("%s: %v", tool, err)
	}
	return o, result
}

// writes are the changing calls that the API received: the oracle for what was
// sent.
func (s *session) writes() []string {
	s.t.Helper()
	at, err := url.Parse(s.api)
	if err != nil {
		s.t.Fatal(err)
	}
	at.Path = "/_sandbox/requests"
	response, err := http.Get(at.String())
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var writes []string
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		var r struct{ Method, Path string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			s.t.Fatal(err)
		}
		if r.Method != http.MethodGet {
			writes = append(writes, r.Method+" "+r.Path)
		}
	}
	return writes
}

func (s *session) wantWrites(want ...string) {
	s.t.Helper()
	if got := s.writes(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.t.Errorf("the API received %q, want %q", got, want)
	}
}

// answering is a client whose dialogs are answered so.
func answering(action string, content map[string]any) *mcp.ClientOptions {
	return &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: action, Content: content}, nil
		},
	}
}

// beginWaiting has the program wait for a request, and returns when it does.
// ended has what becomes of the call.
func (s *session) beginWaiting(ctx context.Context, request string) (ended <-chan error) {
	s.t.Helper()
	params := &mcp.CallToolParams{Name: "get_request", Arguments: map[string]any{"request_id": request, "wait_seconds": 50}}
	params.SetProgressToken("waits")
	called := make(chan error, 1)
	go func(c *mcp.ClientSession) {
		_, err := c.CallTool(ctx, params)
		called <- err
	}(s.ClientSession)
	select {
	case <-s.waits:
	case err := <-called:
		s.t.Fatalf("the wait is over: %v", err)
	}
	return called
}

// wantLetGo fails the test unless the program was done with the first call of a
// tool long before the time was over for which it was to wait.
func (s *session) wantLetGo(tool string) {
	s.t.Helper()
	if took := s.traces.lasted(s.t, tool); took > patience/2 {
		s.t.Errorf("%s kept the program for %v", tool, took)
	}
}

// holdingBack writes a call only with its cancellation, right before it.
type holdingBack struct {
	mcp.Transport
	holds   func(jsonrpc.Message) bool
	written chan struct{} // closed when both are
}

func (h holdingBack) Connect(ctx context.Context) (mcp.Connection, error) {
	c, err := h.Transport.Connect(ctx)
	return &holdingConnection{Connection: c, holdingBack: h}, err
}

type holdingConnection struct {
	mcp.Connection
	holdingBack

	mu   sync.Mutex
	call jsonrpc.Message
}

func (c *holdingConnection) Write(ctx context.Context, m jsonrpc.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holds(m) {
		c.call = m
		return nil
	}
	r, ok := m.(*jsonrpc.Request)
	if c.call == nil || !ok || r.Method != "notifications/cancelled" {
		return c.Connection.Write(ctx, m)
	}
	err := errors.Join(c.Connection.Write(ctx, c.call), c.Connection.Write(ctx, m))
	c.call = nil
	close(c.written)
	return err
}

// wire is a client's connections, which can be cut.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn
}

func (w *wire) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.conns = append(w.conns, c)
		}
		return c, err
	}}}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

// withPages is a client that opens pages, too.
func withPages(handle func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error)) *mcp.ClientOptions {
	return &mcp.ClientOptions{
		ElicitationHandler: handle,
		Capabilities: &mcp.ClientCapabilities{
			Elicitation: &mcp.ElicitationCapabilities{Form: &mcp.FormElicitationCapabilities{}, URL: &mcp.URLElicitationCapabilities{}},
		},
	}
}
