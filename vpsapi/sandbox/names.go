package sandbox

import "fmt"

// namer gives servers names as a fleet has them. Every family counts for
// itself, so that no name comes twice.
type namer struct {
	seed  uint64
	count []int
}

var families = []struct {
	format string
	after  int
}{
	{"web-%02d", 1},
	{"prod-api-%d", 0},
	{"staging-web-%d", 0},
	{"dev-box-%d", 0},
	{"db-%02d", 1},
	{"prod-web-%d", 0},
	{"prod-db-%d", 0},
	{"prod-cache-%d", 0},
	{"staging-api-%d", 0},
	{"staging-db-%d", 0},
	{"worker-%02d", 0},
	{"build-%02d", 0},
	{"mail-%02d", 0},
	{"monitor-%02d", 0},
}

func newNamer(seed uint64) *namer {
	n := &namer{seed: seed, count: make([]int, len(families))}
	for i, f := range families {
		n.count[i] = f.after
	}
	return n
}

// next names the i-th server: one of each family first, then as the seed says.
func (n *namer) next(i int) string {
	f := i - len(specified)
	if f >= len(families) {
		f = int(mix(n.seed, uint64(i)) >> 12 % uint64(len(families)))
	}
	n.count[f]++
	return fmt.Sprintf(families[f].format, n.count[f])
}
