package sandbox

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// form is a request's body, validated as Django REST framework would, with
// its messages. Of JSON types it is strict: but for integers, which the
// framework takes as text too.
type form struct {
	fields map[string]json.RawMessage
	faults map[string][]string
}

type presence int

const (
	required presence = iota
	optional
	nullable // optional, and null counts as left out
)

// readForm reads a JSON object; an empty body is an empty object.
func readForm(c *call) (*form, *answer) {
	f := &form{fields: map[string]json.RawMessage{}, faults: map[string][]string{}}
	if len(c.body) == 0 {
		return f, nil
	}
	if t := c.header.Get("Content-Type"); t != "" {
		if media, _, err := mime.ParseMediaType(t); err != nil || media != "application/json" {
			a := detail(http.StatusUnsupportedMediaType, fmt.Sprintf("Unsupported media type %q in request.", t))
			return nil, &a
		}
	}
	if !utf8.Valid(c.body) {
		a := detail(http.StatusBadRequest, "JSON parse error - the body is not UTF-8")
		return nil, &a
	}
	var v any
	if err := json.Unmarshal(c.body, &v); err != nil {
		a := detail(http.StatusBadRequest, fmt.Sprintf("JSON parse error - %v", err))
		return nil, &a
	}
	if _, ok := v.(map[string]any); !ok {
		a := reply(http.StatusBadRequest, map[string][]string{
			"non_field_errors": {"Invalid data. Expected a dictionary, but got " + kindOf(v) + "."},
		})
		return nil, &a
	}
	if err := json.Unmarshal(c.body, &f.fields); err != nil {
		a := detail(http.StatusBadRequest, fmt.Sprintf("JSON parse error - %v", err))
		return nil, &a
	}
	return f, nil
}

func kindOf(v any) string {
	switch v.(type) {
	case []any:
		return "list"
	case string:
		return "str"
	case bool:
		return "bool"
	case nil:
		return "NoneType"
	}
	return "int"
}

func (f *form) fail(field, message string) {
	f.faults[field] = append(f.faults[field], message)
}

// refusal is the 400 for everything that was wrong, if anything was.
func (f *form) refusal() (answer, bool) {
	if len(f.faults) == 0 {
		return answer{}, false
	}
	return reply(http.StatusBadRequest, f.faults), true
}

// value is a field's raw value; false where it is absent or refused.
func (f *form) value(field string, need presence) (string, bool) {
	raw, ok := f.fields[field]
	switch {
	case !ok && need == required:
		f.fail(field, "This field is required.")
	case ok && string(raw) == "null":
		if need != nullable {
			f.fail(field, "This field may not be null.")
		}
		return "", false
	}
	return string(raw), ok
}

func (f *form) text(field string, need presence) (string, bool) {
	raw, ok := f.value(field, need)
	if !ok {
		return "", false
	}
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		f.fail(field, "Not a valid string.")
		return "", false
	}
	if s = strings.TrimSpace(s); s == "" {
		f.fail(field, "This field may not be blank.")
		return "", false
	}
	return s, true
}

const maxDigits = 18

func (f *form) integer(field string, need presence) (int64, bool) {
	raw, ok := f.value(field, need)
	if !ok {
		return 0, false
	}
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		s = raw
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || s[0] == '+' || len(strings.TrimPrefix(s, "-")) > maxDigits {
		f.fail(field, "A valid integer is required.")
		return 0, false
	}
	return n, true
}

func (f *form) boolean(field string, need presence) (value, given bool) {
	raw, ok := f.value(field, need)
	if !ok {
		return false, false
	}
	if raw != "true" && raw != "false" {
		f.fail(field, "Must be a valid boolean.")
		return false, false
	}
	return raw == "true", true
}

const maxName = 255

// nameSigns are what a name is made of.
const nameSigns = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

func (f *form) name(need presence) (string, bool) {
	s, ok := f.text("name", need)
	switch {
	case !ok:
		return "", false
	case strings.Trim(s, nameSigns) != "":
		f.fail("name", "Enter a valid name consisting of letters, digits or hyphens.")
		return "", false
	case len(s) > maxName:
		f.fail("name", fmt.Sprintf("Ensure this field has no more than %d characters.", maxName))
		return "", false
	}
	return s, true
}

// domainName is RFC 1123's: two labels at least, the last not a number.
var domainName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?i:[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)$`)
})

const maxHostname = 253

func (f *form) hostname(need presence) (string, bool) {
	s, ok := f.text("hostname", need)
	if ok && (len(s) > maxHostname || !domainName().MatchString(s)) {
		f.fail("hostname", "Enter a fully qualified domain name.")
		return "", false
	}
	return s, ok
}
