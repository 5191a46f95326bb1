package policy_test

import (
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
)

const renamers = "version: 1\npeople: {ana: {slack: T1/U1}, ben: {slack: T1/U2}}\ngrants: [{id: x, who: [ana, ben], actions: [stop, update]}]\n"

func leadsOut(p *policy.Policy) bool {
	return slices.ContainsFunc(p.Warnings(), func(w policy.Fault) bool { return strings.Contains(w.Message, "can take it out of this guard") })
}

// A rename out of a guard's set is looked at where another guard holds updates wherever
// that one holds.
func TestARenameIsWatchedOnTheGuardsOwnTermsOrOnWiderOnes(t *testing.T) {
	for _, terms := range [][2]string{
		{"who: ana", "who: ben"},
		{"through: slack", "through: mcp"},
		{"during: \"Fri 16:00/Mon 08:00\"", "during: \"Sat 16:00/Mon 08:00\""},
		{"through: slack, channels: C1", "through: slack, channels: C2"},
		{"through: slack, unless_channels: C1", "through: slack, unless_channels: C2"},
	} {
		for _, tt := range []struct {
			held, watches string
			leads         bool
		}{
			{"", "", false}, {terms[0], terms[0], false}, {terms[0], "", false}, {"", terms[0], true}, {terms[1], terms[0], true},
		} {
			p := written(t, renamers+"server_sets: {names: {name: \"test-*\"}, west: {location: us-west}}\nguards:\n"+
				"  - {id: y, actions: [stop], servers: names, "+with(tt.held)+"deny: \"no\"}\n"+
				"  - {id: z, actions: [update], servers: names, "+with(tt.watches)+"deny: \"no\"}\n")
			if leadsOut(p) != tt.leads {
				t.Errorf("a guard with %q beside one of updates with %q is doubted: %t", tt.held, tt.watches, !tt.leads)
			}
		}
	}
}

func with(terms string) string {
	if terms == "" {
		return ""
	}
	return terms + ", "
}

// In the set of what is in no other, a renamed server stays where there is no other.
func TestARenameLeadsOutOfTheOnlySetUnlessItHoldsAllElse(t *testing.T) {
	for sets, leads := range map[string]bool{
		"server_sets: {names: {name: \"test-*\"}}\n":                                               true,
		"server_sets: {names: {name: \"test-*\"}}\nunmatched: names\n":                             false,
		"server_sets: {names: {name: \"test-*\"}, west: {location: us-west}}\nunmatched: names\n":  true,
		"server_sets: {names: {name: \"test-*\"}, west: {location: us-west}}\nunmatched: west\n":   true,
		"server_sets: {names: {location: us-east}, west: {location: us-west}}\nunmatched: names\n": false,
	} {
		p := written(t, renamers+sets+"guards: [{id: y, actions: [stop], servers: names, deny: \"no\"}]\n")
		if leadsOut(p) != leads {
			t.Errorf("with %s a rename leads out: %t", sets, !leads)
		}
	}
}
