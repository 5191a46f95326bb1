package tools

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// sayPlainly has a request that the library could not read refused in words about what
// the client sent: its own are about the types of a program.
func sayPlainly(ctx context.Context, _ any, method mcp.MCPMethod, _ any, err error) {
	c := correctionFrom(ctx)
	library := errors.Unwrap(err)
	if c == nil || library == nil {
		return
	}
	var unread *server.UnparsableMessageError
	var cursor base64.CorruptInputError
	switch {
	case errors.As(err, &unread):
		c.words.Store(&rewording{library.Error(), string(method) + ": " + misplaced(unread)})
	case errors.As(err, &cursor):
		c.words.Store(&rewording{library.Error(), string(method) + ": params.cursor is none that was given here; leave it out to begin anew"})
	}
}

// misplaced says which of a request's values is of a wrong kind.
func misplaced(err error) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return "its params are not what this method takes"
	}
	place := "params"
	if at := strings.Index(wrong.Field, place); at >= 0 { // before it stand names of Go's
		place = wrong.Field[at:]
	}
	kind, _, _ := strings.Cut(wrong.Value, " ") // a number follows itself
	return fmt.Sprintf("in %s stands %s where %s belongs", place, withArticle(kind), kindOfJSON(wrong.Type))
}

func withArticle(kind string) string {
	switch kind {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	}
	return "a " + kind
}

// kindOfJSON is what a Go type is written as.
func kindOfJSON(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}
