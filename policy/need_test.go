package policy_test

import (
	"fmt"
	"slices"
	"testing"

	"vpsops/policy"
)

func TestWhoseVoteFillsANeed(t *testing.T) {
	p := load(t, team())
	asker := policy.Need{Count: 1, Factor: policy.PersonFactor, TypeName: true, Reason: true}
	group := policy.Need{From: "oncall", Count: 1, Factor: policy.PersonFactor}
	whole := func(person string) policy.Vote {
		return policy.Vote{Person: person, Factor: policy.PersonFactor, NameTyped: true, Reason: "because"}
	}
	with := func(v policy.Vote, change func(*policy.Vote)) policy.Vote { change(&v); return v }
	for _, tt := range []struct {
		name string
		need policy.Need
		vote policy.Vote
		want policy.Refusal
	}{
		{"the asker confirms", asker, whole("ana"), policy.Counts},
		{"the asker confirms by a sign-in for own requests", asker, with(whole("ana"), func(v *policy.Vote) { v.OwnOnly = true }), policy.Counts},
		{"a surer factor", asker, with(whole("ana"), func(v *policy.Vote) { v.Factor = policy.Passkey }), policy.Counts},
		{"a weaker factor", asker, with(whole("ana"), func(v *policy.Vote) { v.Factor = policy.Client }), policy.WeakFactor},
		{"no factor", asker, with(whole("ana"), func(v *policy.Vote) { v.Factor = 0 }), policy.WeakFactor},
		{"the name not typed", asker, with(whole("ana"), func(v *policy.Vote) { v.NameTyped = false }), policy.NameNotTyped},
		{"no reason", asker, with(whole("ana"), func(v *policy.Vote) { v.Reason = "" }), policy.NoReason},
		{"another confirms", asker, whole("ben"), policy.NotAsker},
		{"a member approves", group, whole("ben"), policy.Counts},
		{"the asker approves", group, whole("ana"), policy.IsAsker},
		{"a sign-in for own requests approves", group, with(whole("ben"), func(v *policy.Vote) { v.OwnOnly = true }), policy.OwnRequests},
		{"another approves", group, whole("dee"), policy.NotMember},
		{"somebody not listed approves", group, whole("eve"), policy.NotMember},
		{"nobody approves", group, whole(""), policy.NotMember},
		{"a member by the client's dialog", group, with(whole("ben"), func(v *policy.Vote) { v.Factor = policy.Client }), policy.WeakFactor},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := p.Fills(tt.need, "ana", tt.vote); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOneVoteFillsEveryNeedItMay(t *testing.T) {
	p := load(t, team())
	needs := []policy.Need{{From: "oncall", Count: 1, Factor: policy.PersonFactor}, {From: "platform", Count: 2, Factor: policy.PersonFactor}}
	ben := policy.Vote{Person: "ben", Factor: policy.PersonFactor}
	missing := p.Missing(needs, "ana", []policy.Vote{ben})
	if len(missing) != 1 || missing[0].From != "platform" || missing[0].Count != 1 {
		t.Errorf("after one vote %+v is missing", missing)
	}
	if missing := p.Missing(needs, "ana", []policy.Vote{ben, ben}); len(missing) != 1 {
		t.Errorf("one person's two votes leave %+v", missing)
	}
	if missing := p.Missing(needs, "ana", []policy.Vote{ben, {Person: "ana", Factor: policy.PersonFactor}}); len(missing) != 1 {
		t.Errorf("with the asker's vote %+v is missing", missing)
	}
	if missing := p.Missing(needs, "ana", []policy.Vote{ben, {Person: "cy", Factor: policy.PersonFactor}}); missing != nil {
		t.Errorf("after two votes %+v is missing", missing)
	}
	if needs[1].Count != 2 {
		t.Error("the needs were changed")
	}
}

func TestEligible(t *testing.T) {
	p := load(t, team())
	if got := p.Eligible(policy.Need{From: "oncall", Count: 1}, "ana"); !slices.Equal(got, []string{"ben", "cy"}) {
		t.Errorf("of the group: %q", got)
	}
	if got := p.Eligible(policy.Need{Count: 1}, "ana"); !slices.Equal(got, []string{"ana"}) {
		t.Errorf("of a confirmation: %q", got)
	}
	if got := p.Eligible(policy.Need{Count: 1}, "eve"); got != nil {
		t.Errorf("of a confirmation by somebody not listed: %q", got)
	}
}

func TestMergeNeedsAddsUp(t *testing.T) {
	a := []policy.Need{{From: "sre", Count: 2, Factor: policy.PersonFactor, Rules: []string{"b"}}}
	b := []policy.Need{{From: "sre", Count: 1, Factor: policy.Passkey, Reason: true, Rules: []string{"a"}}, {Count: 1, Factor: policy.Client, Rules: []string{"c"}}}
	got := policy.MergeNeeds(a, b)
	if len(got) != 2 || got[0].From != "" {
		t.Fatalf("got %+v", got)
	}
	if n := got[1]; n.Count != 2 || n.Factor != policy.Passkey || !n.Reason || !slices.Equal(n.Rules, []string{"a", "b"}) {
		t.Errorf("got %+v", n)
	}
	if a[0].Factor != policy.PersonFactor || !slices.Equal(a[0].Rules, []string{"b"}) || b[0].Count != 1 {
		t.Error("an argument was changed")
	}
}

func TestNamesOfEffectsAndFactors(t *testing.T) {
	for _, e := range []policy.Effect{policy.Allow, policy.Confirm, policy.Approve, policy.Deny} {
		text, _ := e.MarshalText()
		var back policy.Effect
		if err := back.UnmarshalText(text); err != nil || back != e {
			t.Errorf("%s came back as %s, %v", e, back, err)
		}
	}
	for _, f := range []policy.Factor{policy.Client, policy.PersonFactor, policy.Passkey} {
		text, _ := f.MarshalText()
		var back policy.Factor
		if err := back.UnmarshalText(text); err != nil || back != f {
			t.Errorf("%s came back as %s, %v", f, back, err)
		}
	}
	for _, unknown := range []fmt.Stringer{policy.Effect(-1), policy.Effect(9), policy.Factor(0), policy.Factor(9)} {
		if got := unknown.String(); got != "none" {
			t.Errorf("what isn't known is called %s", got)
		}
	}
	var e policy.Effect
	var f policy.Factor
	if e.UnmarshalText([]byte("maybe")) == nil || f.UnmarshalText([]byte("none")) == nil || f.UnmarshalText(nil) == nil {
		t.Error("an unknown name was read")
	}
}

func TestMergedNeedsKeepEveryGroupAndCondition(t *testing.T) {
	typed := []policy.Need{{Count: 1, Factor: policy.Client, TypeName: true, Rules: []string{"a"}}}
	plain := []policy.Need{{Count: 1, Factor: policy.Client, Rules: []string{"b"}}}
	for _, got := range [][]policy.Need{policy.MergeNeeds(typed, plain), policy.MergeNeeds(plain, typed)} {
		if len(got) != 1 || !got[0].TypeName || got[0].Reason {
			t.Errorf("got %+v", got)
		}
	}
	groups := []policy.Need{{From: "x", Count: 1}, {From: "y", Count: 1}, {Count: 1}}
	if got := policy.MergeNeeds(plain, groups); len(got) != 3 || got[1].From != "x" || got[2].From != "y" {
		t.Errorf("got %+v", got)
	}
}

func TestAPersonByNameIsAGroupOfOne(t *testing.T) {
	p := load(t, team())
	n := policy.Need{From: "ben", Count: 1, Factor: policy.PersonFactor}
	for person, want := range map[string]policy.Refusal{"ben": policy.Counts, "cy": policy.NotMember, "ana": policy.IsAsker, "eve": policy.NotMember} {
		if got := p.Fills(n, "ana", policy.Vote{Person: person, Factor: policy.PersonFactor}); got != want {
			t.Errorf("%s's vote counts as %q, not %q", person, got, want)
		}
	}
	n.From = "eve"
	if got := p.Fills(n, "ana", policy.Vote{Person: "eve", Factor: policy.PersonFactor}); got != policy.NotMember {
		t.Errorf("the vote of somebody not listed counts as %q", got)
	}
}

func TestAnAskerWhoIsNoLongerListedConfirmsNothing(t *testing.T) {
	p := load(t, team())
	n := policy.Need{Count: 1, Factor: policy.PersonFactor}
	for _, gone := range []string{"eve", ""} {
		if got := p.Fills(n, gone, policy.Vote{Person: gone, Factor: policy.Passkey}); got != policy.NotMember {
			t.Errorf("%q's own confirmation counts as %q", gone, got)
		}
	}
}
