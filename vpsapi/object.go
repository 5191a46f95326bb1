package vpsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

var errNotObject = errors.New("not a JSON object")

// eachField calls visit with every field of a JSON object, in order. The fields' names are matched exactly as the API writes
// them, which encoding/json would not do, and one pass finds both the known and the unknown. data is taken to be valid JSON, as
// UnmarshalJSON methods get it; other data gives an error or odd fields, never a panic.
func eachField(data []byte, visit func(key []byte, value json.RawMessage) error) error {
	i := skipSpace(data, 0)
	if i >= len(data) || data[i] != '{' {
		return errNotObject
	}
	i = skipSpace(data, i+1)
	for i < len(data) && data[i] == '"' {
		end := skipValue(data, i)
		key, err := unquoted(data[i:end])
		if err != nil {
			return err
		}
		start := skipSpace(data, skipSpace(data, end)+1) // past the colon
		end = skipValue(data, start)
		if start >= end || end > len(data) {
			return errNotObject
		}
		if err := visit(key, data[start:end:end]); err != nil {
			return fmt.Errorf("field %q: %w", printable(string(key), maxFieldName), err)
		}
		if i = skipSpace(data, end); i < len(data) && data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
	return nil
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index past the valid JSON value that begins at i.
func skipValue(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch c := data[i]; c {
		case '"':
			i = skipString(data, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				if depth < 0 { // the enclosing object's end, after a number or a word
					return i
				}
				return i + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// skipString returns the index past the string whose opening quote is at i.
func skipString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// unquoted returns a JSON string's text, within raw where nothing is escaped in it.
func unquoted(raw []byte) ([]byte, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && raw[n-1] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return raw[1 : n-1], nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return []byte(text), err
}

func isNull(raw []byte) bool { return string(raw) == "null" }

// decodeString reads a JSON string; null is "".
func decodeString(raw []byte, text *string) error {
	if isNull(raw) {
		*text = ""
		return nil
	}
	content, err := unquoted(raw)
	*text = string(content)
	return err
}

// decodeBool reads a JSON boolean; null is nil.
func decodeBool(raw []byte, b **bool) error {
	*b = nil
	switch string(raw) {
	case "true", "false":
		*b = new(raw[0] == 't')
		return nil
	}
	return json.Unmarshal(raw, b) // null, or for its words about what it is
}

// decodeTime reads an RFC 3339 time; null and "" are the zero time.
func decodeTime(raw []byte, t *time.Time) error {
	*t = time.Time{}
	if string(raw) == `""` {
		return nil
	}
	return t.UnmarshalJSON(raw)
}

// decodeInt reads a JSON number into a whole one, rounded: an API that measures 2047.5 MB one day must not make a server
// unreadable. null is 0.
func decodeInt(raw []byte, n *int64) error {
	if whole, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		*n = whole
		return nil
	}
	var f float64
	if err := decodeFloat(raw, &f); err != nil {
		return err
	}
	if f = math.Round(f); math.Abs(f) >= 1<<53 {
		return fmt.Errorf("number %s out of range", printable(string(raw), 40))
	}
	*n = int64(f)
	return nil
}

// decodeFloat reads a JSON number; null is 0.
func decodeFloat(raw []byte, f *float64) error {
	*f = 0
	if isDecimal(raw) {
		if number, err := strconv.ParseFloat(string(raw), 64); err == nil {
			*f = number
			return nil
		}
	}
	return json.Unmarshal(raw, f) // null, or for its words about what it is
}

// isDecimal tells a JSON number from what strconv would take for one, such as "0x1p-2" or "-Inf".
func isDecimal(raw []byte) bool {
	for _, c := range raw {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return len(raw) > 0
}

// decode reads the whole answer, which was inspected, into what decodes itself.
func (a *answer) decode(into json.Unmarshaler) error {
	if !a.plain && !json.Valid(a.body) {
		return json.Unmarshal(a.body, into) // for its words about where the fault is
	}
	return into.UnmarshalJSON(a.body)
}
