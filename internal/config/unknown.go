package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sethvargo/go-envconfig"
)

// ownPrefixes are the names that nobody else's program would use.
var ownPrefixes = []string{"VPSOPS_", "VPS_API_"}

// unknownNames warns of variables that look like ours and are none: a misspelt
// VPSOPS_READ_ONLY must not pass in silence.
func unknownNames(lookup envconfig.Lookuper) []string {
	lister, ok := lookup.(interface{ Names() []string })
	if !ok {
		return nil
	}
	var warnings []string
	for _, name := range slices.Sorted(slices.Values(lister.Names())) {
		known := strings.TrimSuffix(name, fileSuffix)
		if !hasAnyPrefix(name, ownPrefixes) || exampleOf(known) != "" {
			continue
		}
		warning := fmt.Sprintf("%s isn't a variable of vpsops and has no effect", name)
		if near := nearest(name); near != "" {
			warning += "; did you mean " + near + "?"
		}
		warnings = append(warnings, warning)
	}
	return warnings
}

// nearest returns the variable that name was likely meant to be, or nothing.
func nearest(name string) string {
	best, least := "", 1+max(2, len(name)/5)
	for f := range fields() {
		for _, candidate := range []string{f.name, f.name + fileSuffix} {
			if d := distance(name, candidate); d < least {
				best, least = candidate, d
			}
		}
	}
	return best
}

// distance counts the letters to insert, remove, change or swap with their
// neighbour (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			changed := last[j]
			if a[i] != b[j] {
				changed++
			}
			row[j+1] = min(changed, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
