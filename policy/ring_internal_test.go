package policy

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Whatever groups contain, each comes after those within it, and those that
// contain themselves are found.
func TestRingsAreInOrderAndFindWhatContainsItself(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		groups := make(map[string]Group)
		size := 1 + random.IntN(8)
		for i := range size {
			var g Group
			for range random.IntN(3) {
				g.Groups = append(g.Groups, fmt.Sprint("g", random.IntN(size+1))) // one of which there may not be
			}
			groups[fmt.Sprint("g", i)] = g
		}
		sorted, turns := rings(groups)
		place := make(map[string]int)
		for i, ring := range sorted {
			for _, name := range ring {
				place[name] = i + 1
			}
		}
		for name := range groups {
			within := reachable(groups, name)
			if place[name] == 0 || turns[name] != within[name] {
				t.Fatalf("%v: %s is in ring %d, contains itself: %t", groups, name, place[name], turns[name])
			}
			for inner := range within {
				if together := reachable(groups, inner)[name]; together != (place[inner] == place[name]) && inner != name || place[inner] > place[name] {
					t.Fatalf("%v: %s in ring %d is within %s in ring %d", groups, inner, place[inner], name, place[name])
				}
			}
		}
		if len(place) != len(groups) {
			t.Fatalf("%v: %v", groups, sorted)
		}
	}
}

// reachable are the groups within a group.
func reachable(groups map[string]Group, from string) map[string]bool {
	within := make(map[string]bool)
	for next := groups[from].Groups; len(next) > 0; next = next[1:] {
		if _, there := groups[next[0]]; there && !within[next[0]] {
			within[next[0]] = true
			next = append(next, groups[next[0]].Groups...)
		}
	}
	return within
}
