package policy

import (
	"fmt"
	"slices"
)

// checkRules looks for rules that say what cannot be meant.
func (p *Policy) checkRules() (faults []error) {
	seen := make(map[string]bool)
	fault := func(id, format string, args ...any) {
		faults = append(faults, fmt.Errorf("rule %s: "+format, append([]any{id}, args...)...))
	}
	common := func(id string, who []string, actions []Action, sets []string, through []Front) {
		if id == "" || seen[id] {
			fault(id, "every rule needs an id of its own")
		}
		seen[id] = true
		for _, w := range who {
			if len(p.Members(w)) == 0 && p.members[w] == nil {
				fault(id, "unknown person or group %s", w)
			}
		}
		for _, a := range actions {
			if !a.Known() {
				fault(id, "unknown action %s", a)
			}
		}
		for _, s := range sets {
			if _, ok := p.sets[s]; !ok {
				fault(id, "unknown server set %s", s)
			}
		}
		for _, f := range through {
			if !f.Known() {
				fault(id, "unknown front end %s", f)
			}
		}
	}
	for _, g := range p.doc.Grants {
		common(g.ID, g.Who, g.Actions, g.Servers, g.Through)
		if len(g.Who) == 0 || len(g.Actions) == 0 {
			fault(g.ID, "a grant names who may do which actions")
		}
	}
	for _, g := range p.doc.Guards {
		common(g.ID, g.Who, g.Actions, g.Servers, g.Through)
		for _, f := range p.checkGuard(g) {
			fault(g.ID, "%s", f)
		}
	}
	return faults
}

func (p *Policy) checkGuard(g Guard) (faults []string) {
	if len(g.Actions) == 0 {
		faults = append(faults, "a guard names its actions")
	}
	if (g.Require == nil) == (g.Deny == "") {
		return append(faults, "a guard either requires something or denies, one of the two")
	}
	r := g.Require
	if r == nil {
		return faults
	}
	if r.ConfirmAsker == (r.Approve > 0) {
		faults = append(faults, "a requirement is a confirmation by the asker or a number of approvals")
	}
	if r.From != "" && r.Approve <= 0 {
		faults = append(faults, "a group goes with a number of approvals: the asker alone confirms")
	}
	if r.Factor != 0 && factorNames[r.Factor] == "" {
		faults = append(faults, "the factor is none of client, person and passkey")
	}
	if r.Factor == Client && !clientMayServe(g) {
		faults = append(faults, "the factor client is for the asker's own confirmation of a reversible action")
	}
	if r.Approve > 0 && len(p.Members(r.From)) <= r.Approve {
		// The asker may be one of them, and never approves.
		faults = append(faults, fmt.Sprintf("%d of %s cannot approve once the asker is left out: it has %d", r.Approve, r.From, len(p.Members(r.From))))
	}
	return faults
}

// clientMayServe tells whether a guard may take a client program's dialog.
func clientMayServe(g Guard) bool {
	return g.Require.Approve == 0 && !g.Require.TypeName && !slices.Contains(g.Actions, Delete)
}
