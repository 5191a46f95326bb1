package ledger

import (
	"encoding/json"
	"slices"
	"time"

	"vpsops/policy"
)

// KindAsk is the Kind of the audit row that comes with a new request, and with
// nothing else: where a trail's beginning is gone, it tells which requests begin in
// what is left, and so must have every vote in it.
const KindAsk = "ask"

// Event is a row of the audit trail.
type Event struct {
	Seq       int64
	At        time.Time
	Kind      string // such as "ask", "vote", "vote-refused", "claim", "sending", "outcome"
	RequestID string
	ServerID  string // of a row about a server and no request, such as a lock
	Account   string // the API account that the server, or the request's, is in
	Person    string
	Identity  policy.Identity
	Front     policy.Front
	Detail    string
	// Data is what else is to be kept, as JSON, or nothing.
	Data json.RawMessage
	// Proof is the ledger's own record, as JSON, of what the transaction had
	// done to the request: the trail proves by it that nothing was carried
	// out without its votes. What a caller writes here is ignored.
	Proof json.RawMessage
}

// clone shares nothing with e that could be written to.
func (e Event) clone() Event {
	e.Data, e.Proof = slices.Clone(e.Data), slices.Clone(e.Proof)
	return e
}

// Row is an [Event] in its place in the hash chain.
type Row struct {
	Event
	Prev string // the hash of the row before it, in hex
	Hash string // its own, over Prev and every field of the event
}

// EventFilter picks rows of the audit trail. A zero field picks all.
type EventFilter struct {
	After     int64 // rows with a greater Seq
	Before    int64 // rows with a smaller Seq
	RequestID string
	// ServerID takes rows about the server itself and about requests for it,
	// in Account where that is set too.
	ServerID string
	Account  string
	Person   string
	Kinds    []string
	Since    time.Time // rows of this time and later
	Until    time.Time // rows before this time
	Limit    int       // the newest so many
	Oldest   bool      // the oldest so many instead: to go through all by pages
}

// leavesNoneOut tells whether the rows that are picked follow each other.
func (f EventFilter) leavesNoneOut() bool {
	return f.RequestID == "" && f.ServerID == "" && f.Account == "" && f.Person == "" && len(f.Kinds) == 0 && f.Since.IsZero() && f.Until.IsZero()
}

func (f EventFilter) picks(e *Event) bool {
	return e.Seq > f.After && (f.Before == 0 || e.Seq < f.Before) &&
		(f.RequestID == "" || e.RequestID == f.RequestID) &&
		(f.Person == "" || e.Person == f.Person) &&
		(f.Since.IsZero() || !e.At.Before(f.Since)) && (f.Until.IsZero() || e.At.Before(f.Until)) &&
		(len(f.Kinds) == 0 || slices.Contains(f.Kinds, e.Kind))
}
