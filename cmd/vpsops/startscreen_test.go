package main

import (
	"strings"
	"testing"

	"vpsops/internal/config"
	"vpsops/policy"
	"vpsops/policy/gate"
)

// A link for somebody whom the policy does not know opens nothing; who reads
// the start screen learns why from there, for the page tells strangers nothing.
func TestTheStartScreenSaysWhereItsLinkOpensNothing(t *testing.T) {
	pol, err := policy.Local("ana", "ana")
	if err != nil {
		t.Fatal(err)
	}
	c := &core{cfg: &config.Config{}, policy: &livePolicy{file: "policy.yaml"}, gate: gate.New(gate.Config{})}
	c.policy.current.Store(pol)
	for person, warned := range map[string]bool{"ana": false, "root": true} {
		c.identity = policy.Identity{Kind: policy.LocalUser, ID: person}
		if words := c.postureWords(); strings.Contains(words, "set VPSOPS_PERSON") != warned {
			t.Errorf("for %s it says %q", person, words)
		}
	}
}

// What the screen says of a policy is true of any.
func TestTheStartScreenTellsAPolicyInASentence(t *testing.T) {
	for _, tc := range []struct{ rules, who, wants string }{
		{
			"people: {ana: {}, ben: {}}\ngrants: [{id: r, who: ana, actions: [list]}]",
			"nobody may ask for a change; ana may only read; ben may do nothing", "",
		},
		{
			"people: {ana: {}}\ngrants: [{id: all, who: everyone, actions: [start, stop]}]",
			"ana may ask for start and stop", "The asker's own yes will do.",
		},
		{
			"people: {ana: {}, ben: {}}\ngrants:\n  - {id: a, who: ana, actions: [reboot]}\n  - {id: b, who: ana, actions: [delete], through: [slack]}\n" +
				"guards: [{id: g, actions: [reboot, delete], require: {approve: 1, from: everyone}}]",
			"ana may ask for reboot and within limits delete; ben may do nothing", "Another person approves delete and reboot.",
		},
		{
			"people: {a: {}, b: {}, c: {}, d: {}, e: {}}\ngrants:\n  - {id: a, who: a, actions: [start]}\n  - {id: b, who: b, actions: [stop]}\n  - {id: c, who: c, actions: [reboot]}\n  - {id: d, who: d, actions: [create]}\n  - {id: e, who: e, actions: [get]}",
			"4 of 5 persons may ask for changes; e may only read", "The asker's own yes will do.",
		},
		{
			"people: {ana: {slack: [T0/U0]}, ben: {slack: [T0/U1]}}\ngroups: {ops: {people: [ana], slack_usergroups: [T0/S0]}}\ngrants: [{id: a, who: ops, actions: [start]}]",
			"ana may ask for start; ben may do nothing; Slack's user groups add to that", "The asker's own yes will do.",
		},
		{
			"people: {ana: {}, ben: {}}\ngrants: [{id: a, who: ana, actions: [create]}]\nbudgets: [{id: b, actions: [create], max: 1, per: 1h, over: {approve: 1, from: everyone}}]",
			"ana may ask for create; ben may do nothing", "In some cases another person approves create; else the asker's own yes will do.",
		},
	} {
		pol, err := policy.Load("policy.yaml", []byte("version: 1\n"+tc.rules+"\n"))
		if err != nil {
			t.Fatalf("%s\n%v", tc.rules, err)
		}
		if who, wants := whoMay(pol), whatWants(pol); who != tc.who || wants != tc.wants {
			t.Errorf("of\n%s\nit says %q and %q, want %q and %q", tc.rules, who, wants, tc.who, tc.wants)
		}
	}
}
