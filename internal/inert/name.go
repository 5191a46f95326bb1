package inert

import "strings"

// Name is [Text] for a name within a sentence of ours. One that holds anything but
// ASCII letters, digits and "-._" comes between quotation marks, with its own made
// single ones, so that nobody reads on in it as in the sentence.
func Name(s string, maxRunes int) string { return framed(s, maxRunes, "-._") }

// Words is Name for what may be several words, such as a plan's or a place's
// name: spaces, "/" and brackets are plain as well, the end of a sentence is not.
func Words(s string, maxRunes int) string { return framed(s, maxRunes, "-._ /()") }

func framed(s string, maxRunes int, plain string) string {
	for i := range len(s) {
		if !isOneOf(s[i], plain) || s[i] == '.' && i+1 < len(s) && s[i+1] == ' ' {
			return `"` + strings.ReplaceAll(Text(s, maxRunes), `"`, "'") + `"`
		}
	}
	return Text(s, maxRunes)
}

// isOneOf tells whether b is an ASCII letter, a digit or one of others.
func isOneOf(b byte, others string) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || strings.IndexByte(others, b) >= 0
}
