package gate

import (
	"vpsops/policy"
	"vpsops/policy/ledger"
)

// needs are what an open request wants: what it did when it was asked and, where
// another policy is in force since, what that one adds. The claim adds the same: who
// is told of it only then has voted in vain meanwhile, or was not let vote. Nothing
// of it is written down before the claim: another process may have another policy.
func (g *Gate) needs(pol *policy.Policy, r ledger.Request) []policy.Need {
	if !r.State.Open() || r.PolicyHash == pol.Hash() {
		return r.Needs
	}
	j, err := g.newJob(r)
	if err != nil {
		return r.Needs // of an account that this process doesn't have
	}
	a := j.frozen().ask(askedBy(r))
	a.At = g.Now()
	return policy.MergeNeeds(r.Needs, pol.Decide(a).Needs)
}
