package vpsapi

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

// maxIDLength bounds an id's text in bytes: a UUID has 36, a 64-bit number 20.
const maxIDLength = 64

// ID is an opaque identifier of the API: of a server, a plan, an operating system or a key. The API's specification shows JSON
// integers and its other integrations show UUIDs, so an ID keeps its text and its JSON type exactly and is never calculated with.
//
// An ID is comparable and fits as a map key. == also compares the JSON type: use [ID.Equal] where an id that a person typed meets
// one that the API sent. The zero ID names nothing.
type ID struct {
	text   string
	number bool
}

// ParseID reads an id as people and programs write it. Digits alone (without a leading zero) become a JSON number, all else a JSON
// string. It returns an [*InvalidIDError] for what could address something else when put into a path or was never an id: an empty
// text, more than 64 bytes, characters outside letters, digits and "-_.:~", a number that isn't a plain integer ("12345.9", "1e3").
func ParseID(text string) (ID, error) {
	if reason := idFault(text); reason != "" {
		return ID{}, &InvalidIDError{Text: printable(text, maxIDLength), Reason: reason}
	}
	return ID{text: text, number: isJSONInteger(text)}, nil
}

// NumberID is the id that the API writes as this JSON number. A negative number gives the zero ID, which every call refuses.
func NumberID(n int64) ID {
	if n < 0 {
		return ID{}
	}
	return ID{text: strconv.FormatInt(n, 10), number: true}
}

// String returns the id's text, as it stands in a path.
func (id ID) String() string { return id.text }

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id.text == "" }

// Equal compares the texts, so that the number 12345 equals the string "12345".
func (id ID) Equal(other ID) bool { return id.text == other.text }

// MarshalJSON writes the id in its own JSON type; the zero ID is null.
func (id ID) MarshalJSON() ([]byte, error) {
	switch {
	case id.IsZero():
		return []byte("null"), nil
	case id.number:
		return []byte(id.text), nil
	}
	return []byte(`"` + id.text + `"`), nil // the characters of an id need no escape
}

// UnmarshalJSON reads a JSON integer or string under the rules of [ParseID] and keeps which of the two it was; null is the zero ID.
func (id *ID) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*id = ID{}
		return nil
	}
	text, number := string(data), true
	if len(data) > 0 && data[0] == '"' {
		number = false
		if err := decodeString(data, &text); err != nil {
			return err
		}
	}
	if reason := idFault(text); reason != "" {
		return &InvalidIDError{Text: printable(text, maxIDLength), Reason: reason}
	}
	if number && !isJSONInteger(text) {
		return &InvalidIDError{Text: printable(text, maxIDLength), Reason: "not a whole number or a string"}
	}
	*id = ID{text: text, number: number}
	return nil
}

// segment is the id as one segment of a path.
func (id ID) segment() (string, error) {
	if id.IsZero() {
		return "", &InvalidIDError{Reason: "empty"}
	}
	return url.PathEscape(id.text), nil
}

// idFault says what is wrong with an id's text, or nothing.
func idFault(text string) string {
	switch {
	case text == "":
		return "empty"
	case len(text) > maxIDLength:
		return fmt.Sprintf("longer than %d bytes", maxIDLength)
	case !isAlphanumeric(text[0]):
		return "does not begin with a letter or digit"
	}
	for i := range len(text) {
		if c := text[i]; !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' && c != ':' && c != '~' {
			return `holds a character outside letters, digits and "-_.:~"`
		}
	}
	if !isDigits(text) && looksLikeNumber(text) {
		return "a number, but not a whole one"
	}
	return ""
}

// looksLikeNumber catches what a float printed or parsed on its way here looks like: taking "12345.9" for a name, or worse for
// 12345, would act on something that nobody named.
func looksLikeNumber(text string) bool {
	if text[0] < '0' || text[0] > '9' {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

func isJSONInteger(text string) bool { return isDigits(text) && (text[0] != '0' || len(text) == 1) }

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
