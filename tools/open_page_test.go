package tools_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/tools"
)

const deleteWeb = `{"server_id":12345,"name":"web-server-01"}`

// opensPages are clients that can open a page, beside showing forms.
func (w *world) opensPages() *world {
	w.clients = append(w.clients, client.WithClientCapabilities(mcp.ClientCapabilities{
		Elicitation: &mcp.ElicitationCapability{Form: &struct{}{}, URL: &struct{}{}},
	}))
	return w
}

func TestClientThatOpensPagesOpensTheRequests(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t).opensPages()
		var asked []mcp.ElicitationParams
		c := connect(w, func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			asked = append(asked, r.Params)
			// The person has voted on the page by the time the client answers.
			w.vote(strings.TrimPrefix(r.Params.URL, "http://page.localhost/requests/"), true, "web-server-01")
			return says(mcp.ElicitationResponseActionAccept, nil)(r)
		})
		got := c.call("delete_server", `{"server_id":12345,"name":"web-server-01","reason":"gone\u202e"}`)
		if len(asked) != 1 {
			t.Fatalf("asked %d times: %s", len(asked), got.text)
		}
		a := asked[0]
		if a.Mode != mcp.ElicitationModeURL || a.URL != "http://page.localhost/requests/"+got.RequestID || a.ElicitationID != got.RequestID || a.RequestedSchema != nil {
			t.Errorf("asked for %+v", a)
		}
		if !strings.HasPrefix(a.Message, "vpsops: delete web-server-01 (id 12345)?") || strings.ContainsAny(a.Message, "\u202e") || !strings.Contains(a.Message, "signed in there") {
			t.Errorf("it says %q", a.Message)
		}
		if strings.Contains(a.URL+a.Message, "code=") {
			t.Error("the address signs somebody in")
		}
		c.call("get_request", `{"request_id":"`+got.RequestID+`","wait_seconds":20}`).want(t, "succeeded", "succeeded")
		w.wantWrites("DELETE /servers/12345/")
	})
}

func TestThatAPageWasOpenedIsNoVote(t *testing.T) {
	for name, answer := range map[string]struct {
		dialog
		told string
	}{
		"accepted": {says(mcp.ElicitationResponseActionAccept, nil), ""}, "accepted, ticked": {yes, ""},
		"declined":  {no, "not opened: the client declined"},
		"cancelled": {says(mcp.ElicitationResponseActionCancel, nil), "not opened: the client's dialog was closed"},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, connect dialer) {
				w := newWorld(t).opensPages()
				asked := 0
				c := connect(w, func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
					asked++
					return answer.dialog(r)
				})
				first := c.call("delete_server", deleteWeb).want(t, "pending", "pending")
				if told := strings.Contains(first.Message, "not opened"); told != (answer.told != "") || !strings.Contains(first.Message, answer.told) {
					t.Errorf("it says %q", first.Message)
				}
				second := c.call("delete_server", deleteWeb).want(t, "pending", "pending")
				if first.RequestID != second.RequestID || asked != 1 {
					t.Errorf("asked %d times, for %s and %s", asked, first.RequestID, second.RequestID)
				}
				w.wantWrites()
			})
		})
	}
}

func TestThePageIsNotSaidToBeEnoughWhereOthersMustApprove(t *testing.T) {
	p, err := policy.New(policy.Document{
		Version: 1,
		People:  map[string]policy.Person{"me": {Local: []string{"me"}}, "ben": {Local: []string{"ben"}}},
		Groups:  map[string]policy.Group{"ops": {People: []string{"me", "ben"}}},
		Grants:  []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get, policy.Delete}}},
		Guards: []policy.Guard{
			{ID: "me", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{ConfirmAsker: true}},
			{ID: "ben", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{Approve: 1, From: "ops"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		policy *policy.Policy
		want   string
	}{
		"others, too": {p, "\nYou decide it on its page, signed in there; besides, 1 of ops must approve (ben) in person (rule ben)."},
		"alone":       {nil, "\nOnly you can decide it, on its page, signed in there."},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, connect dialer) {
				w := newWorld(t, func(s *setup) { s.policy = cmp.Or(c.policy, s.policy) }).opensPages()
				var shown string
				connect(w, func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
					shown = r.Params.Message
					return no(r)
				}).call("delete_server", deleteWeb).want(t, "pending", "pending")
				if !strings.HasSuffix(shown, c.want) {
					t.Errorf("it says %q", shown)
				}
			})
		})
	}
}

func TestNoPageIsOpenedWhereThatBringsNothingOn(t *testing.T) {
	never := func(t *testing.T) dialog {
		return func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
			t.Errorf("asked for %+v", r.Params)
			return no(r)
		}
	}
	t.Run("this desktop's browser has it", func(t *testing.T) {
		everywhere(t, func(t *testing.T, connect dialer) {
			w := newWorld(t, func(s *setup) { s.browser = true }).opensPages()
			connect(w, never(t)).call("delete_server", deleteWeb).want(t, "pending", "pending")
		})
	})
	t.Run("others decide", func(t *testing.T) {
		everywhere(t, func(t *testing.T, connect dialer) {
			p, err := policy.New(policy.Document{
				Version: 1,
				People:  map[string]policy.Person{"me": {Local: []string{"me"}}, "ben": {Local: []string{"ben"}}},
				Groups:  map[string]policy.Group{"ops": {People: []string{"me", "ben"}}},
				Grants:  []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get, policy.Delete}}},
				Guards:  []policy.Guard{{ID: "ben", Actions: []policy.Action{policy.Delete}, Require: &policy.Require{Approve: 1, From: "ops"}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, func(s *setup) { s.policy = p }).opensPages()
			connect(w, never(t)).call("delete_server", deleteWeb).want(t, "pending", "pending")
		})
	})
}

// pageOf asks for a change by a client that opens pages, and returns the state
// with which it is to call again.
func (w *world) pageOf(who tools.Caller, tool, arguments string) (state string) {
	w.t.Helper()
	text, err := json.Marshal(w.mcp.HandleMessage(tools.WithCaller(w.t.Context(), who), []byte(
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"`+tool+`","arguments":`+arguments+`,`+modernMeta+`}}`)))
	if err != nil {
		w.t.Fatal(err)
	}
	var asked struct {
		Result struct {
			RequestState string `json:"requestState"`
		} `json:"result"`
	}
	if err := json.Unmarshal(text, &asked); err != nil || !strings.HasPrefix(asked.Result.RequestState, "page ") {
		w.t.Fatalf("%v: %s", err, text)
	}
	return asked.Result.RequestState
}

// A state made up, another person's or of another call tells nothing, and is
// recorded.
func TestAPageStateIsOfItsOwnCall(t *testing.T) {
	w := newWorld(t)
	state := w.pageOf(mine, "delete_server", deleteWeb)
	at := func(who tools.Caller, tool, arguments, state string) answered {
		return w.modern(who, tool, arguments, fmt.Sprintf(`,"requestState":%q,"inputResponses":{"page":{"action":"accept"}}`, state))
	}
	id := at(mine, "delete_server", deleteWeb, state).want(t, "pending", "pending").RequestID
	w.vote(id, true, "web-server-01")
	for name, refused := range map[string]func() answered{
		"of nothing":        func() answered { return at(mine, "delete_server", deleteWeb, "page ") },
		"made up":           func() answered { return at(mine, "delete_server", deleteWeb, "page "+id) },
		"another person's":  func() answered { return at(tools.Caller{Identity: other}, "delete_server", deleteWeb, state) },
		"of another tool":   func() answered { return at(mine, "stop_server", `{"server":12345}`, state) },
		"of another server": func() answered { return at(mine, "delete_server", `{"server_id":12346,"name":"db-server-01"}`, state) },
		"of other words": func() answered {
			return at(mine, "delete_server", `{"server_id":12345,"name":"web-server-01","reason":"old"}`, state)
		},
	} {
		before := w.audited("dialog-refused")
		if got := refused(); got.Outcome != "failed" || got.RequestID != "" || strings.Contains(got.text, "Done") {
			t.Errorf("%s: %s: %s", name, got.Outcome, got.text)
		}
		if now := w.audited("dialog-refused"); now != before+1 {
			t.Errorf("%s: recorded %d times", name, now-before)
		}
	}
	w.modern(mine, "get_request", `{"request_id":"`+id+`","wait_seconds":50}`, "")
	at(mine, "delete_server", deleteWeb, state).want(t, "succeeded", "succeeded") // as often as it likes
	w.wantWrites("DELETE /servers/12345/")
}
