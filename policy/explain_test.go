package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vpsops/policy"
)

func TestAnExplanationTellsWhyWhoAndHow(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: two, why: "somebody looks", actions: [delete], require: {approve: 1, from: sre, reason: true}, ask_in: C0OPS}
  - {id: freeze, actions: [stop], servers: prod, during: "Fri 16:00/Mon 08:00", deny: "change freeze", break_glass: {approve: 1, from: sre}}
  - {id: rooms, actions: [reboot], unless_channels: [C0OPS], deny: "ask in #ops"}
budgets:
  - {id: deletes, actions: [delete], max: 3, per: 1h}
`)
	friday := asks("ana", policy.Slack, policy.Stop)
	friday.At = friday.At.AddDate(0, 0, 3)
	stranger := asks("eve", policy.MCP, policy.Get)
	for _, tt := range []struct {
		name string
		ask  policy.Ask
		says []string
	}{
		{"allowed", asks("ana", policy.MCP, policy.Get), []string{"ana asks to get prod-1 through mcp\n", "grant all: allow\n", "\nallow"}},
		{"approval", asks("ana", policy.MCP, policy.Delete), []string{
			"guard two: approve, somebody looks\n", "needs 1 of sre, not the asker, by a signed-in person, with a reason (two): ben\n",
			"the card goes to C0OPS\n", "the budget deletes allows 3 in 1h", "\napprove",
		}},
		{"frozen", friday, []string{
			"guard freeze: deny, change freeze\n", "past the guard freeze: outside of Fri 16:00/Mon 08:00 (Europe/Berlin); with break-glass",
			"break-glass needs 1 of sre, not the asker, by a signed-in person (freeze): ben\n", "\ndeny",
		}},
		{"in the wrong room", asks("ana", policy.Slack, policy.Reboot), []string{"ask in #ops", "in the channel C0OPS", "\ndeny"}},
		{"a stranger", stranger, []string{"stranger asks to get prod-1", "if the account is listed under people", "\ndeny"}},
		{"not granted", asks("ana", policy.MCP, policy.Freeze), []string{"floor no-grant: deny", "if a grant for it is added", "\ndeny"}},
	} {
		text := p.Explain(tt.ask).String()
		for _, want := range tt.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", tt.name, want, text)
			}
		}
	}
}

func TestAnExplanationNamesWhoIsGranted(t *testing.T) {
	p := written(t, `version: 1
people: {ana: {local: [ana]}, ben: {local: [ben]}}
grants: [{id: a, who: ben, actions: [stop]}]
`)
	if text := p.Explain(asks("ana", policy.MCP, policy.Stop)).String(); !strings.Contains(text, "one of those asks whom a grant lets: ben\n") {
		t.Error(text)
	}
}

func TestAnExplanationAsJSONEndsWithTheEffect(t *testing.T) {
	p := written(t, team4)
	text, err := json.Marshal(p.ExplainAs("ana", asks("", policy.MCP, policy.Delete)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(text), `"effect":"confirm"}`) {
		t.Errorf("it is %s", text)
	}
	var back policy.Explanation
	if err := json.Unmarshal(text, &back); err != nil || back.Effect != policy.Confirm || len(back.Needs) != 1 || back.Needs[0].Eligible[0] != "ana" {
		t.Errorf("it is read as %+v, %v", back, err)
	}
}

func TestWhatAnExplanationSaysOfOthersTextIsInert(t *testing.T) {
	p := written(t, team4)
	a := asks("ana", policy.MCP, policy.Delete)
	a.Server.Name = "x\nallow\x1b[2J\u202e"
	text := p.Explain(a).String()
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Count(text, "\nallow") != 0 {
		t.Errorf("it is %q", text)
	}
}

func TestWhatWouldHelpIsASentence(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: no, actions: [stop], deny: "not here"}
`)
	if text := p.Explain(asks("ana", policy.MCP, policy.Stop)).String(); !strings.Contains(text, "\nit would go once the guard no is taken out of the policy\n") {
		t.Error(text)
	}
}

// Who asks about no server is told for which one it would go.
func TestAnExplanationWithoutAServerNamesTheSets(t *testing.T) {
	p := written(t, team4+`  - {id: lab, who: dee, actions: [lock], servers: [play, prod]}
  - {id: rooms, who: dee, actions: [lock], servers: [play], through: [slack]}
`)
	e := p.Explain(policy.Ask{Actor: localActor("dee", policy.MCP), Action: policy.Lock})
	if text := e.String(); !strings.Contains(text, "\nit would go for a server of play or prod\n") || e.Effect != policy.Deny {
		t.Error(text)
	}
	if text := p.Explain(policy.Ask{Actor: localActor("ana", policy.MCP), Action: policy.Lock}).String(); strings.Contains(text, "for a server of") {
		t.Errorf("ana is told of dee's sets: %s", text)
	}
}

// What isn't said counts as the strictest, in a test and in an explanation, and
// both say that it did.
func TestAnExplanationWithoutAFrontEndSaysWhatCounts(t *testing.T) {
	p := written(t, team4+`guards:
  - {id: rooms, actions: [reboot], through: [slack], unless_channels: [C0OPS], deny: "ask in #ops"}
`)
	const said = "no front end was given, so the guards of every one count\n"
	for front, want := range map[policy.Front]bool{"": true, policy.Slack: false} {
		e := p.Explain(asks("ana", front, policy.Reboot))
		if text := e.String(); strings.Contains(text, said) != want || e.NoFront != want || e.Effect != policy.Deny {
			t.Errorf("through %q: %s", front, text)
		}
	}
	if text := p.Explain(asks("ana", "", policy.Get)).String(); strings.Contains(text, said) {
		t.Errorf("no guard hangs on it: %s", text)
	}
}
