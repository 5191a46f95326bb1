package tools_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/vpsapi/sandbox"
)

func (c *conn) complete(ref any, argument, typed string, known ...string) *mcp.CompleteResult {
	c.w.t.Helper()
	var r mcp.CompleteRequest
	r.Params.Ref = ref
	r.Params.Argument = mcp.CompleteArgument{Name: argument, Value: typed}
	if len(known) == 2 {
		r.Params.Context.Arguments = map[string]string{known[0]: known[1]}
	}
	got, err := c.Complete(c.ctx, r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	return got
}

func inPrompt(name string) mcp.PromptReference {
	return mcp.PromptReference{Type: "ref/prompt", Name: name}
}

func inResource(uri string) mcp.ResourceReference {
	return mcp.ResourceReference{Type: "ref/resource", URI: uri}
}

func wantValues(t *testing.T, got *mcp.CompleteResult, want ...string) {
	t.Helper()
	if !slices.Equal(got.Completion.Values, want) {
		t.Errorf("suggests %q, want %q", got.Completion.Values, want)
	}
}

func TestArgumentsAreCompleted(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		c := connect(w, nil)
		wantValues(t, c.complete(inPrompt("incident"), "server", "Web-server"), "web-server-01")
		wantValues(t, c.complete(inPrompt("decommission"), "server", "12346"), "db-server-01")
		wantValues(t, c.complete(inResource("vps://servers/{id}"), "id", "web-server"), "12345")
		wantValues(t, c.complete(inPrompt("fleet-review"), "status", "s"), "stopped", "suspended")
		wantValues(t, c.complete(inPrompt("new-server"), "location", "us-e"), "us-east")
		if got := c.complete(inPrompt("new-server"), "plan", "standard").Completion.Values; !slices.Contains(got, "Standard VPS") {
			t.Errorf("plans %q", got)
		}
		if got := c.complete(inPrompt("incident"), "server", ""); len(got.Completion.Values) != 6 || got.Completion.HasMore {
			t.Errorf("%+v", got.Completion)
		}
		w.wantWrites()
	})
}

func TestNothingIsSuggestedForWhatIsNotThere(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		c := connect(newWorld(t), nil)
		wantValues(t, c.complete(inPrompt("no-such"), "server", ""))
		wantValues(t, c.complete(inPrompt("incident"), "no-such", ""))
		wantValues(t, c.complete(inResource("vps://servers/{other}"), "id", ""))
		wantValues(t, c.complete(inPrompt("incident"), "server", strings.Repeat("a", 5000)))
		wantValues(t, c.complete(inPrompt("incident"), "server", "no server is called so"))
	})
}

func TestSuggestionsAreTheCallersAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		c := connect(newWorld(t, func(s *setup) { s.policy = policyOfWebServers(t) }), nil)
		wantValues(t, c.complete(inPrompt("incident"), "server", ""), "web-server-01")
		wantValues(t, c.complete(inResource("vps://servers/{id}"), "id", "1234"), "12345")

		strange := newWorld(t, nobody(t))
		c = connect(strange, nil)
		for _, argument := range []string{"server", "location", "plan"} {
			for _, prompt := range []string{"incident", "new-server", "decommission"} {
				wantValues(t, c.complete(inPrompt(prompt), argument, ""))
			}
		}
		wantValues(t, c.complete(inResource("vps://servers/{id}"), "id", ""))
		if reads := strange.reads(); len(reads) > 0 {
			t.Errorf("the API was asked for %q", reads)
		}
	})
}

// What is picked must be what the tools then take.
func TestSuggestedServerIsOneServer(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		w.api.EditServer(12346, func(s *sandbox.Server) { s.Name = "web-server-01" })
		c := connect(w, nil)
		wantValues(t, c.complete(inPrompt("incident"), "server", "web-server"), "12345", "12346")
		w.api.EditServer(12346, func(s *sandbox.Server) { s.Name = "web-server\u202e" })
		wantValues(t, c.complete(inPrompt("incident"), "server", "web-server"), "web-server-01", "12346")
	})
}

func TestSuggestionsKeepToTheProtocolsLimit(t *testing.T) {
	c := fronts()[0].dial(newWorld(t, fleet(437)), nil)
	for _, got := range []*mcp.CompleteResult{
		c.complete(inPrompt("incident"), "server", ""), c.complete(inResource("vps://servers/{id}"), "id", ""),
	} {
		if n := len(got.Completion.Values); n != 100 || !got.Completion.HasMore {
			t.Errorf("%d values, more: %t", n, got.Completion.HasMore)
		}
	}
}

func TestCompletionWithoutTheAPISuggestsNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		if err := w.api.SetFaults([]sandbox.Fault{{Kind: sandbox.KindStatus, Status: http.StatusForbidden}}); err != nil {
			t.Fatal(err)
		}
		c := connect(w, nil)
		for _, argument := range []string{"location", "plan"} {
			wantValues(t, c.complete(inPrompt("new-server"), argument, ""))
		}
		wantValues(t, c.complete(inPrompt("incident"), "server", ""))
		wantValues(t, c.complete(inPrompt("fleet-review"), "status", "act"), "active")
	})
}

func TestAccountsAreCompletedAndCount(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		c := connect(newWorld(t, func(s *setup) { s.accounts = []string{"prod", "staging"} }), nil)
		wantValues(t, c.complete(inPrompt("incident"), "account", "stag"), "staging")
		for _, uri := range []string{"vps://servers/{id}{?account}", "vps://requests/{id}{?account}", "vps://policy{?account}"} {
			wantValues(t, c.complete(inResource(uri), "account", ""), "prod", "staging")
		}
		wantValues(t, c.complete(inPrompt("incident"), "server", "web-server", "account", "staging"), "web-server-01")
		wantValues(t, c.complete(inPrompt("incident"), "server", "web-server", "account", "none"))
	})
}
