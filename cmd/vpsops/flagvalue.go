package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagFault is wrong usage. What a flag takes is said in words: the library hands on what
// Go's own parser says to programmers.
func flagFault(_ *cobra.Command, err error) error {
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return &usageError{err}
	}
	flag := wrong.GetFlag()
	kind, ok := flagKinds[flag.Value.Type()]
	switch {
	case !ok:
		return &usageError{err}
	case errors.Is(err, strconv.ErrRange):
		kind.what = "a number of that size"
	}
	return &usageError{fmt.Errorf("--%s is %q, not %s (%s); for example --%s=%s", flag.Name, wrong.GetValue(), kind.what, flag.Usage, flag.Name, kind.example)}
}

// flagKinds are the kinds of values that a flag's text may fail to be.
var flagKinds = map[string]struct{ what, example string }{
	"bool":     {"true or false", "true"},
	"duration": {"a duration", "300ms"},
	"float64":  {"a number", "20"},
	"int":      {"a whole number", "20"},
	"uint64":   {"a whole number of 0 or more", "20"},
}
