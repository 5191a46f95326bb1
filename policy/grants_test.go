package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
)

func TestGrantsAreWhatMayBeOffered(t *testing.T) {
	doc := team()
	person := doc.People["dee"]
	person.Tokens = []policy.Token{
		{ID: "reads", SHA256: strings.Repeat("a", 64)},
		{ID: "writes", SHA256: strings.Repeat("b", 64), Scopes: []policy.Scope{policy.ReadScope, policy.WriteScope}, Expires: "2027-01-01"},
	}
	doc.People["dee"] = person
	p := load(t, doc)
	token := func(id string) policy.Actor {
		return policy.Actor{Identity: policy.Identity{Kind: policy.BearerToken, ID: id}, Front: policy.MCP}
	}
	readOnly := localActor("dee", policy.MCP)
	readOnly.ReadOnly = true
	reads, all := []policy.Action{policy.List, policy.Get}, []policy.Action{policy.List, policy.Get, policy.Update, policy.Reboot}
	before, after := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC), time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		actor policy.Actor
		at    time.Time
		want  []policy.Action
	}{
		"a person":                  {localActor("dee", policy.MCP), before, all},
		"through another front end": {localActor("dee", policy.Slack), before, append(slices.Clone(all), policy.Stop)},
		"a credential without a scope for changes": {readOnly, before, reads},
		"a stranger":              {localActor("eve", policy.MCP), before, nil},
		"a token that reads":      {token("reads"), before, reads},
		"a token that writes":     {token("writes"), before, all},
		"a token past its expiry": {token("writes"), after, nil},
		"a token of nobody":       {token("none"), before, nil},
	} {
		var got []policy.Action
		for _, a := range append(policy.Actions(), "", "reinstall") {
			if p.Grants(c.actor, a, c.at) {
				got = append(got, a)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s is granted %q, want %q", name, got, c.want)
		}
	}
}

// Persons are numbered, 64 to a word.
func TestAGroupOfManyHasThoseItNames(t *testing.T) {
	doc := team()
	var want []string
	for i := range 200 {
		name := fmt.Sprintf("p%03d", i)
		doc.People[name] = policy.Person{Local: []string{name}}
		if i%3 == 0 {
			want = append(want, name)
		}
	}
	doc.Groups["third"] = policy.Group{People: want}
	if got := load(t, doc).Members("third"); !slices.Equal(got, want) {
		t.Errorf("its members are %q", got)
	}
}
