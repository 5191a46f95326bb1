package command

import "time"

// Command is one thing that somebody says. Which fields count depends on the
// verb; the others are zero. Commands are comparable, and String writes one as
// Parse reads it.
type Command struct {
	Verb    Verb
	Topic   Verb   // help: of which command
	Account string // the API account; "" is the default, of a freeze all of them
	Server  string // as it was typed: an id, or an exact name, hostname or address

	// list
	Status, Text string
	Location     string // create, too

	// create and update: what was given, "" what wasn't
	Name, Hostname   string
	Plan, OS, SSHKey string // create: an id or an exact name
	Backups          Switch
	Replace          bool

	BreakGlass bool
	Because    string

	Which   Which  // requests
	Request string // request and cancel

	// lock, freeze and their ends
	Scope  Scope
	Target string        // the name of the set, person or account
	For    time.Duration // 0: until it is lifted

	Share bool // reads: answer where everybody sees it
}

// Switch is on, off, or "" where nothing was said.
type Switch string

// What a switch says.
const (
	On  Switch = "on"
	Off Switch = "off"
)

// Which says what requests are wanted; "" is all that are the asker's business.
type Which string

// The requests that can be wanted.
const (
	Mine Which = "mine"
	Open Which = "open"
)

// Scope says what a freeze is of.
type Scope string

// The scopes of a freeze.
const (
	ScopeSet     Scope = "set"
	ScopePerson  Scope = "person"
	ScopeAccount Scope = "account"
	ScopeAll     Scope = "all"
)

// Reads tells whether the command only looks: it is answered to its asker alone
// unless it is shared, and asks nobody.
func (c Command) Reads() bool {
	r, known := ruleOf(c.Verb)
	return known && r.reads
}

// Tightens tells whether the command can only keep something from being done.
func (c Command) Tightens() bool {
	return c.Verb == VerbCancel || c.Verb == VerbLock || c.Verb == VerbFreeze
}

// Form tells whether so little was said that a form should ask for the rest.
func (c Command) Form() bool {
	asked := Command{Verb: c.Verb, Account: c.Account, Server: c.Server, Because: c.Because}
	return (c.Verb == VerbCreate || c.Verb == VerbUpdate) && c == asked
}
