package inert

import "strings"

// Suspicious reports whether a name or address may not be what it looks like: it
// holds anything but printable ASCII (so also every letter of another script
// that passes for a Latin one), or begins, ends or runs on with spaces that
// the eye skips. The API's own names are letters, digits and hyphens, so no
// ordinary name is suspicious.
//
// It says nothing about prose, where people write in their own language.
func Suspicious(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' {
			return true
		}
	}
	return strings.HasPrefix(name, " ") || strings.HasSuffix(name, " ") || strings.Contains(name, "  ")
}
