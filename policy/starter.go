package policy

import (
	"embed"
	"slices"
)

//go:embed starters/*.yaml
var starterFiles embed.FS

var starterKinds = []string{"solo", "team", "production"}

// Starters are the kinds of starter policy: for one person, for a small team
// with people on call, for production with two approvers.
func Starters() []string { return slices.Clone(starterKinds) }

// Starter is a commented policy file to begin with, which loads as it is. It is
// "" for what isn't one of [Starters].
func Starter(kind string) string {
	if !slices.Contains(starterKinds, kind) {
		return ""
	}
	text, err := starterFiles.ReadFile("starters/" + kind + ".yaml")
	if err != nil { // each kind has its file
		panic(err)
	}
	return string(text)
}
