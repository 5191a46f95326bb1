package gate

import (
	"fmt"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// gone stands in the ledger for the status of a server that the API has no more.
const (
	gone     = "gone"
	saidGone = gone + "?"
)

// noted is a status of the API's as the ledger has it. What the API says of a
// server that is there must not read as that it is not.
func noted(status vpsapi.Status) string {
	if status == gone {
		return saidGone
	}
	return string(status)
}

// leadsTo is where an action takes a server, as far as that takes a while.
func leadsTo(a policy.Action) vpsapi.Status {
	if a == policy.Stop {
		return vpsapi.StatusStopped
	}
	return vpsapi.StatusActive
}

// arrived tells whether a server is where an accepted action was taking it.
func arrived(a policy.Action, status vpsapi.Status) bool {
	return !settles(a) || status == leadsTo(a)
}

// isGone tells whether the server vanished before it had arrived. That is no
// success, and no failure of the call either: the API had taken it.
func isGone(r ledger.Request) bool {
	return r.State == ledger.Succeeded && settles(r.Action) && r.ServerStatus == gone
}

// Gone tells whether the server of an accepted action is no more, by two looks
// at the API: there is nothing to wait for.
func (v View) Gone() bool { return isGone(v.Request) }

// Followed tells whether the server of an accepted action has yet to arrive, and
// is there to be looked at.
func (v View) Followed() bool { return v.Outcome == OutcomeAccepted && !v.Gone() }

// Astray tells whether the server of an accepted action rests where the action
// does not lead: it may never arrive. A status that isn't known is no rest.
func (v View) Astray() bool {
	status := vpsapi.Status(v.ServerStatus)
	return v.Followed() && status.Resting() && !arrived(v.Action, status)
}

// Whereabouts says, without a full stop, how the server of an accepted action
// stands to where the action leads.
func (v View) Whereabouts() string {
	status := v.ServerStatus
	if status != saidGone {
		status = inert.Name(status, maxShownName/2)
	}
	switch {
	case v.Gone():
		return fmt.Sprintf("The server is gone now, and was not seen to become %s; who or what deleted it is not known", leadsTo(v.Action))
	case v.Astray():
		return fmt.Sprintf("The server is %s: that is not where a %s leads (%s), and nothing shows that it is on its way there", status, v.Action, leadsTo(v.Action))
	case status == "":
		return "The server is on its way"
	case vpsapi.Status(v.ServerStatus).Resting():
		return "The server is " + status
	}
	return fmt.Sprintf("The server is %s and still on its way", status)
}
