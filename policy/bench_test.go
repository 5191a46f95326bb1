package policy_test

import (
	"fmt"
	"testing"

	"vpsops/policy"
)

// rules is a policy of n rules, half grants and half guards, of which a few
// match the ask of the benchmark.
func rules(n int) policy.Document {
	doc := team()
	for i := range n / 2 {
		set := fmt.Sprintf("set%d", i)
		doc.ServerSets[set] = []policy.ServerMatch{{Name: []string{fmt.Sprintf("s%d-*", i)}}}
		doc.Grants = append(doc.Grants, policy.Grant{ID: fmt.Sprintf("grant%d", i), Who: []string{"oncall"}, Actions: []policy.Action{policy.Get, policy.Start}, Servers: []string{set}})
		doc.Guards = append(doc.Guards, policy.Guard{ID: fmt.Sprintf("guard%d", i), Actions: []policy.Action{policy.Stop}, Servers: []string{set}, Require: &policy.Require{ConfirmAsker: true}})
	}
	return doc
}

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{10, 1000} {
		p := load(b, rules(n))
		for _, action := range []policy.Action{policy.Get, policy.Start, policy.Stop} {
			ask := policy.Ask{Actor: localActor("ana", policy.Console), Action: action, Server: &prodServer}
			b.Run(fmt.Sprintf("rules=%d/%s", n, action), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					p.Decide(ask)
				}
			})
		}
	}
}

func BenchmarkNew(b *testing.B) {
	doc := rules(1000)
	for b.Loop() {
		if _, err := policy.New(doc); err != nil {
			b.Fatal(err)
		}
	}
}
