package gate

import (
	"vpsops/policy"
)

// forAsker is what a denied asker is told of what they asked about: of a server
// that they may neither list nor get, no more than they wrote themselves.
func (g *Gate) forAsker(pol *policy.Policy, actor policy.Actor, f *frozen) *frozen {
	if f.shown.Server == nil || g.maySee(pol, actor, f) {
		return f
	}
	told := *f
	told.shown, told.op.Server = Shown{}, f.asked
	return &told
}

// maySee tells whether the actor may list or get the server as it is.
func (g *Gate) maySee(pol *policy.Policy, actor policy.Actor, f *frozen) bool {
	a := policy.Ask{Actor: actor, Account: f.account.Name, Server: f.shown.Server.forPolicy(f.account.Name), At: g.Now()}
	for _, a.Action = range []policy.Action{policy.List, policy.Get} {
		if pol.Decide(a).Effect != policy.Deny {
			return true
		}
	}
	return false
}

// isUnseen tells whether a request says nothing of its server: who asked may know
// no more of it than they wrote. Which it was stands in the ledger, for whoever
// looks after the servers.
func (v View) isUnseen() bool { return v.Shown.Server == nil && v.Shown.After == nil }
