// Package runner does what a command of the chat language says, through a desk:
// it looks, and it asks. Nothing in it can vote.
//
// What comes of a command is a [Result] of facts, which a front end lays out as
// cards; [Plain] writes it as text for a terminal.
package runner

import (
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

// Result is what came of a command. At most one of the pointers is set; Text
// stands before it, or alone. Its texts are as the API and people wrote them:
// whoever shows them makes them inert.
type Result struct {
	Command  command.Command
	Text     string // our own words
	Servers  *Servers
	Server   *Server
	Request  *Request
	Requests *Requests
	Hold     *Hold
	Trail    *Trail
	Who      *Who
	Form     *Form
}

// Servers are the rows of a list that the asker may see. Accounts, here and
// elsewhere, are all that there are: with more than one, whatever is in one says
// in which.
type Servers struct {
	Account  string
	Accounts []string
	Rows     []vpsapi.Server
	Total    int // that the filters take; more than len(Rows) where the list was cut
}

// Server is one server as it is now, and what is in force on it.
type Server struct {
	Account  string
	Accounts []string
	vpsapi.Server
	Holds []gate.HoldInForce
}

// Request is a request as it stands. Operation is what was asked in this very
// command, for the desk's Dialog and Answer; it is zero for one that was looked
// up.
type Request struct {
	View      gate.View
	Operation gate.Operation
}

// Requests are some requests, newest first.
type Requests struct {
	Which    command.Which
	Accounts []string
	Open     []gate.View // that wait, the asker's own and those that want their vote
	Own      []gate.View // the asker's own that are decided, or all of them
}

// Hold is a lock or freeze that was put up, or ended.
type Hold struct {
	Accounts []string
	Held     []ledger.Hold
	Lifted   bool
	Kept     []Kept // that were to be ended with the others, and were not
	By       string // the person who did it
	Name     string // the server's as the API has it, of a lock; "" where it isn't known
}

// Kept is a lock or freeze that the asker could not end, and why, in sentences.
type Kept struct {
	ledger.Hold
	Why string
}

// Trail is rows of the audit trail, oldest first.
type Trail struct {
	Accounts []string
	Rows     []ledger.Row
}

// Who is whom the asker is taken for.
type Who struct {
	Actor  policy.Actor
	Person string // "" for a stranger
	command.Standing
	Accounts []string
	Holds    []gate.HoldInForce
}

// Form is what a create or an update can be made of, where the command said too
// little.
type Form struct {
	Missing []string       // keys
	Server  *vpsapi.Server // of an update: as it is now
	Choices *Choices       // of a create
}

// Choices are what a new server can be made of.
type Choices struct {
	Plans     []vpsapi.Plan // none where the account may not list them
	Locations []string
	Systems   []vpsapi.OS // that servers of the account run: the API has no list
}
