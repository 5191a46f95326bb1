package gate

import (
	"strings"

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

// needsAtClaim are what an approved request would want if it were claimed now: besides,
// what a budget adds that others have spent since.
func (g *Gate) needsAtClaim(tx ledger.ReadTx, pol *policy.Policy, r ledger.Request) ([]policy.Need, error) {
	j, err := g.newJob(r)
	if err != nil {
		return nil, err
	}
	d, err := g.decideIn(tx, pol, askedBy(r), j.frozen())
	return policy.MergeNeeds(r.Needs, d.Needs), err
}

// barred says what holds now that would deny a pending request at its claim, such as
// a lock: its votes would be given in vain.
func (g *Gate) barred(tx ledger.ReadTx, pol *policy.Policy, r ledger.Request) (string, error) {
	j, err := g.newJob(r)
	if err != nil {
		return "", nil //nolint:nilerr // of an account that this process doesn't have, and doesn't decide about
	}
	d, err := g.decideIn(tx, pol, askedBy(r), j.frozen())
	if err != nil || d.Effect != policy.Deny || d.Person != r.Person {
		return "", err
	}
	return strings.Join(d.Denied, "; ") + ruleWords(d.Rules), nil
}
