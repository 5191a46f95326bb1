package policy

import "time"

// Ask is one question to the policy: may this actor do this, to this server,
// now?
type Ask struct {
	Actor   Actor
	Action  Action
	Account string    // the API account it goes to
	Server  *Server   // as it is now; nil for a list or a create
	After   *Server   // as it would be: for a create and an update
	At      time.Time // when it is asked; where it is zero, every window counts as open

	// Set is the server set that a freeze is of; "" where it is of a person, an account
	// or everything, which no grant for some sets alone covers.
	Set string

	// Lift asks to end a lock or a freeze that somebody else put up: that loosens, and
	// what a guard requires of locks and freezes stands against it.
	Lift bool

	MonthlyCents *int64 // what it would cost a month, for a create; nil where that isn't known
	BreakGlass   bool   // the person asks for what lifts a denial

	// AnyServer asks before the server is known: what would hold for it
	// whichever it were. A grant for some servers alone counts, and a guard for
	// some alone is left out. Where it isn't set, an action on a server that none
	// is given for is judged as one on a server that couldn't be read.
	AnyServer bool
}

// mayBeAnyServer tells whether an ask that gives no server is about none, or
// about any that there is.
func (a *Ask) mayBeAnyServer() bool { return a.AnyServer || a.Action == List }

// renames tells whether an update would give the server another name, as far
// as can be told: one whose server isn't known may.
func (a *Ask) renames() bool {
	if a.Action != Update || a.AnyServer {
		return false
	}
	return a.Server == nil || a.After == nil || a.Server.Name != a.After.Name
}

// irreversible tells whether the ask is for a delete or a rename: nothing in a
// policy lowers the floor under those.
func (a *Ask) irreversible() bool { return a.Action == Delete || a.renames() }

// minFactor is the floor under every requirement: a delete and a rename are
// never confirmed by a client program's dialog.
func (a *Ask) minFactor() Factor {
	if a.irreversible() {
		return PersonFactor
	}
	return Client
}

// neverAsked tells whether nobody is asked about an ask, whatever guards require: it
// is a read, or only tightens.
func (a *Ask) neverAsked() bool {
	return a.Action.Reads() || (a.Action == Lock || a.Action == Freeze) && !a.Lift
}

// mayBreakGlass tells whether the ask came where a person alone can ask for
// it: never through an assistant, whose words a model chooses.
func (a *Ask) mayBreakGlass() bool {
	return a.BreakGlass && a.Action.ChangesServer() && (a.Actor.Front == Slack || a.Actor.Front == Page)
}
