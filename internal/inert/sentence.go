package inert

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence makes one of somebody's words, such as an error's text: as a [Line],
// with a capital at its beginning and a full stop at its end. Of nothing it makes
// nothing.
func Sentence(s string, maxRunes int) string {
	s = strings.TrimRight(Line(s, maxRunes), ".")
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if last := s[len(s)-1]; last == '?' || last == '!' {
		return s
	}
	return s + "."
}
