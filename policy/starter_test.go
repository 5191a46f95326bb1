package policy_test

import (
	"testing"

	"vpsops/policy"
)

func TestEveryStarterLoadsWithoutADoubt(t *testing.T) {
	for _, kind := range policy.Starters() {
		p, err := policy.Load(kind+".yaml", []byte(policy.Starter(kind)))
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
	if got := policy.Starter("../load"); got != "" {
		t.Errorf("an unknown kind gave %q", got)
	}
}
