package tools_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

type toldHold struct {
	Kind    string `json:"kind"`
	Scope   string `json:"scope"`
	Because string `json:"because"`
}

type toldPolicy struct {
	Held     []toldHold
	Note     string
	Unread   []string `json:"unread"`
	Person   string   `json:"person"`
	ReadOnly bool     `json:"read_only"`
	May      []struct {
		Action string   `json:"action"`
		Takes  []string `json:"takes"`
		Rules  []string `json:"rules"`
	} `json:"may"`
}

func (c *conn) policy() (told toldPolicy) {
	c.w.t.Helper()
	var r mcp.ReadResourceRequest
	r.Params.URI = "vps://policy"
	result, err := c.ReadResource(c.ctx, r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	text, ok := result.Contents[0].(mcp.TextResourceContents)
	if !ok || json.Unmarshal([]byte(text.Text), &told) != nil {
		c.w.t.Fatalf("%+v", result.Contents)
	}
	return told
}

func (p toldPolicy) takes(action string) (takes string, may bool) {
	for _, m := range p.May {
		if m.Action == action {
			return strings.Join(m.Takes, "; "), true
		}
	}
	return "", false
}

// A freeze denies what the policy's grants allow.
func TestCallersAreToldWhatIsHeld(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w := newWorld(t)
		c := connect(w, nil)
		if told := c.policy(); told.Held != nil {
			t.Errorf("%+v", told.Held)
		}
		order := gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "release\u202e"}
		if _, err := w.gate.Desk().Hold(t.Context(), policy.Actor{Identity: me, Front: policy.Console}, order); err != nil {
			t.Fatal(err)
		}
		told := c.policy()
		if len(told.Held) != 1 || told.Held[0] != (toldHold{Kind: "freeze", Scope: "all", Because: `release\u{202e}`}) || !strings.Contains(told.Note, "held") {
			t.Errorf("%+v", told)
		}
	})
}

func TestCallersAreToldWhatTheyMayDo(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		told := connect(newWorld(t), nil).policy()
		if told.Person != "me" || told.ReadOnly {
			t.Errorf("%+v", told)
		}
		for action, want := range map[string]string{
			"list": "", "start": "", "reboot": "client's dialog", "delete": "server's name typed",
		} {
			if takes, may := told.takes(action); !may || want == "" && takes != "" || !strings.Contains(takes, want) {
				t.Errorf("%s takes %q, %v; want %q", action, takes, may, want)
			}
		}
	})
}

func TestCallersAreToldWhatHangsOnAGroupThatCantBeRead(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		told := connect(newWorld(t, func(s *setup) {
			var err error
			s.policy, err = policy.New(policy.Document{
				Version: 1, People: map[string]policy.Person{"me": {Local: []string{me.ID}, Slack: []string{"T1/U1"}}},
				Groups: map[string]policy.Group{"sre": {SlackUsergroups: []string{"T1/S1"}}},
				Grants: []policy.Grant{
					{ID: "read", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get}},
					{ID: "sre", Who: []string{"sre"}, Actions: []policy.Action{policy.Stop, policy.Freeze}},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
		}), nil).policy()
		if len(told.Unread) != 1 || !strings.HasPrefix(told.Unread[0], "stop: whether you are in sre isn't known: its Slack user group can't be read") {
			t.Errorf("%q", told.Unread)
		}
	})
}

func TestCallersAreToldNothingTheyMayNot(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		told := connect(newWorld(t, func(s *setup) {
			var err error
			if s.policy, err = policy.ReadsOnly("me", "me"); err != nil {
				t.Fatal(err)
			}
		}), nil).policy()
		var actions []string
		for _, m := range told.May {
			actions = append(actions, m.Action)
		}
		if want := []string{"list", "get"}; !slices.Equal(actions, want) {
			t.Errorf("may %q, want %q", actions, want)
		}
		readOnly := connect(newWorld(t, func(s *setup) { s.readOnly = true }), nil).policy()
		if _, may := readOnly.takes("delete"); may || !readOnly.ReadOnly {
			t.Errorf("%+v", readOnly)
		}
	})
}
