package telemetry

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"

	"vpsops/internal/inert"
)

// maxRunes caps one string of a record: an answer of megabytes must not become
// a line of megabytes.
const maxRunes = 4096

// inertAttr makes a ReplaceAttr of what shows a value that is no basic type.
// slog has resolved LogValuers and opened groups before it calls one.
func inertAttr(show func(any) any) func([]string, slog.Attr) slog.Attr {
	return func(_ []string, a slog.Attr) slog.Attr {
		a.Key = inert.Text(a.Key, maxRunes)
		switch a.Value.Kind() {
		case slog.KindString:
			a.Value = slog.StringValue(inert.Text(a.Value.String(), maxRunes))
		case slog.KindAny:
			// The level is a value of slog's own, and handlers know it by its type.
			if _, ok := a.Value.Any().(slog.Level); !ok {
				a.Value = slog.AnyValue(safely(show, a.Value.Any()))
			}
		default: // numbers, times and flags hold no text
		}
		return a
	}
}

// safely keeps a value whose own methods panic, such as those of a nil pointer,
// from ending the program: slog guards its own calls of them, but not ours.
func safely(show func(any) any, v any) (shown any) {
	defer func() {
		if r := recover(); r != nil {
			shown = inert.Text(fmt.Sprintf("!PANIC in %T: %v", v, r), maxRunes)
		}
	}()
	return show(v)
}

// asText writes v as slog's text handler would.
func asText(v any) any {
	switch v := v.(type) {
	case error:
		return inert.Text(v.Error(), maxRunes)
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return inert.Text(string(text), maxRunes)
		}
	case []byte:
		return inert.Text(string(v), maxRunes)
	}
	return inert.Text(fmt.Sprintf("%+v", v), maxRunes)
}

// asJSON keeps the structure that slog's JSON handler would write, with inert
// strings in it.
func asJSON(v any) any {
	err, isError := v.(error)
	if _, marshals := v.(json.Marshaler); isError && !marshals {
		return inert.Text(err.Error(), maxRunes)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return inert.Text(fmt.Sprintf("%+v", v), maxRunes)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return inert.Text(string(encoded), maxRunes)
	}
	return inertTree(tree)
}

func inertTree(v any) any {
	switch v := v.(type) {
	case string:
		return inert.Text(v, maxRunes)
	case []any:
		for i := range v {
			v[i] = inertTree(v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, value := range v {
			clean[inert.Text(key, maxRunes)] = inertTree(value)
		}
		return clean
	}
	return v
}
