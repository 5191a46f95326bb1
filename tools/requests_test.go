package tools_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/tools"
	"vpsops/vpsapi/sandbox"
)

func request(id string) string { return fmt.Sprintf(`{"request_id":%q}`, id) }

func TestAnothersRequestIsNotFound(t *testing.T) {
	p := policyWithTwo(t)
	w := newWorld(t, func(s *setup) { s.policy = p })
	c := fronts()[0].dial(w, nil)
	id := c.call("stop_server", `{"server":12345}`).want(t, "pending", "pending").RequestID
	them := tools.Caller{Identity: other}
	made := w.modern(them, "get_request", request("req_aaaaaaaaaaaaaaaa"), "")
	for _, tool := range []string{"get_request", "cancel_request"} {
		got := w.modern(them, tool, request(id), "")
		if got.want(t, "failed", ""); got.text != made.text {
			t.Errorf("%s tells another's request from none: %s", tool, got.text)
		}
	}
	c.call("get_request", request(id)).holds(t, "Not done yet: to stop web-server-01")
	w.wantWrites()
}

// An assistant votes for nobody: that its person's vote is wanted is for the page,
// Slack and the console to tell.
func TestAnothersRequestIsNotFoundByWhoIsToVoteEither(t *testing.T) {
	p, err := policy.Load("test.yaml", []byte(`
version: 1
people:
  me: {local: [me]}
  sam: {local: [sam]}
grants: [{id: all, who: everyone, actions: [list, get, reboot]}]
guards: [{id: two, actions: [reboot], require: {approve: 1, from: everyone}}]
`))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(s *setup) { s.policy = p })
	id := fronts()[0].dial(w, nil).call("reboot_server", `{"server":12345}`).want(t, "pending", "pending").RequestID
	them := tools.Caller{Identity: other}
	made := w.modern(them, "get_request", request("req_aaaaaaaaaaaaaaaa"), "")
	for _, got := range []answered{
		w.modern(them, "get_request", request(id), ""),
		w.modern(them, "get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":1}`, id), ""),
		w.modern(them, "cancel_request", request(id), ""),
	} {
		if got.want(t, "failed", ""); got.text != made.text {
			t.Errorf("another's request is told from none: %s", got.text)
		}
	}
	sams := fronts()[0].dial(w, nil)
	sams.ctx = tools.WithCaller(t.Context(), them)
	sams.refused("vps://requests/"+id, "no such request")
	w.wantWrites()
}

func TestCancelTakesBackOnlyWhatIsOpen(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		c := connect(w, nil)
		id := c.call("stop_server", `{"server":12345}`).RequestID
		c.call("cancel_request", request(id)).want(t, "succeeded", "cancelled")
		c.call("cancel_request", request(id)).want(t, "succeeded", "cancelled") // once more changes nothing
		found := c.call("get_request", request(id))
		if found.Outcome != "denied" || found.State != "cancelled" || found.isError {
			t.Errorf("%s", found.text)
		}
		w.wantWrites()
	})
}

// A request that was found is no tool error, whatever became of it.
func TestDeniedRequestIsFoundAndIsNoError(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		c := connect(w, nil)
		id := c.call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).RequestID
		w.vote(id, false, "")
		got := c.call("get_request", request(id))
		if got.Outcome != "denied" || got.isError {
			t.Errorf("%s", got.text)
		}
		again := c.call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).want(t, "denied", "denied")
		again.holds(t, "deny-cooldown")
		if n := count(t, again.text); n > 120 {
			t.Errorf("a denial costs %d tokens: %s", n, again.text)
		}
		w.wantWrites()
	})
}

func TestWaitingTellsOfProgressUntilTheServerArrives(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, func(s *setup) { s.api.Speed = 0.001 }) // a reboot is over when the client has been told of it
		c := connect(w, yes)
		const rebooting = "reboot: the server is rebooting"
		var mu sync.Mutex
		var told []string
		c.OnNotification(func(n mcp.JSONRPCNotification) {
			mu.Lock()
			defer mu.Unlock()
			text, _ := n.Params.AdditionalFields["message"].(string)
			told = append(told, fmt.Sprint(n.Method, n.Params.AdditionalFields["progressToken"], text))
			if text == rebooting {
				w.api.EditServer(12345, func(s *sandbox.Server) { s.Status, s.Becomes = sandbox.StatusActive, "" })
			}
		})
		var r mcp.CallToolRequest
		r.Params.Name = "reboot_server"
		r.Params.RawArguments = json.RawMessage(`{"server":12345,"wait_seconds":30}`)
		r.Params.Meta = &mcp.Meta{ProgressToken: "p1"}
		got := c.send(r).want(t, "succeeded", "succeeded")
		if got.Server.Status != "active" {
			t.Errorf("the server is %q", got.Server.Status)
		}
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(told, "notifications/progressp1"+rebooting) {
			t.Errorf("told %q", told)
		}
		if once := slices.Compact(slices.Clone(told)); len(once) != len(told) {
			t.Errorf("told the same again: %q", told)
		}
	})
}

func TestWithoutAWaitAChangeUnderWayIsAccepted(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.api.Speed = 0.01 })
	c := fronts()[0].dial(w, yes)
	got := c.call("create_server", `{"name":"new-01","plan_id":1,"os_id":"3","location":"us-west","ssh_key_id":7}`)
	got.want(t, "accepted", "succeeded").holds(t, "get_request", got.RequestID)
	if got.Server.Name != "new-01" || got.Server.ID == "" || got.Server.Status != "provisioning" {
		t.Errorf("the server is %+v", got.Server)
	}
	w.wantWrites("POST /servers/")
}

// No assistant is told "done" of a server that vanished, nor "on its way" of one
// that rests elsewhere.
func TestAServerThatDoesNotArriveIsToldAsItStands(t *testing.T) {
	inABubble(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, inMemory, func(s *setup) { s.api.Speed = 1e-6 })
		c := connect(w, yes)
		stands := func(status string) func() {
			return func() {
				w.api.EditServer(12345, func(s *sandbox.Server) { s.Status, s.Becomes = status, "" })
			}
		}
		time.AfterFunc(5*time.Second, stands("suspended"))
		got := c.call("reboot_server", `{"server":12345,"wait_seconds":30}`).want(t, "accepted", "succeeded")
		got.holds(t, "The server is suspended: that is not where a reboot leads (active)", "get_server")
		if strings.Contains(got.text, "still on its way") || got.Server.Status != "suspended" {
			t.Errorf("the server is %q: %s", got.Server.Status, got.text)
		}

		lost := sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet, Path: "/api/v1/servers/12345/"}, Times: 1, Kind: sandbox.KindStatus, Status: http.StatusNotFound}
		if err := w.api.SetFaults([]sandbox.Fault{lost}); err != nil {
			t.Fatal(err)
		}
		follow := fmt.Sprintf(`{"request_id":%q,"wait_seconds":30}`, got.RequestID)
		got = c.call("get_request", follow).want(t, "accepted", "succeeded")
		if got.Server.Status != "suspended" {
			t.Errorf("after one 404 the server is %q", got.Server.Status)
		}

		w.api.RemoveServer(12345)
		for _, arguments := range []string{follow, fmt.Sprintf(`{"request_id":%q}`, got.RequestID)} {
			got = c.call("get_request", arguments).want(t, "accepted", "succeeded")
			got.holds(t, "The server is gone now", "who or what deleted it is not known", "list_servers", "audit trail")
			if strings.Contains(got.text, "Done") || got.Server.Status != "gone" {
				t.Errorf("the server is %q: %s", got.Server.Status, got.text)
			}
		}
	})
}

func TestReadOnlyNeitherOffersNorMakesChanges(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, func(s *setup) { s.readOnly = true })
		c := connect(w, yes)
		var names []string
		for _, tool := range listed(t, c) {
			names = append(names, tool.Name)
		}
		if want := []string{"cancel_request", "get_request", "get_server", "list_options", "list_servers"}; !slices.Equal(names, want) {
			t.Errorf("offers %q", names)
		}
		for tool, arguments := range changes {
			c.call(tool, arguments).want(t, "denied", "denied").holds(t, "VPSOPS_READ_ONLY")
		}
		c.call("get_server", `{"server":12345}`).holds(t, "web-server-01")
		w.wantWrites()
	})
}

var changes = map[string]string{
	"create_server": `{"name":"a","plan_id":1,"os_id":3,"location":"us-west"}`,
	"update_server": `{"server":12345,"backups_enabled":false}`,
	"delete_server": `{"server_id":12345,"name":"web-server-01"}`,
	"start_server":  `{"server":12345}`, "stop_server": `{"server":12345}`, "reboot_server": `{"server":12345}`,
}

func TestReadOnlyCallerChangesNothing(t *testing.T) {
	w := newWorld(t)
	reader := tools.Caller{Identity: me, ReadOnly: true}
	for tool, arguments := range changes {
		w.modern(reader, tool, arguments, "").want(t, "denied", "denied").holds(t, "may read and not change")
	}
	w.modern(reader, "get_server", `{"server":12345}`, "").holds(t, "web-server-01")
	w.wantWrites()
}

func TestAccountsAreToldApart(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.accounts = []string{"prod", "staging"} })
	var asked string
	c := fronts()[0].dial(w, func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
		asked = r.Params.Message
		return no(r)
	})
	c.call("reboot_server", `{"server":12345,"account":"staging"}`).want(t, "denied", "denied")
	if want := "\nAccount: staging."; len(asked) < len(want) || asked[len(asked)-len(want):] != want {
		t.Errorf("the dialog says %q", asked)
	}
	c.call("list_servers", `{"account":"test"}`).holds(t, "account must be one of prod, staging")
}

func TestSecretsThatAnAPIMayAddAreLeftOut(t *testing.T) {
	w := newWorld(t)
	setFaults(t, w, sandbox.Fault{Kind: sandbox.KindStatus, Status: 200, Body: `{"id":12345,"name":"a","status":"active","region_note":"rack 7",
		"root_password":"hunter2","console":{"token":"hunter2","url":"https://console.example.com"},"plan":{"id":1,"name":"p"},"os":{"id":1,"name":"o"}}`})
	got := fronts()[0].dial(w, nil).call("get_server", `{"server":12345}`).holds(t, "rack 7", "console.example.com")
	all, _ := json.Marshal(got.raw)
	if strings.Contains(string(all), "hunter2") {
		t.Errorf("shows a secret: %s", all)
	}
}

// A request outlives the process it was asked through. One without its account does
// not carry it out, and who asks there what becomes of it must not wait in vain.
func TestARequestThatIsNotCarriedOutHereSaysSo(t *testing.T) {
	there := newWorld(t, func(s *setup) { s.accounts = []string{"prod", "staging"} })
	asked := fronts()[0].dial(there, nil).call("delete_server", `{"server_id":12345,"name":"web-server-01","account":"staging"}`).want(t, "pending", "pending")
	here := newWorld(t, func(s *setup) {
		s.accounts = []string{"prod"}
		s.ledger = func(ledger.Ledger) ledger.Ledger { return there.audit }
	})
	c := fronts()[0].dial(here, nil)
	got := c.call("get_request", request(asked.RequestID)).want(t, "pending", "pending")
	got.holds(t, "to delete web-server-01 (id 12345) in account staging, me must confirm",
		"Once it has its votes, it is not carried out by this vpsops", "it is to be asked for anew where there is none.",
		"Where: http://page.localhost/", "Tell the user; cancel_request "+asked.RequestID+" takes it back")
	if read, err := c.resource("vps://requests/" + asked.RequestID); err != nil || !strings.Contains(read, "not carried out by this vpsops") {
		t.Errorf("%s, %v", read, err)
	}
	if strings.Contains(got.text, "Asking again changes nothing") || strings.Contains(asked.text, "not carried out") {
		t.Errorf("%s\n%s", asked.text, got.text)
	}
	here.wantWrites()
	there.wantWrites()
}

// Two accounts may each have a server of the same id.
func TestAnOutcomeSaysInWhichAccountItIs(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, func(s *setup) { s.accounts = []string{"prod", "staging"} })
		c := connect(w, nil)
		got := c.call("stop_server", `{"server":12345,"account":"staging"}`).want(t, "pending", "pending")
		got.holds(t, "to stop web-server-01 (id 12345) in account staging, ")
		c.call("get_request", request(got.RequestID)).holds(t, "(id 12345) in account staging")
		c.call("update_server", `{"server":12345,"hostname":"web.example.com"}`).holds(t, "(id 12345) in account prod: hostname from ")
		c.call("create_server", `{"name":"new-01","plan_id":1,"os_id":3,"location":"us-west"}`).holds(t, "12.00 a month) in account prod, ")
		w.wantWrites()

		one := connect(newWorld(t), nil).call("stop_server", `{"server":12345}`)
		if strings.Contains(one.text, "account") {
			t.Errorf("with one account it says %s", one.text)
		}
	})
}

// What cannot be meant is refused in the shape of the tool's other answers.
func TestWrongArgumentsAreAnOutcomeWhereTheToolGivesOne(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		c := connect(newWorld(t), nil)
		for tool, arguments := range map[string]string{
			"get_request": `{"request_id":"req_x","wait_seconds":-1}`, "cancel_request": `{"request_id":1}`, "reboot_server": `{"server":[]}`,
		} {
			c.call(tool, arguments).want(t, "failed", "").holds(t, " must be ")
		}
		if got := c.call("get_server", `{"server":[]}`); !got.isError || len(got.raw.RawStructuredContent) > 0 {
			t.Errorf("a read is refused with %s", got.raw.RawStructuredContent)
		}
	})
}
