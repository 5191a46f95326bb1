package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"vpsops/policy"
)

const elsewhere = `version: 1
people:
  ana: {local: [ana], slack: [T1/U1]}
  zoe: {local: [zoe], slack: [T1/U2]}
  dee: {local: [dee]}
server_sets: {shop: {ids: [1, 2]}, lab: {name: "lab-*"}, vault: {ids: [9]}}
grants:
  - {id: all, who: ana, actions: [stop, update, reboot]}
  - {id: vault, who: ana, actions: [start], servers: vault}
  - {id: shop, who: [zoe, dee], actions: [reboot], servers: shop, through: [slack], channels: [C0SHOP, C0DESK]}
  - {id: shop-console, who: zoe, actions: [stop], servers: shop, through: [console, page]}
  - {id: lab, who: zoe, actions: [update], servers: lab}
  - {id: lab-room, who: zoe, actions: [start], servers: lab, channels: [C0LAB]}
  - {id: room, who: zoe, actions: [delete], channels: [C0LAB]}
  - {id: locks, who: zoe, actions: [lock], through: [console]}
  - {id: freezes, who: zoe, actions: [freeze], servers: lab, through: [slack]}
guards:
  - {id: no-desk, actions: [reboot], channels: [C0DESK], deny: "not at the desk"}
  - {id: no-locks, actions: [lock], deny: "nobody locks"}
  - {id: people, actions: [delete], through: [mcp], deny: "people do this"}
`

// Whom a grant lets ask elsewhere, or for other servers, is told so: that a grant
// must be added for them isn't true.
func TestADenialTellsWhatTheAskersOwnGrantsCover(t *testing.T) {
	p := written(t, elsewhere)
	shop, other := &policy.Server{ID: "1", Name: "web"}, &policy.Server{ID: "7", Name: "db"}
	inLab := &policy.Server{ID: "8", Name: "lab-1"}
	const orAna = ", or if one of those asks whom a grant lets: ana"
	for _, tt := range []struct {
		name, person  string
		front         policy.Front
		channel       string
		action        policy.Action
		server, after *policy.Server
		would         string // "": no word of it
	}{
		{"another way", "zoe", policy.MCP, "", policy.Reboot, shop, nil, "through slack in the channel C0SHOP" + orAna},
		{"another channel, and none where a guard denies", "zoe", policy.Slack, "C0X", policy.Reboot, shop, nil, "in the channel C0SHOP" + orAna},
		{"a channel that isn't known", "zoe", policy.Slack, "", policy.Reboot, shop, nil, "in the channel C0SHOP" + orAna},
		{"a way on which they have no account", "dee", policy.MCP, "", policy.Reboot, shop, nil, "if one of those asks whom a grant lets: ana"},
		{"one of several ways", "zoe", policy.MCP, "", policy.Stop, shop, nil, "through console or page" + orAna},
		{"other servers", "zoe", policy.Slack, "C0SHOP", policy.Reboot, other, nil, "for a server of shop" + orAna},
		{"other servers elsewhere", "zoe", policy.MCP, "", policy.Reboot, other, nil, "for a server of shop through slack in the channel C0SHOP" + orAna},
		{"no server, elsewhere", "zoe", policy.MCP, "", policy.Start, nil, nil, "for a server of lab through slack in the channel C0LAB"},
		{"a rename out of the set", "zoe", policy.MCP, "", policy.Update, inLab, other, "for an update that leaves it in lab" + orAna},
		{"a rename into the set", "zoe", policy.MCP, "", policy.Update, other, inLab, "for a server of lab" + orAna},
		{"a freeze elsewhere", "zoe", policy.Page, "", policy.Freeze, nil, nil, "for a freeze of lab through slack"},
		{"nothing of theirs, and sets of others", "dee", policy.MCP, "", policy.Start, other, nil, "if a grant for it is added to the policy"},
		{"other servers, though they are granted much else", "ana", policy.MCP, "", policy.Start, other, nil, "for a server of vault"},
		{"elsewhere, where something else denies it, too", "zoe", policy.MCP, "", policy.Lock, shop, nil, "through console"},
		{"another denial beside it", "zoe", policy.MCP, "", policy.Delete, shop, nil, "through slack in the channel C0LAB"},
	} {
		e := p.Explain(policy.Ask{
			Actor:  policy.Actor{Identity: policy.Identity{Kind: policy.LocalUser, ID: tt.person}, Front: tt.front, Channel: tt.channel},
			Action: tt.action, Server: tt.server, After: tt.after,
		})
		if e.Effect != policy.Deny || len(e.Allowed) == 0 || e.Allowed[0] != tt.would {
			t.Errorf("%s: it would go %q, want %q", tt.name, e.Allowed, tt.would)
		}
	}
}

// A refusal is read by whoever drives a program, too: it tells of the asker's own
// grants, and names nothing of what others alone are granted.
func TestADenialNamesNoSetThatTheAskerIsGrantedNothingOf(t *testing.T) {
	p := written(t, elsewhere)
	servers := []*policy.Server{nil, {ID: "1", Name: "web"}, {ID: "7", Name: "db"}, {ID: "8", Name: "lab-1"}, {ID: "9", Name: "keys"}}
	for _, action := range policy.Actions() {
		for _, front := range []policy.Front{"", policy.MCP, policy.Slack, policy.Console, policy.Page} {
			for _, s := range servers {
				for person, hidden := range map[string][]string{"zoe": {"vault", "C0DESK"}, "dee": {"vault", "lab", "C0LAB"}} {
					e := p.Explain(policy.Ask{Actor: localActor(person, front), Action: action, Server: s})
					for _, word := range hidden {
						if text := strings.Join(e.Allowed, "\n"); strings.Contains(text, word) {
							t.Errorf("%s of %v by %s through %q: %q names %s", action, s, person, front, text, word)
						}
					}
				}
			}
		}
	}
	told := make(map[string]bool) // of servers that dee's grants don't cover
	for _, s := range servers[2:] {
		told[strings.Join(p.Explain(policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Reboot, Server: s}).Allowed, "\n")] = true
	}
	if len(told) != 1 {
		t.Errorf("what is told hangs on the server: %v", told)
	}
}

// A policy may name any number of channels: to refuse stays cheap.
func TestADenialNamesFewPlaces(t *testing.T) {
	channels := make([]string, 2000)
	for i := range channels {
		channels[i] = fmt.Sprintf("C0%05d", i)
	}
	doc := team()
	doc.People["ana"] = policy.Person{Local: []string{"ana"}, Slack: []string{"T1/U1"}}
	doc.Grants, doc.Guards = []policy.Grant{{ID: "rooms", Who: []string{"ana"}, Actions: []policy.Action{policy.Stop}, Channels: channels}}, nil
	e := load(t, doc).ExplainAs("ana", policy.Ask{Actor: policy.Actor{Front: policy.MCP}, Action: policy.Stop})
	if n := strings.Count(strings.Join(e.Allowed, ""), "C0"); n != 10 {
		t.Errorf("it names %d channels: %q", n, e.Allowed)
	}
	doc.ServerSets, doc.Grants[0].Channels = make(map[string][]policy.ServerMatch), nil
	for i := range 50 {
		set := fmt.Sprintf("set%02d", i)
		doc.ServerSets[set] = []policy.ServerMatch{{IDs: []string{set}}}
		doc.Grants[0].Servers = append(doc.Grants[0].Servers, set)
	}
	doc.Unmatched, doc.Budgets = "", nil
	e = load(t, doc).ExplainAs("ana", policy.Ask{Actor: policy.Actor{Front: policy.MCP}, Action: policy.Stop})
	if want := "set08 or set09 or others"; len(e.Allowed) != 1 || !strings.HasSuffix(e.Allowed[0], want) {
		t.Errorf("it would go %q, want it to end with %q", e.Allowed, want)
	}
}
