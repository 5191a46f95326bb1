package policy_test

import (
	"strings"
	"testing"

	"vpsops/policy"
)

func TestNamesAreAsLongAsIsSaid(t *testing.T) {
	for length, ok := range map[int]bool{64: true, 65: false} {
		_, err := policy.Load("p.yaml", []byte("version: 1\npeople: {ana: {local: ana}}\ngroups: {"+strings.Repeat("g", length)+": {people: ana}}\n"))
		if (err == nil) != ok {
			t.Errorf("a group's name of %d letters is taken: %t (%v)", length, !ok, err)
		}
	}
	for length, ok := range map[int]bool{500: true, 501: false} { // what a system calls its user
		if _, err := policy.Local(strings.Repeat("p", length), "ana"); (err == nil) != ok {
			t.Errorf("a person's name of %d letters is taken: %t (%v)", length, !ok, err)
		}
	}
}
