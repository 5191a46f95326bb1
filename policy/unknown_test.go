package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
)

const bySystem = `version: 1
people: {ana: {local: [ana], slack: [T1/U1]}, ben: {local: [ben], slack: [T1/U2]}}
server_sets:
  ubuntu: {os: "Ubuntu 24.04"}
  system6: {os: 6}
  big: {plan: [Large, 9]}
  west: {location: us-west}
  main: {account: main}
  named: {name: "prod-*"}
  first: {ids: [1]}
  play: {name: "play-*", location: us-west}
  rest: {name: "rest-*"}
unmatched: rest
`

// everySet is a policy in which each set has a guard that approves a change and
// a grant that lets ana lock.
func everySet(t *testing.T) *policy.Policy {
	sets := []string{"ubuntu", "system6", "big", "west", "main", "named", "first", "play", "rest"}
	var grants, guards strings.Builder
	for _, set := range sets {
		grants.WriteString("  - {id: may-" + set + ", who: ana, actions: [lock], servers: " + set + "}\n")
		guards.WriteString("  - {id: " + set + ", actions: [create, stop], servers: " + set + ", require: {confirm: asker}}\n")
	}
	return written(t, bySystem+"grants:\n  - {id: all, who: ana, actions: [create, stop]}\n"+grants.String()+"guards:\n"+guards.String())
}

func rulesOfKind(d policy.Decision, kind policy.RuleKind) (ids []string) {
	for _, r := range d.Rules {
		if r.Kind == kind {
			ids = append(ids, strings.TrimPrefix(r.ID, "may-"))
		}
	}
	return ids
}

func TestAGuardHoldsWhereAServerMayBeInItsSetAndAGrantDoesNot(t *testing.T) {
	p := everySet(t)
	whole := policy.Server{ID: "2", Name: "web", Location: "us-east", PlanID: "1", Plan: "Small", OSID: "5", OS: "Debian 12", Account: "side"}
	with := func(change func(*policy.Server)) policy.Server {
		s := whole
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name            string
		server          policy.Server
		granted, guards []string
	}{
		{"all is known", whole, []string{"rest"}, []string{"rest"}},
		{"in a set", with(func(s *policy.Server) { s.OS, s.OSID = "Ubuntu 24.04", "6" }), []string{"ubuntu", "system6"}, []string{"ubuntu", "system6"}},
		{"no system's name", with(func(s *policy.Server) { s.OS = "" }), nil, []string{"ubuntu", "rest"}},
		{"no system's name, in a set by its id", with(func(s *policy.Server) { s.OS, s.OSID = "", "6" }), []string{"system6"}, []string{"ubuntu", "system6"}},
		{"no system's id", with(func(s *policy.Server) { s.OSID = "" }), nil, []string{"ubuntu", "system6", "rest"}},
		{"no plan's name", with(func(s *policy.Server) { s.Plan = "" }), nil, []string{"big", "rest"}},
		{"a plan's id alone, in a set", with(func(s *policy.Server) { s.Plan, s.PlanID = "", "9" }), []string{"big"}, []string{"big"}},
		{"no location", with(func(s *policy.Server) { s.Location = "" }), nil, []string{"west", "rest"}},
		{"no location, by a name of play", with(func(s *policy.Server) { s.Location, s.Name = "", "play-1" }), nil, []string{"west", "play", "rest"}},
		{"no account", with(func(s *policy.Server) { s.Account = "" }), nil, []string{"main", "rest"}},
		{"no name", with(func(s *policy.Server) { s.Name = "" }), nil, []string{"named", "rest"}},
		{"no id", with(func(s *policy.Server) { s.ID = "" }), nil, []string{"first", "rest"}},
		{"a name that isn't plain", with(func(s *policy.Server) { s.Name = "рrod-1" }), []string{"rest"}, []string{"named", "rest"}},
		{"a name that isn't plain, in a set by its location", with(func(s *policy.Server) { s.Name, s.Location = "plаy-1", "us-west" }), []string{"rest"}, []string{"west", "named", "play", "rest"}},
		{"neither name nor id", with(func(s *policy.Server) { s.Name, s.ID = "", "" }), nil, []string{"ubuntu", "system6", "big", "west", "main", "named", "first", "play", "rest"}},
	} {
		a := asks("ana", policy.MCP, policy.Stop)
		a.Server = &tt.server
		if got := rulesOfKind(p.Decide(a), policy.GuardRule); !slices.Equal(got, tt.guards) {
			t.Errorf("%s: it comes under the guards of %q, not %q", tt.name, got, tt.guards)
		}
		a.Action = policy.Lock
		if got := rulesOfKind(p.Decide(a), policy.GrantRule); !slices.Equal(got, tt.granted) {
			t.Errorf("%s: it comes under the grants of %q, not %q", tt.name, got, tt.granted)
		}
	}
}

func TestAServerToBeHasNoIDAndMayRunAnySystem(t *testing.T) {
	p := everySet(t)
	a := asks("ana", policy.MCP, policy.Create)
	a.Server, a.After = nil, &policy.Server{Name: "web", Location: "us-east", PlanID: "1", OSID: "5", Account: "side"}
	if got := rulesOfKind(p.Decide(a), policy.GuardRule); !slices.Equal(got, []string{"ubuntu", "big", "rest"}) {
		t.Errorf("a create comes under the guards of %q", got)
	}
	for set, want := range map[string]bool{"ubuntu": true, "first": false, "west": false, "rest": true, "gone": true} {
		if got := p.MayBeIn(*a.After, set); got != want {
			t.Errorf("it may be in %s: %t", set, got)
		}
	}
}

// A guard takes the place of the floor's own confirmation by a person: one that
// only may hold must not, or what isn't known would loosen.
func TestAGuardThatOnlyMayHoldLeavesTheFloor(t *testing.T) {
	const loose = "require: {confirm: asker, factor: client}}\n"
	for _, tt := range []struct {
		name   string
		guard  string
		change func(*policy.Ask)
	}{
		{"a server that can't be read", "servers: play, " + loose, func(a *policy.Ask) { a.Server = &policy.Server{} }},
		{"a server that isn't named", "servers: play, " + loose, func(a *policy.Ask) { a.Server = nil }},
		{"a name that isn't plain", "servers: play, " + loose, func(a *policy.Ask) { a.Server.Name, a.Server.Location = "plаy-1", "us-west" }},
		{"no location", "servers: play, " + loose, func(a *policy.Ask) { a.Server.Name, a.Server.Location = "play-1", "" }},
		{"no front", "through: [mcp], " + loose, func(a *policy.Ask) { a.Actor.Front = "" }},
		{"no room", "channels: [C1], " + loose, func(a *policy.Ask) { a.Actor.Front, a.Actor.Channel = policy.Slack, "" }},
		{"no room where one is left out", "unless_channels: [C1], " + loose, func(a *policy.Ask) { a.Actor.Front, a.Actor.Channel = policy.Slack, "" }},
		{"no time", `during: "Wed 00:00/Thu 00:00", ` + loose, func(a *policy.Ask) { a.At = time.Time{} }},
		{"a group that can't be read", "who: far, " + loose, func(*policy.Ask) {}},
	} {
		p := written(t, bySystem+`groups: {far: {slack_usergroups: [T1/S1]}}
grants: [{id: all, who: everyone, actions: [reboot]}]
guards:
  - {id: loose, actions: [reboot], `+tt.guard)
		a := asks("ana", policy.MCP, policy.Reboot)
		tt.change(&a)
		d := p.Decide(a)
		if len(d.Needs) != 1 || d.Needs[0].Factor != policy.PersonFactor || !slices.Equal(d.Needs[0].Rules, []string{policy.FloorConfirm, "loose"}) {
			t.Errorf("%s: %+v", tt.name, d.Needs)
		}
	}
}

func TestAGuardThatSurelyHoldsTakesTheFloorsPlace(t *testing.T) {
	const loose = "require: {confirm: asker, factor: client}}\n"
	for name, guard := range map[string]string{
		"everywhere": loose, "in its set": "servers: [play, named], " + loose, "by its way": "through: [mcp, slack], " + loose,
		"in its room": "channels: [C1], " + loose, "in no room left out": "unless_channels: [C2], " + loose,
		"in its time": `during: "Wed 00:00/Thu 00:00", ` + loose, "about its people": "who: near, " + loose,
	} {
		p := written(t, bySystem+`groups: {near: {people: [ana], slack_usergroups: [T1/S1]}}
grants: [{id: all, who: everyone, actions: [reboot]}]
guards:
  - {id: loose, actions: [reboot], `+guard)
		if d := p.Decide(asks("ana", policy.Slack, policy.Reboot)); len(d.Needs) != 1 || d.Needs[0].Factor != policy.Client {
			t.Errorf("%s: %+v", name, d.Needs)
		}
	}
}

// What breaks a glass that may not be there is no more than what stands there
// otherwise.
func TestAGlassThatOnlyMayBreakLeavesTheFloor(t *testing.T) {
	p := written(t, bySystem+`grants: [{id: all, who: everyone, actions: [reboot]}]
guards:
  - {id: freeze, actions: [reboot], servers: west, deny: "no", break_glass: {approve: 1, from: everyone}}
`)
	a := asks("ana", policy.Slack, policy.Reboot)
	a.BreakGlass = true
	for location, want := range map[string]int{"us-west": 1, "": 2} {
		a.Server.Location = location
		if d := p.Decide(a); d.Effect != policy.Approve || len(d.Needs) != want {
			t.Errorf("in %q: %s by %+v", location, d.Effect, d.Needs)
		}
	}
}

func TestAServerOfATestIsWhatTheTestSays(t *testing.T) {
	written(t, bySystem+`grants: [{id: all, who: everyone, actions: [create, update, stop]}]
guards:
  - {id: systems, actions: [create, update, stop], servers: [ubuntu, big, west, main, named, first], require: {approve: 1, from: everyone}}
tests:
  - {who: ana, do: stop, server: {name: web}, through: mcp, expect: confirm}
  - {who: ana, do: stop, server: {id: 2}, through: mcp, expect: confirm}
  - {who: ana, do: create, server: {name: web}, through: mcp, expect: confirm}
  - {who: ana, do: update, server: {name: web}, after: {name: net}, through: mcp, expect: confirm}
  - {who: ana, do: update, server: {name: web}, after: {name: prod-1}, through: mcp, expect: approve}
  - {who: ana, do: stop, server: {location: us-east}, through: mcp, expect: approve}
  - {who: ana, do: stop, server: {name: "wеb"}, through: mcp, expect: approve}
`)
}
