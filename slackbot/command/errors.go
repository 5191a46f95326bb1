package command

import (
	"fmt"
	"strings"
)

// UnknownWordError is a word that the language doesn't have where it stands.
// Nothing was done. Near, where it isn't "", is what was likely meant; nothing is
// ever taken for it.
type UnknownWordError struct {
	Verb  Verb   // the command it stands in; "" for a command's own name
	What  string // such as "key"
	Word  string // as it was typed
	Near  string
	Valid []string
}

func (e *UnknownWordError) Error() string {
	var b strings.Builder
	if e.Verb == "" {
		fmt.Fprintf(&b, "there is no %s %s", e.What, quoted(e.Word))
	} else {
		fmt.Fprintf(&b, "%s knows no %s %s", e.Verb, e.What, quoted(e.Word))
	}
	if e.Near != "" {
		fmt.Fprintf(&b, ": did you mean %s?", e.Near)
		return b.String()
	}
	if len(e.Valid) > 0 {
		fmt.Fprintf(&b, "; there is %s", strings.Join(e.Valid, ", "))
	}
	return b.String()
}

// UsageError is a command with something missing, wrong or too much. Nothing was
// done. Usage is how to write it.
type UsageError struct {
	Verb    Verb // "" where none was found
	Problem string
	Usage   string
}

func (e *UsageError) Error() string {
	if e.Usage == "" {
		return e.Problem
	}
	return fmt.Sprintf("%s: %s; write: %s", e.Verb, e.Problem, e.Usage)
}
