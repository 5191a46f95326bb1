package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
	"vpsops/vpsapi/sandbox"
)

// heard is what a client was told, in order.
type heard struct {
	t    *testing.T
	mu   sync.Mutex
	told []string
	news chan struct{}
}

func hear(t *testing.T, c *conn) *heard {
	h := &heard{t: t, news: make(chan struct{}, 100)}
	c.OnNotification(func(n mcp.JSONRPCNotification) {
		h.mu.Lock()
		defer h.mu.Unlock()
		line := n.Method
		if uri, ok := n.Params.AdditionalFields["uri"].(string); ok {
			line += " " + uri
		}
		h.told = append(h.told, line)
		h.news <- struct{}{}
	})
	return h
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.told)
}

// wait waits until the client has been told.
func (h *heard) wait(line string) {
	h.t.Helper()
	late := time.After(20 * time.Second)
	for !slices.Contains(h.all(), line) {
		select {
		case <-h.news:
		case <-late:
			h.t.Fatalf("was told %q, and never %s", h.all(), line)
		}
	}
}

// subscribed connects a client that wants to be told of these resources, and
// of its lists.
func (f front) subscribed(w *world, uris ...string) (*conn, *heard) {
	w.t.Helper()
	c := f.dial(w, nil)
	h := hear(w.t, c)
	if f.legacy {
		for _, uri := range uris {
			var r mcp.SubscribeRequest
			r.Params.URI = uri
			if err := c.Subscribe(c.ctx, r); err != nil { //nolint:staticcheck // most installed clients do so
				w.t.Fatal(err)
			}
		}
		return c, h
	}
	ctx, stop := context.WithCancel(c.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Listen(ctx, mcp.SubscriptionFilter{ToolsListChanged: true, PromptsListChanged: true, ResourceSubscriptions: uris})
	}()
	w.t.Cleanup(func() { stop(); <-ended })
	h.wait(mcp.MethodNotificationSubscriptionsAcknowledged)
	return c, h
}

// listeningFronts are the fronts whose clients hear what comes unasked.
func listeningFronts() []front {
	all := fronts()
	for i := range all {
		if all[i].name == "HTTP, old era" {
			all[i].connect = func(w *world, options ...client.ClientOption) *client.Client {
				tr, err := transport.NewStreamableHTTP(w.serveHTTP(mcphttp.Local(me)), transport.WithContinuousListening()) //nolint:staticcheck // most installed clients do so
				if err != nil {
					w.t.Fatal(err)
				}
				return client.NewClient(tr, options...)
			}
		}
	}
	return all
}

func everyListener(t *testing.T, test func(t *testing.T, f front)) {
	for _, f := range listeningFronts() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}

const updated = "notifications/resources/updated "

func TestSubscribersAreToldHowARequestComesOn(t *testing.T) {
	everyListener(t, func(t *testing.T, f front) {
		w := newWorld(t)
		id := f.dial(w, nil).call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).want(t, "pending", "pending").RequestID
		_, h := f.subscribed(w, "vps://requests/"+id, "vps://servers/12345", "vps://servers")
		w.vote(id, true, "web-server-01")
		h.wait(updated + "vps://requests/" + id)
		h.wait(updated + "vps://servers/12345")
		h.wait(updated + "vps://servers")
	})
}

func TestSubscribersAreToldOfServersThatOthersChange(t *testing.T) {
	everyListener(t, func(t *testing.T, f front) {
		w := newWorld(t, func(s *setup) { s.lookEvery = 20 * time.Millisecond })
		_, h := f.subscribed(w, "vps://servers/12345")
		w.api.EditServer(12345, func(s *sandbox.Server) { s.Status = "suspended" })
		h.wait(updated + "vps://servers/12345")
		if all := h.all(); slices.Contains(all, updated+"vps://servers/12346") {
			t.Errorf("was told %q", all)
		}
	})
}

// Two people; the policy's file changes.
const twoPeople = `
version: 1
people: {me: {local: [me]}, you: {local: [you]}}
grants:
  - {id: read, who: everyone, actions: [list, get]}
  - {id: change, who: everyone, actions: [start, stop, reboot]}
guards:
  - {id: ask, actions: [stop, reboot], require: {confirm: asker}}
`

func mustLoad(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Load("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNobodyIsToldOfAnothersRequest(t *testing.T) {
	everyListener(t, func(t *testing.T, f front) {
		w := newWorld(t, func(s *setup) { s.policy = mustLoad(t, twoPeople) })
		theirs := w.askAs(policy.Identity{Kind: policy.LocalUser, ID: "you"}, policy.Reboot, "12345")
		mine := w.askAs(me, policy.Reboot, "12346")
		_, h := f.subscribed(w, "vps://requests/"+theirs, "vps://requests/"+mine)
		w.cancelAs(policy.Identity{Kind: policy.LocalUser, ID: "you"}, theirs)
		w.cancelAs(me, mine)
		h.wait(updated + "vps://requests/" + mine)
		if all := h.all(); slices.Contains(all, updated+"vps://requests/"+theirs) {
			t.Errorf("was told %q", all)
		}
	})
}

func TestClientsAreToldWhenAnotherPolicyChangesTheirTools(t *testing.T) {
	everyListener(t, func(t *testing.T, f front) {
		w := newWorld(t, func(s *setup) {
			s.policy = mustLoad(t, strings.Replace(twoPeople, "[start, stop, reboot]", "[start, stop, reboot, create]", 1))
		})
		c, h := f.subscribed(w, "vps://policy")
		before := toolNames(listed(t, c))
		if !slices.Contains(before, "reboot_server") || slices.Contains(before, "delete_server") {
			t.Fatalf("is offered %q", before)
		}
		w.putInForce(mustLoad(t, `
version: 1
people: {me: {local: [me]}, you: {local: [you]}}
grants: [{id: read, who: everyone, actions: [list, get]}]
`))
		h.wait("notifications/tools/list_changed")
		h.wait("notifications/prompts/list_changed")
		h.wait(updated + "vps://policy")
		if after := toolNames(listed(t, c)); slices.Contains(after, "reboot_server") {
			t.Errorf("is still offered %q", after)
		}
	})
}

// What nobody may read isn't offered, nor pointed to.
func TestReadsAreOfferedToWhoIsGrantedSome(t *testing.T) {
	everyListener(t, func(t *testing.T, f front) {
		const people = `
version: 1
people: {me: {local: [me]}, you: {local: [you]}}
`
		w := newWorld(t, func(s *setup) {
			s.policy = mustLoad(t, people+`grants: [{id: power, who: everyone, actions: [start]}]`)
		})
		c, h := f.subscribed(w, "vps://policy")
		reads := []string{"get_server", "list_options", "list_servers"}
		before := toolNames(listed(t, c))
		for _, read := range reads {
			if slices.Contains(before, read) {
				t.Errorf("is offered %s", read)
			}
		}
		if !slices.Contains(before, "start_server") || !slices.Contains(before, "get_request") {
			t.Errorf("is offered %q", before)
		}
		if got := c.call("start_server", `{"server":"none"}`).holds(t, `"none"`); strings.Contains(got.text, "list_servers") {
			t.Errorf("is pointed to what it may not: %s", got.text)
		}
		c.call("list_servers", `{}`).holds(t, "Denied")
		w.putInForce(mustLoad(t, people+`grants: [{id: read, who: everyone, actions: [list, get]}]`))
		h.wait("notifications/tools/list_changed")
		after := toolNames(listed(t, c))
		for _, read := range reads {
			if !slices.Contains(after, read) {
				t.Errorf("is offered %q", after)
			}
		}
	})
}

func toolNames(tools []mcp.Tool) []string {
	names := make([]string, len(tools))
	for i, tool := range tools {
		names[i] = tool.Name
	}
	return names
}

func TestOnlyWhatIsThereCanBeSubscribedTo(t *testing.T) {
	for _, uri := range []string{"file:///etc/passwd", "vps://servers/../x", "vps://requests", "vps://servers/1e3", "vps://servers/1?account=nobody", "vps://policy?account=nobody", "vps://requests/req_x?account=nobody", "%"} {
		c := listeningFronts()[4].dial(newWorld(t), nil)
		var r mcp.SubscribeRequest
		r.Params.URI = uri
		if err := c.Subscribe(c.ctx, r); err == nil { //nolint:staticcheck // most installed clients do so
			t.Errorf("%s was taken", uri)
		}
	}
}

// acknowledged is what of some addresses a listening client is told was taken.
func acknowledged(t *testing.T, c *conn, uris ...string) string {
	t.Helper()
	told := make(chan map[string]any, 1)
	c.OnNotification(func(n mcp.JSONRPCNotification) {
		if n.Method == mcp.MethodNotificationSubscriptionsAcknowledged {
			told <- n.Params.AdditionalFields
		}
	})
	ctx, stop := context.WithCancel(c.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Listen(ctx, mcp.SubscriptionFilter{ResourceSubscriptions: uris})
	}()
	defer func() { stop(); <-ended }()
	text, err := json.Marshal(<-told)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The acknowledgement says what was taken of what was asked for.
func TestAcknowledgementNamesWhatWasTaken(t *testing.T) {
	c := fronts()[1].dial(newWorld(t), nil)
	got := acknowledged(t, c, "vps://servers/12345", "file:///etc/passwd", "vps://servers/12345")
	if want := `{"notifications":{"resourceSubscriptions":["vps://servers/12345"]}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// One request has so many addresses looked at, whatever becomes of them.
func TestAListenRequestHasSoManyAddressesLookedAt(t *testing.T) {
	c := fronts()[1].dial(newWorld(t), nil)
	uris := []string{"vps://servers/12345"}
	for n := range 999 {
		uris = append(uris, fmt.Sprintf("file:///%d", n))
	}
	got := acknowledged(t, c, append(uris, "vps://servers/12346")...)
	if want := `{"notifications":{"resourceSubscriptions":["vps://servers/12345"]}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What is refused to be read under an account is refused to be followed under it, in
// the same words; the newer era leaves it out of what it acknowledges.
func TestARequestIsFollowedInItsAccountOnly(t *testing.T) {
	everyListener(t, func(t *testing.T, f front) {
		w := newWorld(t, func(s *setup) { s.accounts = []string{"prod", "staging"} })
		c := f.dial(w, nil)
		id := c.call("reboot_server", `{"server":12345,"account":"staging"}`).want(t, "pending", "pending").RequestID
		right, wrong := "vps://requests/"+id+"?account=staging", "vps://requests/"+id+"?account=prod"
		if !f.legacy {
			want := `{"notifications":{"resourceSubscriptions":["` + right + `"]}}`
			if got := acknowledged(t, c, right, wrong); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			return
		}
		var r mcp.SubscribeRequest
		if r.Params.URI = right; c.Subscribe(c.ctx, r) != nil { //nolint:staticcheck // most installed clients do so
			t.Error("the request's own account was refused")
		}
		var read mcp.ReadResourceRequest
		read.Params.URI, r.Params.URI = wrong, wrong
		_, unread := c.ReadResource(c.ctx, read)
		unfollowed := c.Subscribe(c.ctx, r) //nolint:staticcheck // most installed clients do so
		for what, err := range map[string]error{"reading": unread, "following": unfollowed} {
			if err == nil || !strings.HasSuffix(err.Error(), ": There is no such request, or it is not yours.") {
				t.Errorf("%s it is answered %v", what, err)
			}
		}
	})
}

func TestSessionsSubscribeToSoManyResources(t *testing.T) {
	w := newWorld(t)
	c := listeningFronts()[3].dial(w, nil)
	var refused error
	for id := range 101 {
		var r mcp.SubscribeRequest
		r.Params.URI = "vps://requests/" + string(rune('a'+id%26)) + string(rune('a'+id/26))
		refused = c.Subscribe(c.ctx, r) //nolint:staticcheck // most installed clients do so
		if (refused != nil) != (id == 100) {
			t.Fatalf("at %d: %v", id, refused)
		}
	}
}

// A slash may be written with an escape, as some JSON encoders do.
func TestASubscriptionIsRefusedHoweverItsMethodIsWritten(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{"resources/subscribe", `resources\/subscribe`, `resource\u0073/subscribe`} {
		answer := w.answersTo(hello + `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{"uri":"vps://nope"}}` + "\n")["1"]
		if !strings.Contains(string(answer), "no resource here") {
			t.Errorf("%s: %s", method, answer)
		}
	}
}

// The newer era has no such method, whatever it is asked to subscribe to.
func TestTheNewerEraHasNoSingleSubscriptions(t *testing.T) {
	w := newWorld(t)
	answer, err := json.Marshal(w.mcp.HandleMessage(withMe(t.Context()), []byte(`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"test://x",`+
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`)))
	if err != nil || !strings.Contains(string(answer), "-32601") {
		t.Errorf("%s, %v", answer, err)
	}
}

// An address that can't be read can't be followed either, and is refused alike.
func TestWhatCannotBeReadCannotBeFollowed(t *testing.T) {
	for name, accounts := range map[string][]string{"one account": nil, "several": {"prod", "staging"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(s *setup) {
				if accounts != nil {
					s.accounts = accounts
				}
			})
			says := w.talk(tools.Limits{})
			says(hello, `"result"`)
			for _, uri := range []string{
				"vps://servers/", "vps://servers/12345#x", "vps://u@servers/12345", "VPS://servers/12345", "vps://policy/",
				"vps://servers?account=nope", "vps://requests/", "vps://servers/12345/", "vps://servers//12345", "vps://servers:1/12345", "vps://nope", "",
			} {
				for _, method := range []string{"read", "subscribe"} {
					says(`{"jsonrpc":"2.0","id":7,"method":"resources/`+method+`","params":{"uri":"`+uri+`"}}`+"\n", `"id":7,"error":{"code":-32002,`)
				}
			}
			for _, uri := range []string{"vps://servers", "vps://servers/12345", "vps://policy"} {
				for _, method := range []string{"read", "subscribe"} {
					says(`{"jsonrpc":"2.0","id":7,"method":"resources/`+method+`","params":{"uri":"`+uri+`"}}`+"\n", `"id":7,"result"`)
				}
			}
		})
	}
}
