package policy

import "slices"

// Action is something a person asks for. The set is closed.
type Action string

// The actions, as the policy file spells them.
const (
	List   Action = "list"
	Get    Action = "get"
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Start  Action = "start"
	Stop   Action = "stop"
	Reboot Action = "reboot"
	Lock   Action = "lock"
	Freeze Action = "freeze"
)

var actions = []Action{List, Get, Create, Update, Delete, Start, Stop, Reboot, Lock, Freeze}

const actionCount = 10

// number is an action's place among all, or -1 for one that isn't known.
func (a Action) number() int { return slices.Index(actions, a) }

// actionSet is a set of actions by their numbers.
type actionSet uint16

func newActionSet(list []Action) (set actionSet) {
	for _, a := range list {
		if n := a.number(); n >= 0 {
			set |= 1 << n
		}
	}
	return set
}

func (set actionSet) has(a Action) bool {
	n := a.number()
	return n >= 0 && set&(1<<n) != 0
}

// Actions returns every action, reads first.
func Actions() []Action { return slices.Clone(actions) }

// Known tells whether a is one of the closed set.
func (a Action) Known() bool { return slices.Contains(actions, a) }

// Reads tells whether a changes nothing: such an action is never asked about.
func (a Action) Reads() bool { return a == List || a == Get }

// ChangesServer tells whether a sends a write to the API.
func (a Action) ChangesServer() bool {
	switch a {
	case Create, Update, Delete, Start, Stop, Reboot:
		return true
	}
	return false
}

// Guarded tells whether a is on the floor: never a plain allow, because it
// destroys, interrupts, changes or spends.
func (a Action) Guarded() bool { return a.ChangesServer() && a != Start }

// Front is the way by which a person came. The set is closed.
type Front string

// The front ends, as the policy file spells them.
const (
	MCP     Front = "mcp"
	Slack   Front = "slack"
	Console Front = "console"
	Page    Front = "page"
)

var fronts = []Front{MCP, Slack, Console, Page}

// Known tells whether f is one of the closed set.
func (f Front) Known() bool {
	return slices.Contains(fronts, f)
}
