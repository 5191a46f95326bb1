package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a policy, or, as a warning, doubtful.
type Fault struct {
	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"` // from 1; 0 where the policy was not read from a file
	Column     int    `json:"column,omitempty"`
	Message    string `json:"message"`
	Excerpt    string `json:"excerpt,omitempty"`    // the line of the file, without its indentation
	Suggestion string `json:"suggestion,omitempty"` // the nearest word that would be right

	path      string // where in the document: guards[2].require
	ofMembers bool   // it hangs on who is in a group
	ofWord    bool   // it is about one word, whatever else is wrong around it
	apart     bool   // what the rest of the file means can be told all the same
}

// obscures tells whether a fault leaves open what the file means, so that what
// its tests would come to means nothing.
func (f Fault) obscures() bool { return !f.apart }

// String is "FILE:LINE:COLUMN: message", with the suggestion at the end.
func (f Fault) String() string {
	text := f.Message
	if f.Suggestion != "" {
		text += fmt.Sprintf("; did you mean %s?", f.Suggestion)
	}
	switch {
	case f.Line > 0:
		return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, text)
	case f.File != "":
		return f.File + ": " + text
	}
	return text
}

// LoadError says everything that is wrong with a policy. Whoever wrote the
// file mends what each line names; until then the policy is not used.
type LoadError struct {
	Faults []Fault // never empty, in the order of the file
}

// Error is one fault a line.
func (e *LoadError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

const (
	// maxFaults is how many are told in one run: past them, a file is another
	// thing than a policy.
	maxFaults = 1000

	// maxSuggested is how many faults there may be before nothing is suggested any
	// more: to find the nearest word is a look at all of them.
	maxSuggested = 30
)

// faults collects what checks find, up to maxFaults.
type faults []Fault

// full tells whether what else is found isn't told.
func (fs *faults) full() bool { return len(*fs) >= maxFaults }

// obscure tells whether the faults, or one that wasn't told, leave open what the
// document means.
func (fs faults) obscure() bool { return fs.full() || slices.ContainsFunc(fs, Fault.obscures) }

// add returns the fault, for what else is to be said of it.
func (fs *faults) add(path, format string, args ...any) *Fault {
	if fs.full() {
		return new(Fault)
	}
	*fs = append(*fs, Fault{path: path, Message: fmt.Sprintf(format, args...)})
	return &(*fs)[len(*fs)-1]
}

// unknown adds a fault about a word that is not one of those that there are.
func (fs *faults) unknown(path, what, word string, there func() []string) *Fault {
	suggest := len(*fs) < maxSuggested
	f := fs.add(path, "unknown %s %s", what, shown(word))
	if f.ofWord = true; suggest {
		f.Suggestion = nearest(word, there())
	}
	return f
}

// shown makes a word from a file fit for a message: what isn't plain is
// quoted, and what is long is cut.
func shown(word string) string {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
		word = fmt.Sprintf("%+q", word)
	}
	if len(word) > 60 {
		word = word[:57] + "..."
	}
	return word
}
