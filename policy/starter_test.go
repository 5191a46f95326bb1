package policy_test

import (
	"testing"

	"vpsops/policy"
)

func TestEveryStarterLoadsWithoutADoubt(t *testing.T) {
	for _, kind := range policy.Starters() {
		p, err := policy.Load(kind+".yaml", []byte(policy.Starter(kind, "")))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		for _, w := range p.Warnings() {
			t.Errorf("%s: %s", kind, w)
		}
		if len(p.RunTests()) == 0 || len(p.Unsafe()) > 0 {
			t.Errorf("%s has %d tests and the unsafe grants %q", kind, len(p.RunTests()), p.Unsafe())
		}
	}
	if got := policy.Starter("../load", ""); got != "" {
		t.Errorf("an unknown kind gave %q", got)
	}
}

func TestTheStarterForOnePersonIsForWhoeverUsesTheMachine(t *testing.T) {
	for _, user := range []string{"ana", "true", "1000", `o"brien`, "jörg", "a b", "C:\\ana", "#ana"} {
		p, err := policy.Load("solo.yaml", []byte(policy.Starter("solo", user)))
		if err != nil {
			t.Errorf("%q: %v", user, err)
		} else if got := p.PersonOf(policy.Identity{Kind: policy.LocalUser, ID: user}); got != "me" {
			t.Errorf("%q is %q", user, got)
		}
	}
	if got := policy.Starter("solo", "a\u202eb"); got != policy.Starter("solo", "") {
		t.Error("a name with a hidden character stands in the file")
	}
}
