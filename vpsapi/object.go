package vpsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

var errNotObject = errors.New("not a JSON object")

// eachField calls visit with every field of a JSON object, in order. The fields' names are matched exactly as the API writes
// them, which encoding/json would not do, and one pass finds both the known and the unknown. data is taken to be valid JSON, as
// UnmarshalJSON methods get it; other data gives an error or odd fields, never a panic.
func eachField(data []byte, visit func(key string, value json.RawMessage) error) error {
	i := skipSpace(data, 0)
	if i >= len(data) || data[i] != '{' {
		return errNotObject
	}
	i = skipSpace(data, i+1)
	for i < len(data) && data[i] == '"' {
		end := skipValue(data, i)
		var key string
		if err := decodeString(data[i:end], &key); err != nil {
			return err
		}
		start := skipSpace(data, skipSpace(data, end)+1) // past the colon
		end = skipValue(data, start)
		if start >= end || end > len(data) {
			return errNotObject
		}
		if err := visit(key, data[start:end:end]); err != nil {
			return fmt.Errorf("field %q: %w", printable(key, maxFieldName), err)
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

// decodeString reads a JSON string or null (which leaves text empty).
func decodeString(raw []byte, text *string) error {
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		*text = string(raw[1 : n-1])
		return nil
	}
	*text = ""
	return json.Unmarshal(raw, text)
}

// decodeTime reads an RFC 3339 time; null and "" are the zero time.
func decodeTime(raw []byte, t *time.Time) error {
	*t = time.Time{}
	if string(raw) == `""` {
		return nil
	}
	return json.Unmarshal(raw, t)
}

// decodeRounded reads a JSON number into a whole one: an API that measures 2047.5 MB one day must not make a server unreadable.
func decodeRounded(raw []byte, n *int64) error {
	*n = 0
	if json.Unmarshal(raw, n) == nil {
		return nil
	}
	var f float64
	if err := json.Unmarshal(raw, &f); err != nil {
		return err
	}
	if f = math.Round(f); math.Abs(f) >= 1<<53 {
		return fmt.Errorf("number %s out of range", printable(string(raw), 40))
	}
	*n = int64(f)
	return nil
}
