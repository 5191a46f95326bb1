package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sethvargo/go-envconfig"

	"vpsops/internal/nearest"
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
		if near := nearestVariable(name); near != "" {
			warning += "; did you mean " + near + "?"
		}
		warnings = append(warnings, warning)
	}
	return warnings
}

// nearestVariable returns the variable that name was likely meant to be, or nothing.
func nearestVariable(name string) string {
	best, least := "", 1+max(2, len(name)/5)
	for f := range fields() {
		for _, candidate := range []string{f.name, f.name + fileSuffix} {
			if d := nearest.Distance(name, candidate); d < least {
				best, least = candidate, d
			}
		}
	}
	return best
}
