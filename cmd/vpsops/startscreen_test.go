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
