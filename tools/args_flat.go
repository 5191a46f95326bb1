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

// flatMembers reads an object as nearly every call's arguments are one: written
// without blanks or escapes, its values words, texts and whole numbers. It is for
// speed alone: of anything else it says that encoding/json is to be asked.
func flatMembers(object []byte) (members []member, ok bool) {
	text := string(object)
	if text == "{}" {
		return nil, true
	}
	if !strings.HasPrefix(text, "{") {
		return nil, false
	}
	members = make([]member, 0, 4)
	for {
		name := flatText(text[1:])
		colon := 1 + name
		if name < 2 || colon >= len(text) || text[colon] != ':' {
			return nil, false
		}
		from := colon + 1
		value := flatValue(text[from:])
		closed := from + value
		if value == 0 || closed >= len(text) {
			return nil, false
		}
		members = append(members, member{text[2 : colon-1], json.RawMessage(object[from:closed:closed])})
		switch {
		case text[closed:] == "}":
			return members, true
		case text[closed] != ',':
			return nil, false
		}
		object, text = object[closed:], text[closed:]
	}
}

// flatValue returns the length of the value at the beginning of text, or 0.
func flatValue(text string) int {
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(text, word) {
			return len(word)
		}
	}
	if strings.HasPrefix(text, `"`) {
		return flatText(text)
	}
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits > 1 && text[0] == '0' {
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
