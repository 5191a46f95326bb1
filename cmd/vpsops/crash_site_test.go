//go:build crash && unix

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"vpsops/internal/seal"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// crashStores make an empty place for a ledger each.
var crashStores = map[string]func(*testing.T) string{
	"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "ledger.db") },
}

// everyStore runs a test on every kind of store, at the same time.
func everyStore(t *testing.T, test func(t *testing.T, store string)) {
	for name, place := range crashStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, place(t))
		})
	}
}

// siteKey is VPSOPS_KEY of every process of a site.
var siteKey = [32]byte{1, 2, 3}

// site is a store, an API that outlives every crash, and the processes that
// work on them.
type site struct {
	*testing.T
	api      *sandbox.Sandbox
	settings []string
	audit    *ledger.SQL // the test's own look at the store
	rand     *rand.Rand
}

func newSite(t *testing.T, store, policyText string, servers int, serveAPI func(http.Handler) *httptest.Server) *site {
	t.Helper()
	s := newEmptySite(t, store, policyText, servers, serveAPI)
	s.openStore(store)
	return s
}

// newEmptySite leaves the store to whoever opens it first.
func newEmptySite(t *testing.T, store, policyText string, servers int, serveAPI func(http.Handler) *httptest.Server) *site {
	t.Helper()
	s := &site{T: t, api: sandbox.New(sandbox.Options{Token: canary, Servers: servers, Speed: 1e6}), rand: rand.New(rand.NewPCG(*crashSeed, 1))}
	server := serveAPI(s.api)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	folder := t.TempDir()
	if server.TLS != nil {
		s.trust(server, filepath.Join(folder, "api.pem"))
	}
	file := filepath.Join(folder, "policy.yaml")
	if err := os.WriteFile(file, []byte(policyText), 0o600); err != nil {
		t.Fatal(err)
	}
	s.settings = append(s.settings,
		"PATH="+os.Getenv("PATH"), "HOME="+folder, "XDG_STATE_HOME="+folder, "VPSOPS_PERSON=ana",
		"VPSOPS_LISTEN=127.0.0.1:0", "VPSOPS_ADMIN_LISTEN=127.0.0.1:0", "VPSOPS_OPEN_BROWSER=never", "VPSOPS_LOG_FORMAT=json",
		"VPSOPS_KEY="+base64.StdEncoding.EncodeToString(siteKey[:]),
		"VPSOPS_POLICY="+file, "VPSOPS_STORE="+store,
		"VPS_API_TOKEN="+canary, "VPS_API_URL="+server.URL+sandbox.BasePath,
	)
	return s
}

// openStore begins the test's own look at the store.
func (s *site) openStore(store string) {
	s.Helper()
	var err error
	if s.audit, err = ledger.Open(s.Context(), store, ledger.Options{Key: seal.NewKey(siteKey)}); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if err := s.audit.Close(); err != nil {
			s.Error(err)
		}
	})
}

// trust has the processes believe the API's certificate.
func (s *site) trust(server *httptest.Server, file string) {
	s.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		s.Fatal(err)
	}
	s.settings = append(s.settings, "SSL_CERT_FILE="+file)
}

// house is one running "vpsops serve".
type house struct {
	*process
	site    *site
	mcp     string
	page    string
	link    string
	health  string
	browser *browser
}

// serve starts the program, and waits until it serves.
func (s *site) serve() *house {
	s.Helper()
	h := s.start()
	h.mcp = h.shows(`(?m)^mcp: +(\S+)$`)
	h.page = h.shows(`(?m)^page: +(\S+)/requests$`)
	h.link = h.shows(`(?m)^sign in: +(\S+)$`)
	h.shows(`(?m)^health: +(\S+)`)
	return h
}

// start starts the program with more settings than the site's.
func (s *site) start(more ...string) *house {
	s.Helper()
	path, err := exec.LookPath("vpsops")
	if err != nil {
		s.Fatal(err)
	}
	return s.startProgram(path, more...)
}

// startProgram is start with the program of another build.
func (s *site) startProgram(path string, more ...string) *house {
	s.Helper()
	h := &house{site: s, browser: newBrowser(), process: &process{
		name: "serve", cmd: exec.Command(path, "serve"), stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{}),
	}}
	h.cmd.Dir, h.cmd.Env, h.cmd.Stdout, h.cmd.Stderr = s.TempDir(), slices.Concat(s.settings, more), h.stdout, h.stderr
	if err := h.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(h.crash)
	go func() {
		h.err = h.cmd.Wait()
		h.stdout.end()
		h.stderr.end()
		close(h.ended)
	}()
	return h
}

func (h *house) shows(pattern string) string {
	h.site.Helper()
	ctx, cancel := patiently()
	defer cancel()
	m := h.stdout.await(ctx, regexp.MustCompile(pattern))
	if m == nil {
		h.site.Fatalf("it did not show %q:\n%s%s", pattern, h.stdout, h.stderr)
	}
	return m[1]
}

// crash ends the process as a power cut would.
func (h *house) crash() {
	h.kill()
	h.browser.close()
	for _, said := range []string{h.stdout.String(), h.stderr.String()} {
		if strings.Contains(said, canary) || strings.Contains(said, "DATA RACE") {
			h.site.Errorf("it said what it must not:\n%s", said)
		}
	}
}

// end ends the process as its host would.
func (h *house) end() {
	h.site.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.site.Errorf("it could not be ended: %v\n%s", err, h.stderr)
	}
	ctx, cancel := patiently()
	defer cancel()
	select {
	case <-h.ended:
	case <-ctx.Done():
		h.site.Error("it did not end")
	}
	if h.err != nil {
		h.site.Errorf("it ended badly: %v\n%s", h.err, h.stderr)
	}
}

// reply is a tool's, as far as these tests look at it.
type reply struct {
	RequestState      string `json:"requestState"`
	IsError           bool   `json:"isError"`
	StructuredContent struct {
		Outcome   string `json:"outcome"`
		State     string `json:"state"`
		RequestID string `json:"request_id"`
		Message   string `json:"message"`
	} `json:"structuredContent"`
}

// call calls a tool as a client of the newer era. more goes beside the
// arguments. Its error is a connection's: the process may be killed meanwhile.
func (h *house) call(token, tool, arguments, more string) (r reply, err error) {
	ctx, cancel := patiently()
	defer cancel()
	return h.callIn(ctx, token, tool, arguments, more)
}

func (h *house) callIn(ctx context.Context, token, tool, arguments, more string) (r reply, err error) {
	message := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s%s,"_meta":{`+
		`"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}}}`, tool, arguments, more)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.mcp, strings.NewReader(message))
	if err != nil {
		return r, err
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool,
	} {
		req.Header.Set(name, value)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := h.browser.http.Do(req)
	if err != nil {
		return r, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return r, err
	}
	if _, data, found := strings.Cut(string(text), "\ndata: "); found { // an event stream of one
		text = []byte(data)
	}
	var answer struct{ Result *reply }
	if err := json.NewDecoder(strings.NewReader(string(text))).Decode(&answer); err != nil || answer.Result == nil {
		return r, fmt.Errorf("%s: %w: %s", resp.Status, err, text)
	}
	return *answer.Result, nil
}

const confirmed = `,"requestState":%q,"inputResponses":{"confirm":{"action":"accept","content":{"confirm":true}}}`

// visit opens an address of the page, or submits a form there.
func (h *house) visit(path string, fields url.Values) (status int, body string, err error) {
	ctx, cancel := patiently()
	defer cancel()
	method, header := http.MethodGet, http.Header{}
	if fields != nil {
		method = http.MethodPost
		header = http.Header{"Origin": {h.page}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"}}
	}
	req, err := http.NewRequestWithContext(ctx, method, h.page+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return 0, "", err
	}
	req.Header = header
	resp, err := h.browser.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// signIn opens the link of the start screen and presses its button.
func (h *house) signIn() error {
	if h.link == "" {
		return nil
	}
	_, page, err := h.visit(strings.TrimPrefix(h.link, h.page), nil)
	if err != nil {
		return err
	}
	status, _, err := h.visit("/login", form(page, "code", ""))
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("the sign-in was answered %d", status)
	}
	h.link = ""
	return err
}

// approve presses the page's button for a request.
func (h *house) approve(id, typedName string) error {
	_, page, err := h.visit("/requests/"+id, nil)
	if err != nil {
		return err
	}
	fields := form(page, "verdict", "approve")
	if fields == nil {
		return fmt.Errorf("there is no button to approve:\n%s", page)
	}
	fields.Set("typed_name", typedName)
	status, answer, err := h.visit("/requests/"+id+"/vote", fields)
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("the vote was answered %d:\n%s", status, answer)
	}
	return err
}

// requests are all in the store.
func (s *site) requests(f ledger.Filter) (found []ledger.Request) {
	s.Helper()
	err := s.audit.Read(context.Background(), func(tx ledger.ReadTx) (err error) {
		found, err = tx.Requests(f)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return found
}

// provable fails the test unless the audit trail holds.
func (s *site) provable() ledger.Report {
	s.Helper()
	report, err := s.audit.Verify(context.Background(), ledger.VerifyOptions{})
	if err != nil {
		s.Fatal(err)
	}
	for _, fault := range report.Faults {
		s.Error("the audit trail:", fault)
	}
	return report
}

// until waits until something is so; what names it.
func (s *site) until(what string, so func() bool) {
	s.Helper()
	if !s.soon(so) {
		s.Fatal("it never came to: " + what)
	}
}

func (s *site) soon(so func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	for !so() {
		if !tick(ctx) {
			return false
		}
	}
	return true
}
