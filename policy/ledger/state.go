package ledger

import (
	"maps"
	"slices"
)

// State is where a request stands. The set is closed.
type State string

// The states.
const (
	Pending     State = "pending"     // waits for votes
	Approved    State = "approved"    // has the votes it needs, is not claimed yet
	Executing   State = "executing"   // claimed by one process
	Succeeded   State = "succeeded"   // the API did it
	Failed      State = "failed"      // the API refused it, or it was certainly never sent
	Unknown     State = "unknown"     // sent, and whether it happened cannot be told yet
	Denied      State = "denied"      // the policy or a person said no
	Expired     State = "expired"     // nobody decided in time
	Cancelled   State = "cancelled"   // the asker took it back
	Superseded  State = "superseded"  // the asker asked for another change of the same
	Invalidated State = "invalidated" // the server is not the one that was shown
)

// edges are the only ways from one state to another.
var edges = map[State][]State{
	Pending:   {Approved, Denied, Expired, Cancelled, Superseded, Invalidated},
	Approved:  {Executing, Pending, Denied, Expired, Cancelled, Superseded, Invalidated},
	Executing: {Succeeded, Failed, Unknown, Invalidated},
	Unknown:   {Succeeded, Failed},
}

// MayBecome tells whether the way from s to next exists.
func (s State) MayBecome(next State) bool { return slices.Contains(edges[s], next) }

// Open tells whether the request still waits to be decided or claimed.
func (s State) Open() bool { return s == Pending || s == Approved }

// Final tells whether nothing can change the state any more.
func (s State) Final() bool { return len(edges[s]) == 0 }

// known tells whether s is one of the closed set.
func (s State) known() bool {
	return len(edges[s]) > 0 || slices.ContainsFunc(slices.Collect(maps.Values(edges)), func(next []State) bool { return slices.Contains(next, s) })
}

// mayBegin tells whether a request may be written first in this state.
func (s State) mayBegin() bool { return s == Pending || s == Approved || s == Denied }
