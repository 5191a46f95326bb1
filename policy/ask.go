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
	At      time.Time // when it is asked

	// AnyServer asks before the server is known: what would hold for it
	// whichever it were. A guard for some servers alone is left out.
	AnyServer bool
}

// renames tells whether an update would give the server another name.
func (a Ask) renames() bool {
	return a.Action == Update && a.Server != nil && a.After != nil && a.Server.Name != a.After.Name
}

// targets are the servers by whose sets the ask is judged: for an update the
// one before and the one after.
func (a Ask) targets() []Server {
	var targets []Server
	for _, s := range []*Server{a.Server, a.After} {
		if s != nil {
			targets = append(targets, *s)
		}
	}
	return targets
}

// minFactor is the floor under every requirement: a delete and a rename are
// never confirmed by a client program's dialog.
func (a Ask) minFactor() Factor {
	if a.Action == Delete || a.renames() {
		return PersonFactor
	}
	return Client
}
