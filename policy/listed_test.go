package policy_test

import (
	"strings"
	"testing"

	"vpsops/policy"
)

// A list that grants or guards narrow is answered with what of it may be seen: that
// some servers are kept out of it is no denial.
func TestAnExplanationOfAListSaysWhoseServersItShows(t *testing.T) {
	p := written(t, `version: 1
people: {ana: {local: [ana]}, ben: {local: [ben]}, cy: {local: [cy]}, dee: {local: [dee]}, eve: {local: [eve]}}
server_sets: {prod: {name: "prod-*"}, play: {location: us-west}, vault: {ids: [9]}}
grants:
  - {id: all, who: [ana, dee, eve], actions: [list]}
  - {id: some, who: [ben, dee], actions: [list], servers: [play, prod]}
guards:
  - {id: vault, who: [ana, ben], actions: [list], servers: vault, deny: "it holds keys"}
  - {id: nights, who: ana, actions: [list], servers: prod, during: "Fri 16:00/Mon 08:00", deny: "not now"}
  - {id: assistants, who: ben, actions: [list], servers: play, through: [mcp], deny: "people look"}
  - {id: never, who: eve, actions: [list], deny: "not you"}
`)
	const vault = "servers of vault are not listed: guard vault: deny, it holds keys\n"
	for _, tt := range []struct {
		name, person string
		front        policy.Front
		says         string
	}{
		{"by guards", "ana", policy.Slack, "grant all: allow\n" + vault + "allow"},
		{"by a grant and guards", "ben", policy.MCP, "grant some: allow\nonly servers of play or prod are listed\n" + vault + "servers of play are not listed: guard assistants: deny, people look\nallow"},
		{"by a grant alone, and one for all", "dee", policy.MCP, "grant all: allow\ngrant some: allow\nallow"},
		{"by a guard of all", "eve", policy.MCP, "guard never: deny, not you\nit would go once the guard never is taken out of the policy\ndeny"},
		{"by no front end", "ben", "", "deny, people look\nno front end was given, so the guards of every one count\nallow"},
		{"for whom nothing is granted", "cy", policy.MCP, "\ndeny"},
	} {
		a := asks(tt.person, tt.front, policy.List)
		a.Server, a.AnyServer = nil, true
		text := p.Explain(a).String()
		if !strings.HasSuffix(text, tt.says) {
			t.Errorf("%s: it doesn't end with %q:\n%s", tt.name, tt.says, text)
		}
		if strings.HasSuffix(text, "deny") && strings.Contains(text, "listed") {
			t.Errorf("%s: a denied list shows nothing:\n%s", tt.name, text)
		}
	}
}

func TestAnExplanationWithoutAServerSaysOfWhichItWouldNotBe(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: vault, actions: [get, freeze], servers: [play, prod], deny: "it holds keys"}
`)
	const says = "\nit would go past the guard vault: for a server that isn't of play or prod\n"
	for want, ask := range map[bool]policy.Ask{true: {Action: policy.Get}, false: {Action: policy.Get, Server: &prodServer}} {
		ask.Actor = localActor("ana", policy.MCP)
		if text := p.Explain(ask).String(); strings.Contains(text, says) != want {
			t.Errorf("%t: %s", want, text)
		}
	}
}
