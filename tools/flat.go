package tools

import (
	"encoding/json"
	"strings"
)

// member is one of a JSON object's.
type member struct {
	name  string
	value json.RawMessage
}

// flatMembers reads an object as nearly every client writes a call's arguments: see
// [flatObject].
func flatMembers(object []byte) (members []member, ok bool) {
	text := string(object)
	length := flatObject(text, 0, func(name, value string) {
		if members == nil {
			members = make([]member, 0, 4)
		}
		members = append(members, member{name, json.RawMessage(value)})
	})
	if length == 0 || length < len(text) {
		return nil, false
	}
	return members, true
}

const (
	maxFlat   = 8   // how deep an object may be nested to be read by [flatObject]
	maxDigits = 308 // as many as every number of has place in a float64
)

// flatObject returns the length of the object at the beginning of text, or 0 where it
// isn't written without blanks and escapes, in printable ASCII, its numbers whole. It
// hands each member to visit, where that isn't nil, before it has seen the rest. It is
// for speed alone: where it returns 0, encoding/json is to be asked.
func flatObject(text string, depth int, visit func(name, value string)) int {
	if depth == maxFlat || !strings.HasPrefix(text, "{") {
		return 0
	}
	if strings.HasPrefix(text, "{}") {
		return len("{}")
	}
	for begin := 1; ; {
		colon := begin + flatText(text[begin:])
		if colon == begin || colon == len(text) || text[colon] != ':' {
			return 0
		}
		end := flatElement(text, colon+1, depth)
		if end == 0 {
			return 0
		}
		if visit != nil {
			visit(text[begin+1:colon-1], text[colon+1:end])
		}
		switch text[end] {
		case '}':
			return end + 1
		case ',':
			begin = end + 1
		default:
			return 0
		}
	}
}

// flatList is flatObject for an array.
func flatList(text string, depth int) int {
	if depth == maxFlat {
		return 0
	}
	if strings.HasPrefix(text, "[]") {
		return len("[]")
	}
	for begin := 1; ; {
		end := flatElement(text, begin, depth)
		if end == 0 {
			return 0
		}
		switch text[end] {
		case ']':
			return end + 1
		case ',':
			begin = end + 1
		default:
			return 0
		}
	}
}

// flatElement returns the index past the value that begins at an index of text, or 0
// where there is none or nothing follows.
func flatElement(text string, begin, depth int) int {
	length := flatValue(text[begin:], depth+1)
	if end := begin + length; length > 0 && end < len(text) {
		return end
	}
	return 0
}

// flatValue returns the length of the value at the beginning of text, or 0.
func flatValue(text string, depth int) int {
	switch {
	case text == "":
		return 0
	case text[0] == '"':
		return flatText(text)
	case text[0] == '{':
		return flatObject(text, depth, nil)
	case text[0] == '[':
		return flatList(text, depth)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(text, word) {
			return len(word)
		}
	}
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits > maxDigits || digits > 1 && text[0] == '0' {
		return 0
	}
	return digits
}

// flatText returns the length of the quoted text at the beginning of text, or 0
// where it isn't one of printable ASCII without escapes.
func flatText(text string) int {
	if !strings.HasPrefix(text, `"`) {
		return 0
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1
		case c < ' ' || c > '~' || c == '\\':
			return 0
		}
	}
	return 0
}
