package inert

import "strings"

// Name is [Text] for a name within a sentence of ours. One that holds anything but
// ASCII letters, digits and "-._" comes between quotation marks, with its own made
// single ones, so that nobody reads on in it as in the sentence.
func Name(s string, maxRunes int) string { return framed(s, maxRunes, "-._") }

// Words is Name for what may be several words, such as a plan's or a place's
// name: spaces, "/" and brackets are plain as well, the end of a sentence is not.
func Words(s string, maxRunes int) string {
	if strings.Contains(s, ". ") {
		return framed(s, maxRunes, "")
	}
	return framed(s, maxRunes, "-._ /()")
}

func framed(s string, maxRunes int, plain string) string {
	odd := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(plain, r)
	}
	shown := Text(s, maxRunes)
	if !strings.ContainsFunc(s, odd) {
		return shown
	}
	return `"` + strings.ReplaceAll(shown, `"`, "'") + `"`
}
