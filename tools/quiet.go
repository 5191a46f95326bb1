package tools

import (
	"slices"
	"sync"
)

// Quiet tells whether a call of the tool sends its client nothing but its answer: no
// dialog, no progress.
func Quiet(tool string) bool { return slices.Contains(quietTools(), tool) }

var quietTools = sync.OnceValue(func() (names []string) {
	for _, s := range (*toolset)(nil).specs() {
		if s.quiet {
			names = append(names, s.name)
		}
	}
	return names
})
