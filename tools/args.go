package tools

import (
	"encoding/json"
	"fmt"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

const (
	maxText  = 2000 // bytes of a string argument
	maxEcho  = 60   // runes of an argument that an error repeats
	waitName = "wait_seconds"
)

// args are checked arguments, few enough to be looked through.
type args []arg

// arg is one of them: a string, a bool, or an integer as a json.Number.
type arg struct {
	name  string
	value any
}

// get returns an argument's value, and nil where it was not given.
func (a args) get(name string) any {
	for i := range a {
		if a[i].name == name {
			return a[i].value
		}
	}
	return nil
}

// argumentError says what is wrong with a call's arguments. Nothing was done.
type argumentError struct{ problem string }

func (e *argumentError) Error() string { return e.problem }

func faultf(format string, a ...any) error { return &argumentError{fmt.Sprintf(format, a...)} }

func (a args) text(name string) string {
	s, _ := a.get(name).(string)
	return s
}

// optional returns a string that was given, also an empty one, or nil.
func (a args) optional(name string) *string {
	s, given := a.get(name).(string)
	if !given {
		return nil
	}
	return &s
}

func (a args) flag(name string) *bool {
	b, given := a.get(name).(bool)
	if !given {
		return nil
	}
	return &b
}

func (a args) integer(name string, otherwise int) int {
	n, _ := a.get(name).(json.Number)
	i, err := n.Int64()
	if err != nil {
		return otherwise
	}
	return int(i)
}

func (a args) wait() time.Duration { return time.Duration(a.integer(waitName, 0)) * time.Second }

// id returns an id that came as an integer or as a string; the zero ID where
// none was given.
func (a args) id(name string) (vpsapi.ID, error) {
	var text string
	switch v := a.get(name).(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return vpsapi.ID{}, nil
	}
	id, err := vpsapi.ParseID(text)
	if err != nil {
		return id, faultf("%s: %v", name, err)
	}
	return id, nil
}

// server returns how the call names a server. A JSON integer can only be an
// id; a string may also be a name that looks like one.
func (a args) server() gate.Ref {
	if n, ok := a.get("server").(json.Number); ok {
		return gate.Ref{Text: n.String(), IsID: true}
	}
	return gate.Ref{Text: a.text("server")}
}

func quote(s string) string { return `"` + inert.Text(s, maxEcho) + `"` }

func shorten(s string) string { return inert.Text(s, maxEcho) }
