package inert

import (
	"strings"
	"unicode"
)

// Line is [Text] for prose, such as a person's reason or an API's message, where
// line breaks and tabs are ordinary: every run of white space becomes one
// space, and the ends are trimmed. Names and addresses go through Text, which
// shows every difference.
func Line(s string, maxRunes int) string {
	if !isTidy(s) {
		s = strings.Join(strings.Fields(s), " ")
	}
	return Text(s, maxRunes)
}

// Quote is [Line] between quotation marks, for another's words within a sentence of
// ours: marks of their own become single ones, so that they end where they seem to.
func Quote(s string, maxRunes int) string {
	return `"` + strings.ReplaceAll(Line(s, maxRunes), `"`, "'") + `"`
}

// isTidy reports whether s has no white space but single spaces between words.
func isTidy(s string) bool {
	afterSpace := true
	for _, r := range s {
		switch {
		case r == ' ' && afterSpace:
			return false
		case r != ' ' && unicode.IsSpace(r):
			return false
		}
		afterSpace = r == ' '
	}
	return s == "" || !afterSpace
}
