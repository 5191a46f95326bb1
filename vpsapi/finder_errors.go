package vpsapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	maxRef        = 100 // characters of a reference that an error repeats
	maxCandidates = 20
)

// AmbiguousError is a reference that names more than one server. Nothing was taken. Name the one that is meant by its id, and
// where a server is called like another's id, as a known id.
type AmbiguousError struct {
	Ref        string      // printable
	Candidates []ServerRow // in the list's order, at most 20
	More       int         // candidates beyond these
}

// printableRef keeps the blanks at the ends, for want of which nothing else may have been found.
func printableRef(ref string) string {
	middle := strings.TrimSpace(ref)
	before, after, _ := strings.Cut(ref, middle)
	if middle == "" || len(before)+len(after) > maxRef/2 {
		return printable(ref, maxRef)
	}
	blanks := func(s string) string { return strings.Repeat(" ", len([]rune(s))) }
	return blanks(before) + printable(middle, maxRef-len(before)-len(after)) + blanks(after)
}

func ambiguous(ref string, rows []ServerRow) *AmbiguousError {
	slices.Reverse(rows) // an index yields the last first
	kept := rows[:min(len(rows), maxCandidates)]
	return &AmbiguousError{Ref: printableRef(ref), Candidates: kept, More: len(rows) - len(kept)}
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q names %d servers: %s; name one by its id", e.Ref, len(e.Candidates)+e.More, listRows(e.Candidates))
}

// NotFoundError is a reference that names no server. The suggestions are near misses, for a person to choose from; none may be
// taken for what was meant. errors.Is finds [ErrNotFound].
type NotFoundError struct {
	Ref         string      // printable
	Suggestions []ServerRow // the nearest first, at most 5
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("no server has the id, name, hostname or address %q", e.Ref)
	if len(e.Suggestions) > 0 {
		text += "; near it: " + listRows(e.Suggestions)
	}
	return text
}

// Lookalike returns the reference's first character that looks like one of ASCII and is none, such as a dash that a document made
// of a hyphen, and that one; ok tells whether there is any.
func (e *NotFoundError) Lookalike() (is, looks rune, ok bool) {
	for _, r := range e.Ref {
		if a := asASCII(r); a != r {
			return r, a, true
		}
	}
	return 0, 0, false
}

// Is makes errors.Is(err, ErrNotFound) work.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

func isNotFound(err error) bool {
	_, ok := errors.AsType[*NotFoundError](err)
	return ok
}

func listRows(rows []ServerRow) string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = fmt.Sprintf("%s (id %s)", printable(row.Name, maxFieldName), row.ID)
	}
	return strings.Join(texts, ", ")
}
