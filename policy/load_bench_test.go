package policy_test

import (
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
