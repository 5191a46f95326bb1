package gate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

const ruleReadOnly = "read-only"

// decide is the policy's decision alone, before anything is looked up: for who
// may do this to no server at all. Read-only keeps nobody from looking, or from
// what only tightens.
func (g *Gate) decide(pol *policy.Policy, actor policy.Actor, f *frozen) policy.Decision {
	a := f.ask(actor)
	a.At = g.Now()
	d := pol.Decide(a)
	if a.Action.ChangesServer() {
		g.denyReadOnly(&d)
	}
	return d
}

// decideIn is the whole decision as it is now: the policy with its budgets,
// the locks and freezes in force, and the gate's own read-only switch.
func (g *Gate) decideIn(tx ledger.ReadTx, pol *policy.Policy, actor policy.Actor, f *frozen) (policy.Decision, error) {
	a := f.ask(actor)
	a.At = g.Now()
	var failed error
	var spent []policy.Charge
	d := pol.DecideCharged(a, func(c policy.Charge) (int, int64) {
		count, cents, err := tx.Used(c.Key, a.At.Add(-c.Per))
		if c.Over == nil && !c.Fits(count, cents) {
			spent = append(spent, c)
		}
		if err != nil {
			failed = err
			return math.MaxInt, math.MaxInt64
		}
		return count, cents
	})
	if failed != nil {
		return d, failed
	}
	if err := sayRoom(tx, &d, spent, a.At); err != nil {
		return d, err
	}
	holds, err := g.holdsIn(tx, pol, a.At)
	if err != nil {
		return d, err
	}
	g.denyHeld(&d, slices.DeleteFunc(holds, func(h HoldInForce) bool { return !g.covers(h.Hold, pol, d.Person, &a) }))
	g.denyReadOnly(&d)
	return d, nil
}

// maxHoldsNamed are the locks and freezes that a denial names, the oldest first: who
// is refused reads no more, and a row of the trail holds so much.
const maxHoldsNamed = 5

// denyHeld denies for the locks and freezes that cover an ask.
func (g *Gate) denyHeld(d *policy.Decision, holds []HoldInForce) {
	named := min(len(holds), maxHoldsNamed)
	for _, h := range holds[:named] {
		deny(d, h.ID, g.holdWords(h))
	}
	if more := len(holds) - named; more > 0 {
		d.Denied = append(d.Denied, "and "+moreHolds(holds[named:]))
	}
}

// moreHolds counts locks and freezes in words: "17 more freezes".
func moreHolds(holds []HoldInForce) string {
	locks := 0
	for _, h := range holds {
		if h.Kind == ledger.LockHold {
			locks++
		}
	}
	var words []string
	for _, k := range []struct {
		n    int
		what string
	}{{locks, "lock"}, {len(holds) - locks, "freeze"}} {
		switch {
		case k.n == 1:
			words = append(words, "1 more "+k.what)
		case k.n > 1:
			words = append(words, fmt.Sprintf("%d more %ss", k.n, k.what))
		}
	}
	return strings.Join(words, " and ")
}

func (g *Gate) denyReadOnly(d *policy.Decision) {
	if g.ReadOnly {
		deny(d, ruleReadOnly, "vpsops runs read-only (VPSOPS_READ_ONLY): nothing is changed")
	}
}

// deny adds a denial of the gate's own to the policy's decision.
func deny(d *policy.Decision, id, why string) {
	d.Effect, d.Needs, d.Lifts = policy.Deny, nil, nil
	d.Rules = append(d.Rules[:len(d.Rules):len(d.Rules)], policy.Rule{Kind: policy.FloorRule, ID: id, Effect: policy.Deny, Why: why})
	d.Denied = append(d.Denied, why)
}

// denialWords says why not and, where the policy alone denies, what would help. To a
// stranger the why says that already.
func (g *Gate) denialWords(pol *policy.Policy, actor policy.Actor, f *frozen, d policy.Decision) string {
	why := strings.Join(d.Denied, "; ")
	a := f.ask(actor)
	a.At = g.Now()
	e := pol.Explain(a)
	if ways := strings.Join(e.Allowed, ", and "); ways != "" && d.Person != "" && len(e.Denied) == len(d.Denied) {
		why += "; it would go " + ways
	}
	return why
}

// charge takes from every budget what a claimed request uses.
func (g *Gate) charge(tx ledger.Tx, pol *policy.Policy, actor policy.Actor, f *frozen, requestID string) error {
	a := f.ask(actor)
	a.At = g.Now()
	for _, c := range pol.Charges(a) {
		use := ledger.Use{Key: c.Key, RequestID: requestID, Count: 1, At: a.At}
		if c.Cents != nil {
			use.Cents = *c.Cents
		}
		if err := tx.AddUse(use); err != nil {
			return err
		}
	}
	return nil
}
