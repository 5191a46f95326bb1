package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"vpsops/policy"
)

// ruleFile is a policy file of n rules as people write them.
func ruleFile(n int) []byte {
	var b strings.Builder
	b.WriteString(team4 + "  - {id: more, who: everyone, actions: [lock]}\n")
	for i := range n / 2 {
		fmt.Fprintf(&b, "  - {id: grant%d, who: [sre, cy], actions: [get, start], servers: prod, through: [slack, mcp]}\n", i)
	}
	b.WriteString("guards:\n")
	for i := range n - n/2 {
		fmt.Fprintf(&b, "  - {id: guard%d, why: \"it is so\", actions: [stop, delete], servers: [prod, play], during: \"Fri 16:00/Mon 08:00\", require: {approve: 1, from: sre, reason: true}}\n", i)
	}
	return []byte(b.String())
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 1000} {
		text := ruleFile(n)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := policy.Load("policy.yaml", text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// nestedGroups is a policy of groups of which each names all the later ones.
func nestedGroups(n int) policy.Document {
	doc := policy.Document{
		Version: 1, People: map[string]policy.Person{"ana": {Local: []string{"ana"}}}, Groups: map[string]policy.Group{},
		Grants: []policy.Grant{{ID: "read", Who: []string{"g0"}, Actions: []policy.Action{policy.List}}},
	}
	for i := range n {
		g := policy.Group{People: []string{"ana"}}
		for j := i + 1; j < n; j++ {
			g.Groups = append(g.Groups, fmt.Sprint("g", j))
		}
		doc.Groups[fmt.Sprint("g", i)] = g
	}
	return doc
}

// BenchmarkNestedGroups is as many groups in groups as a file can hold: to check
// them, and to take in who is in Slack's user groups now.
func BenchmarkNestedGroups(b *testing.B) {
	doc := nestedGroups(560)
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			load(b, doc)
		}
	})
	p := load(b, doc)
	b.Run("usergroups", func(b *testing.B) {
		for b.Loop() {
			p.WithUsergroups(nil)
		}
	})
}

// strangers is a policy that grants something to ever others of whom there is
// none, beside many persons.
func strangers(words int) policy.Document {
	doc := policy.Document{Version: 1, People: map[string]policy.Person{}}
	for i := range 500 {
		doc.People[fmt.Sprint("person-number-", i)] = policy.Person{}
	}
	for i := range 20 {
		g := policy.Grant{ID: fmt.Sprint("g", i), Actions: []policy.Action{policy.List}}
		for j := range words / 20 {
			g.Who = append(g.Who, fmt.Sprintf("persom-numbr-%d%d", i, j))
		}
		doc.Grants = append(doc.Grants, g)
	}
	return doc
}

// Past a number of faults nothing more is told, nor looked for: every look for
// the nearest word is one at all of them.
func TestWhatIsWrongIsToldToAnEnd(t *testing.T) {
	_, err := policy.New(strangers(20_000))
	failed, ok := errors.AsType[*policy.LoadError](err)
	if !ok || len(failed.Faults) != 1000 {
		t.Fatalf("%T", err)
	}
	suggested := 0
	for _, f := range failed.Faults {
		if f.Suggestion != "" {
			suggested++
		}
	}
	if suggested != 30 {
		t.Errorf("%d words are suggested", suggested)
	}
	work := func(words int) float64 {
		doc := strangers(words)
		return testing.AllocsPerRun(1, func() { _, _ = policy.New(doc) })
	}
	const digits = 1000 // a fault's, for a larger place in its list
	if few, many := work(2_000), work(100_000); many > few+digits {
		t.Errorf("a hundred thousand wrong words cost %v allocations, two thousand %v", many, few)
	}
}

// BenchmarkDecideManyGrants is an ask that several of a thousand grants and no
// guard cover: the allow path.
func BenchmarkDecideManyGrants(b *testing.B) {
	p := written(b, string(ruleFile(1000)))
	ask := asks("ana", policy.MCP, policy.Get)
	b.ReportAllocs()
	for b.Loop() {
		if d := p.Decide(ask); d.Effect != policy.Allow {
			b.Fatal(d.Effect)
		}
	}
}

// BenchmarkWindow is a guard's window, right where clocks change.
func BenchmarkWindow(b *testing.B) {
	w, z, ask := window(b, "Fri 16:00/Mon 08:00"), zone(b, "Europe/Berlin"), asks("ana", policy.MCP, policy.Stop)
	for b.Loop() {
		w.Contains(ask.At, z)
	}
}

func TestAnAskThatIsSimplyAllowedCostsNoMemory(t *testing.T) {
	for _, n := range []int{10, 1000} {
		p := written(t, string(ruleFile(n)))
		for _, person := range []string{"ana", "dee"} { // whom many grants cover, and one
			ask := asks(person, policy.MCP, policy.Get)
			if got := testing.AllocsPerRun(100, func() { p.Decide(ask) }); got != 0 {
				t.Errorf("%s of %d rules: %v allocations", person, n, got)
			}
		}
	}
}
