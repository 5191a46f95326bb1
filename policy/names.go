package policy

import (
	"slices"
	"strings"
)

// What is wrong with a name, a list or a set, whether it was read from a file or
// not.
const (
	nameShape = "letters, digits, and . _ - inside, at most 64"
	noList    = "an empty list names nothing: leave the key out where all are meant"
	noMatch   = "an empty set would be every server: leave out `servers` where all are meant"
)

func isName(text string) bool {
	letter := func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= fold(c) && fold(c) <= 'z' }
	return text != "" && len(text) <= 64 && letter(text[0]) && letter(text[len(text)-1]) &&
		!slices.ContainsFunc([]byte(text), func(c byte) bool { return !letter(c) && c != '.' && c != '_' && c != '-' })
}

// isPersonName also takes what some systems call their users, such as
// "EXAMPLE\\ana maria": [Local] is given such a name.
func isPersonName(text string) bool {
	return text != "" && len(text) <= maxText && !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f || isHidden(c) })
}

// isEmpty tells a list that was given and holds nothing from one that wasn't: to
// take it for all would widen what its writer meant.
func isEmpty[T any](list []T) bool { return list != nil && len(list) == 0 }

// lists looks for lists of a rule that are given and empty.
func (c *checker) lists(empty map[string]bool) {
	for _, key := range []string{"who", "actions", "servers", "through", "channels", "unless_channels", "during"} {
		if empty[key] {
			c.fault(key, noList)
		}
	}
}

// checkSet looks for alternatives that are every server, or none.
func checkSet(path string, set []ServerMatch, fs *faults) {
	if len(set) == 0 {
		fs.add(path, noList)
	}
	for i, m := range set {
		keys := [][]string{m.IDs, m.Name, m.Location, m.Plan, m.OS, m.Account}
		switch {
		case slices.ContainsFunc(keys, isEmpty[string]):
			fs.add(index(path, i), noList)
		case !slices.ContainsFunc(keys, func(list []string) bool { return len(list) > 0 }):
			fs.add(index(path, i), noMatch)
		}
	}
}
