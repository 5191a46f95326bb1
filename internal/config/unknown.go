package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sethvargo/go-envconfig"

	"vpsops/internal/nearest"
)

// ownPrefixes are how our names begin, and how they begin by mistake.
var ownPrefixes = []string{"VPSOPS", "VPSOP_", "VPS_"}

// clientsToken is what an assistant's settings call the token by which it comes in
// (docs/CLIENTS.md): none of ours, and nobody's slip.
const clientsToken = "VPSOPS_TOKEN"

// restricting are the variables without which more may be done: where one of
// them seems to be meant, another spelling is no reason to go on.
var restricting = []string{"VPSOPS_READ_ONLY", "VPSOPS_POLICY"}

// unknownNames tells of variables that look like ours and are none: a misspelt
// VPSOPS_READ_ONLY must not pass in silence. It warns of them, and makes faults
// of those that were to restrict.
func unknownNames(lookup envconfig.Lookuper) (warnings []string, faults []Fault) {
	lister, ok := lookup.(interface{ Names() []string })
	if !ok {
		return nil, nil
	}
	for _, name := range slices.Sorted(slices.Values(lister.Names())) {
		if !hasAnyPrefix(strings.ToUpper(name), ownPrefixes) || exampleOf(strings.TrimSuffix(name, fileSuffix)) != "" || name == clientsToken {
			continue
		}
		near := meantToRestrict(name)
		if near == "" {
			near = nearestVariable(name)
		}
		if meant := strings.TrimSuffix(near, fileSuffix); slices.Contains(restricting, meant) && isSet(lookup, name) && !isSet(lookup, meant, meant+fileSuffix) {
			faults = append(faults, Fault{
				Variable: name,
				Problem:  "isn't a variable of vpsops, and seems to be meant for " + near + ", without which more may be done",
				Example:  meant + "=" + exampleOf(meant),
			})
			continue
		}
		warning := fmt.Sprintf("%s isn't a variable of vpsops and has no effect", name)
		if near != "" {
			warning += "; did you mean " + near + "?"
		}
		warnings = append(warnings, warning)
	}
	return warnings, faults
}

// meantToRestrict returns the restricting variable as which a name begins, or
// nothing: VPSOPS_POLICY_PATH is no slip of the fingers, and was meant all the same.
func meantToRestrict(name string) string {
	for _, variable := range restricting {
		if strings.HasPrefix(bare(name), bare(variable)) {
			return variable
		}
	}
	return ""
}

func isSet(lookup envconfig.Lookuper, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		value, _ := lookup.Lookup(name)
		return value != ""
	})
}

// nearestVariable returns the variable that name was likely meant to be, or nothing.
func nearestVariable(name string) string {
	best, least := "", 1+max(2, len(name)/5)
	for f := range fields() {
		for _, candidate := range []string{f.name, f.name + fileSuffix} {
			if bare(name) == bare(candidate) {
				return candidate
			}
			if d := nearest.Distance(name, candidate); d < least {
				best, least = candidate, d
			}
		}
	}
	return best
}

// bare is what of a name is left without its prefix, its underscores and its
// case.
func bare(name string) string {
	name = strings.ToUpper(name)
	for _, prefix := range ownPrefixes {
		if rest, cut := strings.CutPrefix(name, prefix); cut {
			name = rest
			break
		}
	}
	return strings.ReplaceAll(name, "_", "")
}
