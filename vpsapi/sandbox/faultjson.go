package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// FaultError says what is wrong with a fault plan and what would be right.
type FaultError struct {
	// Index is the fault's place in the plan, from 0; less where the plan as a
	// whole can't be read.
	Index  int
	Reason string
}

func (e *FaultError) Error() string {
	if e.Index < 0 {
		return "fault plan: " + e.Reason
	}
	return fmt.Sprintf("fault %d: %s", e.Index+1, e.Reason)
}

func faultErrorf(format string, args ...any) *FaultError {
	return &FaultError{Reason: fmt.Sprintf(format, args...)}
}

// ParseFaults reads a plan from JSON: a list of faults, or a single one. A
// *FaultError says what is wrong.
func ParseFaults(data []byte) ([]Fault, error) {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '{' {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil || raw == nil {
		return nil, &FaultError{Index: -1, Reason: fmt.Sprintf(
			`want a JSON list such as [{"match": {"method": "POST"}, "times": 1, "kind": "cut-after"}] (%v)`, err)}
	}
	plan := make([]Fault, len(raw))
	for i, r := range raw {
		if err := plan[i].parse(r); err != nil {
			err.Index = i
			return nil, err
		}
	}
	return plan, nil
}

type faultJSON struct {
	Match   matchJSON         `json:"match"`
	Times   int               `json:"times"`
	Kind    Kind              `json:"kind"`
	Status  int               `json:"status"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
	Delay   string            `json:"delay"`
	Size    int64             `json:"size"`
	Used    int               `json:"used"`
}

type matchJSON struct {
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
}

var (
	faultKeys = []string{"match", "times", "kind", "status", "body", "headers", "delay", "size", "used"}
	matchKeys = []string{"method", "path"}
)

// MarshalJSON writes a fault as the plan has it.
func (f Fault) MarshalJSON() ([]byte, error) {
	headers := f.Headers
	if headers == nil {
		headers = map[string]string{}
	}
	return json.Marshal(faultJSON{
		matchJSON(f.Match), f.Times, f.Kind, f.Status, f.Body, headers, f.Delay.String(), f.Size, f.Used,
	})
}

// UnmarshalJSON reads a fault strictly; a *FaultError names the unknown key or
// kind and those there are.
func (f *Fault) UnmarshalJSON(data []byte) error {
	if err := f.parse(data); err != nil {
		err.Index = -1
		return err
	}
	return nil
}

func (f *Fault) parse(data []byte) *FaultError {
	fields, err := object(data, "a fault", faultKeys)
	if err != nil {
		return err
	}
	if m, ok := fields["match"]; ok {
		if _, err := object(m, "match", matchKeys); err != nil {
			return err
		}
	}
	var j faultJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return mistyped(err)
	}
	delay, err := parseDelay(j.Delay)
	if err != nil {
		return err
	}
	*f = Fault{Match(j.Match), j.Times, j.Kind, j.Status, j.Body, j.Headers, delay, j.Size, j.Used}
	return f.check()
}

// mistyped says a type error in the plan's own words.
func mistyped(err error) *FaultError {
	var t *json.UnmarshalTypeError
	if !errors.As(err, &t) {
		return faultErrorf("%v", err)
	}
	want := "text"
	if k := t.Type.Kind(); k == reflect.Int || k == reflect.Int64 {
		want = "a whole number"
	} else if k != reflect.String {
		want = "an object"
	}
	return faultErrorf("%s: want %s, not %s", t.Field, want, t.Value)
}

// object reads a JSON object and refuses keys that it can't have.
func object(data []byte, what string, keys []string) (map[string]json.RawMessage, *FaultError) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, faultErrorf("%s must be a JSON object: %v", what, err)
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(keys, k) {
			return nil, faultErrorf("unknown key %q: %s has the keys %s", k, what, strings.Join(keys, ", "))
		}
	}
	return fields, nil
}

func parseDelay(s string) (time.Duration, *FaultError) {
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, faultErrorf(`delay %q: want a duration such as "500ms" or "2s"`, s)
	}
	return d, nil
}

// check is what holds for a fault however it was made.
func (f *Fault) check() *FaultError {
	switch {
	case !slices.Contains(kinds, f.Kind):
		return faultErrorf("unknown kind %q: the kinds are %s", f.Kind, joinKinds())
	case f.Times < 0:
		return faultErrorf("times %d: want how many requests it strikes, or 0 for ever", f.Times)
	case f.Delay < 0:
		return faultErrorf("delay %s: want no less than 0s", f.Delay)
	case f.Size < 0:
		return faultErrorf("size %d: want a number of bytes, or 0 for %d", f.Size, defaultHugeBody)
	case f.Kind == KindDelay && f.Delay == 0:
		return faultErrorf(`kind "delay" wants a delay such as "2s"`)
	case f.Match.Method != "" && !slices.Contains(knownMethods, strings.ToUpper(f.Match.Method)):
		return faultErrorf("match.method %q: the methods are %s", f.Match.Method, strings.Join(knownMethods, ", "))
	case f.Match.Path != "" && !strings.ContainsAny(f.Match.Path[:1], "/*?"):
		return faultErrorf(`match.path %q can match nothing: want a whole path such as "/api/v1/servers/*/reboot/"`, f.Match.Path)
	}
	if err := f.checkStatus(); err != nil {
		return err
	}
	return f.checkHeaders()
}

func (f *Fault) checkStatus() *FaultError {
	switch {
	case f.Kind == KindStatus && (f.Status < 200 || f.Status > 599):
		return faultErrorf(`status %d: kind "status" wants a code from 200 to 599`, f.Status)
	case f.Kind == KindRedirect && f.Status != 0 && (f.Status < 300 || f.Status > 399):
		return faultErrorf(`status %d: kind "redirect" wants a code from 300 to 399, or 0 for 302`, f.Status)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return faultErrorf("status %d: want a code from 200 to 599", f.Status)
	}
	return nil
}

func (f *Fault) checkHeaders() *FaultError {
	for k, v := range f.Headers {
		if !validHeader(k, v) {
			return faultErrorf("headers: %q: %q cannot be sent as an HTTP header", k, v)
		}
	}
	return nil
}

const headerPunctuation = "!#$%&'*+-.^_`|~"

func validHeader(name, value string) bool {
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(headerPunctuation, r) {
			return false
		}
	}
	return name != "" && !strings.ContainsAny(value, "\r\n\x00")
}

func joinKinds() string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
