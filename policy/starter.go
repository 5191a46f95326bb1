package policy

import (
	"embed"
	"slices"
	"strconv"
	"strings"
)

//go:embed starters/*.yaml
var starterFiles embed.FS

var starterKinds = []string{"solo", "team", "production"}

// Starters are the kinds of starter policy: for one person, for a small team
// with people on call, for production with two approvers.
func Starters() []string { return slices.Clone(starterKinds) }

// Starter is a commented policy file to begin with, which loads as it is. That
// for one person is for the user localUser of this machine, where it is given. It
// is "" for what isn't one of [Starters].
func Starter(kind, localUser string) string {
	if !slices.Contains(starterKinds, kind) {
		return ""
	}
	text, err := starterFiles.ReadFile("starters/" + kind + ".yaml")
	if err != nil { // each kind has its file
		panic(err)
	}
	if localUser == "" || len(localUser) > maxText || strings.ContainsFunc(localUser, func(c rune) bool { return !strconv.IsPrint(c) || isHidden(c) }) {
		return string(text)
	}
	return strings.Replace(string(text), "local: [me]", "local: ["+strconv.Quote(localUser)+"]", 1)
}
