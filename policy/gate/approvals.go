package gate

import (
	"maps"
	"slices"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// Approval is a rule by which a person's vote counts for what others ask.
type Approval struct {
	Rule       string
	Why        string
	Actions    []policy.Action
	Servers    []string // the server sets it is about; none means every server
	BreakGlass bool     // it lifts a denial
	policy.Need
	Others []string // who else could approve
}

// Approvals returns the rules of the policy in force by which the actor may
// approve what others ask, in the policy's order; none for a stranger.
func (d *Desk) Approvals(actor policy.Actor) (approvals []Approval) {
	pol := d.gate.Policy()
	person := pol.PersonOf(actor.Identity)
	if person == "" {
		return nil
	}
	for _, g := range pol.Document().Guards {
		for _, require := range []*policy.Require{g.Require, g.BreakGlass} {
			if require == nil || require.Approve == 0 {
				continue
			}
			members := pol.Members(require.From)
			if !slices.Contains(members, person) {
				continue
			}
			approvals = append(approvals, Approval{
				Rule: g.ID, Why: g.Why, Actions: g.Actions, Servers: g.Servers, BreakGlass: require == g.BreakGlass,
				Need:   policy.Need{Count: require.Approve, From: require.From, Factor: max(require.Factor, policy.PersonFactor), Reason: require.Reason},
				Others: slices.DeleteFunc(slices.Clone(members), func(m string) bool { return m == person }),
			})
		}
	}
	return approvals
}

// Freezable returns what the actor may put a freeze on: server sets, and persons, of
// which there are none for who may not freeze accounts and everything either.
func (d *Desk) Freezable(actor policy.Actor) (sets, people []string) {
	pol := d.gate.Policy()
	may := func(h ledger.Hold) bool {
		h.Kind = ledger.FreezeHold
		return pol.Decide(d.gate.holdAsk(actor, h)).Effect == policy.Allow
	}
	for _, set := range slices.Sorted(maps.Keys(pol.Document().ServerSets)) {
		if may(ledger.Hold{Scope: ledger.ScopeSet, Value: set}) {
			sets = append(sets, set)
		}
	}
	if may(ledger.Hold{Scope: ledger.ScopeAll}) {
		people = pol.People()
	}
	return sets, people
}
