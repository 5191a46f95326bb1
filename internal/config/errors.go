package config

import "strings"

// Fault is one variable that can't be right.
type Fault struct {
	Variable string // as it is set: NAME or NAME_FILE
	Problem  string // never holds a secret's value
	Example  string // what to write instead, NAME=value
}

// String is one line.
func (f Fault) String() string {
	return f.Variable + " " + f.Problem + "; for example " + f.Example
}

// Error lists every fault of the environment: first what couldn't be read, then
// what can't be right, each in the order of the documentation. The person who set the variables mends them and starts again.
type Error struct {
	Faults []Fault
}

// Error has a line for every fault.
func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
