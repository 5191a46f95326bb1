// Package gosdk drives the program with the official Go SDK's client. It is a
// module of its own, so that the program needs nothing of it.
package gosdk

import (
	"bufio"
	"context"
	"encoding/json"
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

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// patience is for what takes milliseconds on a machine at rest.
const patience = 50 * time.Second

// way is a transport and an era.
type way struct {
	transport, revision string
}

// everyWay runs a test over each transport in each era.
func everyWay(t *testing.T, test func(t *testing.T, w way)) {
	for _, transport := range []string{"stdio", "HTTP"} {
		for _, revision := range []string{"2026-07-28", "2025-11-25"} {
			t.Run(transport+", "+revision, func(t *testing.T) {
				t.Parallel()
				test(t, way{transport, revision})
			})
		}
	}
}

// session is a client connected to a program of its own.
type session struct {
	*mcp.ClientSession
	t   *testing.T
	ctx context.Context
	api string

	client *mcp.Client
	mcpURL string // over HTTP
}

func (w way) connect(t *testing.T, options *mcp.ClientOptions) *session {
	t.Helper()
	program := os.Getenv("VPSOPS_PROGRAM")
	if program == "" {
		t.Fatal("VPSOPS_PROGRAM is not set: run these through interop/run.sh")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	s := &session{t: t, ctx: ctx}
	if w.transport == "stdio" {
		c := exec.Command(program, "mcp", "--sandbox")
		c.Env = environment(t)
		stderr := &screen{}
		c.Stderr = stderr
		s.open(&mcp.CommandTransport{Command: c}, w, options)
		s.api = stderr.wait(t, `(?m)^api: +(http:\S+)`)
		return s
	}
	c := exec.Command(program, "serve", "--sandbox")
	c.Env = environment(t)
	out := &screen{}
	c.Stdout = out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() })
	s.mcpURL, s.api = out.wait(t, `(?m)^mcp: +(http:\S+)`), out.wait(t, `(?m)^api: +(http:\S+)`)
	s.open(&mcp.StreamableClientTransport{Endpoint: s.mcpURL}, w, options)
	return s
}

func (s *session) open(transport mcp.Transport, w way, options *mcp.ClientOptions) {
	s.t.Helper()
	s.client = mcp.NewClient(&mcp.Implementation{Name: "vpsops-interop", Version: "1"}, options)
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

// environment has nothing of the user's in it.
func environment(t *testing.T) []string {
	home := t.TempDir()
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

// answering is a client whose dialog answers so.
func answering(action string, content map[string]any) *mcp.ClientOptions {
	return &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: action, Content: content}, nil
		},
	}
}

// wire is a client's connections, which can be cut.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn
	calls chan struct{}
}

func (w *wire) client() *http.Client {
	w.calls = make(chan struct{}, 100)
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.conns = append(w.conns, c)
		return &told{c, w.calls}, err
	}}}
}

// told tells when a call is written.
type told struct {
	net.Conn
	calls chan struct{}
}

func (c *told) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if strings.Contains(string(p), "wait_seconds") {
		c.calls <- struct{}{}
	}
	return n, err
}

// cut cuts every connection, once the waiting call is on its way.
func (w *wire) cut() {
	<-w.calls
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		_ = c.Close()
	}
}
