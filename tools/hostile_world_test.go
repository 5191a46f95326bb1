//go:build hostile

package tools_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/memnet"
	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// siege is a gate with everything around it, in a bubble of its own time, and
// somebody who has the model and its clients in hand.
type siege struct {
	*testing.T
	rand   *rand.Rand
	api    *sandbox.Sandbox
	ledger *watchedLedger
	gate   *gate.Gate
	mcp    *server.MCPServer
	http   *mcphttp.Handler
	old    []*oldClient

	houses []*houseRules // the policies that may be in force
	force  atomic.Pointer[houseRules]

	mu       sync.Mutex
	writes   []arrival
	consents map[string][]consent // by request
	states   []*sealed
	ids      []string // of requests, as the model has seen them
}

// arrival is a changing call as the API received it, and what the server was
// like then.
type arrival struct {
	at           time.Time
	method, path string
	body         string
	server       sandbox.Server
	force        *houseRules
	n            int
}

// besiege runs a test in a siege of its own.
func besiege(t *testing.T, seed uint64, houses []*houseRules, readOnly bool, run func(*siege)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &siege{
			T: t, rand: rand.New(rand.NewPCG(seed, 1)), houses: houses, consents: make(map[string][]consent),
			api: sandbox.New(sandbox.Options{Token: canary, Servers: 6, Seed: seed + 1, Speed: 200}),
		}
		s.force.Store(houses[0])
		s.ledger = newWatchedLedger(t)
		account := s.account()
		s.gate = gate.New(gate.Config{
			Ledger: s.ledger, Policy: func() *policy.Policy { return s.force.Load().policy },
			Accounts: []gate.Account{account}, Key: seal.NewKey([32]byte{1}), ReadOnly: readOnly,
		})
		s.mcp = tools.New(tools.Config{Desk: s.gate.Desk(), Version: "1.2.3", PageURL: func(id string) string { return "http://page.localhost/requests/" + id }})
		s.http = mcphttp.New(mcphttp.Config{
			MCP: s.mcp, Authenticate: mcphttp.ByBearer(findToken, nil), AllowedHosts: []string{"127.0.0.1"}, Quiet: tools.Quiet,
			// The model is not to be held back by how fast it may ask.
			Limits: mcphttp.Limits{AddressRate: 1e9, AddressBurst: 1e9, Limits: tools.Limits{PersonRate: 1e9, PersonBurst: 1e9}},
		})
		s.connectOld()
		run(s)
		for _, c := range s.old {
			_ = c.Close()
		}
		s.http.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := s.gate.Close(ctx); err != nil {
			t.Error("the gate did not close:", err)
		}
		account.Reader.CloseIdleConnections()
	})
}

// account serves the API on a network in memory.
func (s *siege) account() gate.Account {
	network := memnet.Listen()
	api := &http.Server{Handler: http.HandlerFunc(s.receive)}
	served := make(chan struct{})
	go func() { defer close(served); _ = api.Serve(network) }()
	s.Cleanup(func() { _ = api.Close(); <-served })
	options := []vpsapi.Option{vpsapi.WithBaseURL("http://127.0.0.1:8322/api/v1"), vpsapi.WithTransport(&http.Transport{DialContext: network.DialContext})}
	reader, err := vpsapi.NewReader(vpsapi.NewToken(canary), options...)
	if err != nil {
		s.Fatal(err)
	}
	writer, err := vpsapi.NewWriter(vpsapi.NewToken(canary), options...)
	if err != nil {
		s.Fatal(err)
	}
	return gate.Account{Name: "main", Fingerprint: "main", Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader)}
}

// receive notes what arrives at the API, and lets the API answer.
func (s *siege) receive(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		a := arrival{at: time.Now(), method: r.Method, path: strings.TrimPrefix(r.URL.Path, sandbox.BasePath), force: s.force.Load()}
		a.server, _ = s.api.Server(serverIn(a.path))
		body := new(strings.Builder)
		r.Body = &teeBody{r.Body, body}
		s.mu.Lock()
		a.n = len(s.writes)
		s.writes = append(s.writes, a)
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.writes[a.n].body = body.String()
		}()
	}
	s.api.ServeHTTP(w, r)
}

func serverIn(path string) (id int64) {
	_, _ = fmt.Sscanf(path, "/servers/%d/", &id) // a create has none
	return id
}

// principal is somebody in whose name the model's client calls.
type principal struct {
	caller tools.Caller
	person string // "" for a stranger
	token  string // by which the caller comes over HTTP, if any
}

func (p principal) mayChange() bool { return p.person != "" && !p.caller.ReadOnly }

var principals = []principal{
	{tools.Caller{Identity: me}, "me", ""},
	{tools.Caller{Identity: me}, "me", ""},
	{tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: "rw"}}, "me", "vpsops_rw"},
	{tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: "ro"}, ReadOnly: true}, "me", "vpsops_ro"},
	{tools.Caller{Identity: other}, "sam", ""},
	{tools.Caller{Identity: policy.Identity{Kind: policy.LocalUser, ID: "eve"}}, "", ""},
	{tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: "me"}}, "", "vpsops_gone"},
	{tools.Caller{}, "", ""},
}

func hashOf(token string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(token))) }

// findToken knows the policy's tokens, as the program does.
func findToken(hash string) (caller tools.Caller, ok bool) {
	for _, p := range principals {
		if p.token != "" && p.person != "" && hashOf(p.token) == hash {
			return p.caller, true
		}
	}
	return tools.Caller{}, false
}

// post sends a message in somebody's name: past the transport, or over HTTP
// for who has a token. It returns the tool's answer, if that is what came.
func (s *siege) post(p principal, message, tool string) *mcp.CallToolResult {
	var answer []byte
	if p.token != "" {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/mcp", strings.NewReader(message)).WithContext(s.Context())
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		r.Header.Set("Authorization", "Bearer "+p.token)
		r.Header.Set("Mcp-Protocol-Version", mcp.LATEST_PROTOCOL_VERSION)
		r.Header.Set("Mcp-Method", "tools/call")
		r.Header.Set("Mcp-Name", tool)
		w := httptest.NewRecorder()
		s.http.ServeHTTP(w, r)
		answer = w.Body.Bytes()
		if _, data, found := strings.Cut(w.Body.String(), "data: "); found {
			answer = []byte(data)
		}
	} else {
		answer, _ = json.Marshal(s.mcp.HandleMessage(tools.WithCaller(s.Context(), p.caller), []byte(message))) // no answer is none
	}
	if strings.Contains(string(answer), canary) {
		s.Errorf("an answer holds the API token: %s", answer)
	}
	var response struct{ Result *mcp.CallToolResult }
	if json.NewDecoder(strings.NewReader(string(answer))).Decode(&response) != nil {
		return nil
	}
	return response.Result
}
