package main

import (
	"encoding/json"
	"reflect"
	"slices"
)

// change is a changing call that the API must receive: "METHOD path" alone, or
// with what its body must hold.
type change struct {
	Call string         `yaml:"call"`
	Body map[string]any `yaml:"body"` // of objects, members may be left out
}

// UnmarshalYAML takes both forms.
func (c *change) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&c.Call) == nil {
		return nil
	}
	type plain change
	return unmarshal((*plain)(c))
}

func (c change) String() string {
	if c.Body == nil {
		return c.Call
	}
	body, err := json.Marshal(c.Body)
	if err != nil {
		return c.Call + " " + err.Error()
	}
	return c.Call + " " + string(body)
}

// received is a changing call as the API has logged it.
type received struct{ call, body string }

func (r received) String() string {
	if r.body == "" {
		return r.call
	}
	return r.call + " " + r.body
}

// is tells whether what was received is the change.
func (r received) is(c change) bool {
	if r.call != c.Call || c.Body == nil {
		return r.call == c.Call
	}
	want, err := json.Marshal(c.Body)
	if err != nil {
		return false
	}
	var wanted, got any
	return json.Unmarshal(want, &wanted) == nil && json.Unmarshal([]byte(r.body), &got) == nil && holds(got, wanted)
}

// holds tells whether a JSON value is the one that is wanted or, of an object,
// has all that is wanted of it.
func holds(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		members, ok := got.(map[string]any)
		for name, value := range want {
			member, there := members[name]
			ok = ok && there && holds(member, value)
		}
		return ok
	case []any:
		all, ok := got.([]any)
		return ok && slices.EqualFunc(all, want, holds)
	}
	return reflect.DeepEqual(got, want)
}
