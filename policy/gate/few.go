package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// ruleFew names the gate's own denial of what nobody could approve.
const ruleFew = "too-few-approvers"

// tooFew says why fewer could fill a need than it takes, of those who are left, by what
// is known; "" where enough could.
func tooFew(pol *policy.Policy, n policy.Need, asker string, left []string) string {
	if n.ByAsker() || len(left) >= n.Count {
		return ""
	}
	if unread := pol.NeedBy(n, asker).Unread; unread != "" {
		return unread
	}
	members := pol.Members(n.From)
	switch {
	case len(members) == 0:
		return "nobody is in it"
	case slices.Equal(members, []string{asker}):
		return "nobody is in it but " + asker + ", who asks"
	case len(left) == 0 && slices.ContainsFunc(members, func(m string) bool { return m != asker }):
		return "nobody else in it has an account to vote by"
	case len(left) == 0:
		return "nobody else is in it"
	}
	return "only " + strings.Join(left, ", ") + " could"
}

// shortOf returns the needs of an ask that not enough could fill by what is known.
func shortOf(pol *policy.Policy, d policy.Decision) []policy.Need {
	return slices.DeleteFunc(slices.Clone(d.Needs), func(n policy.Need) bool {
		return tooFew(pol, n, d.Person, pol.Eligible(n, d.Person)) == ""
	})
}

// readTooFew has the Slack user groups read for an ask that began then and that too few
// could approve by what is known: somebody may have joined. It returns which of them
// were; the policy in force has what was learned. Who asks again and again is refused by
// no older reading, and takes none from those who vote: then it is not certain.
func (g *Gate) readTooFew(ctx context.Context, pol *policy.Policy, actor policy.Actor, f *frozen, began time.Time) (read []string, err error) {
	if g.witness.Load() == nil || len(pol.Usergroups()) == 0 {
		return nil, nil
	}
	var short []policy.Need
	err = g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		d, err := g.decideIn(tx, pol, actor, f)
		short = shortOf(pol, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	groups := groupsBehind(pol, short)
	word := g.consult(ctx, Doubt{Groups: groups, Since: began, OfAsk: true})
	return slices.DeleteFunc(groups, func(id string) bool { _, unread := word.Unread[id]; return unread }), nil
}

// denyTooFew denies an ask that surely not enough could approve: it would wait for
// nothing until it expires. That is sure only where every Slack user group on which it
// hangs who could was read for this very ask. One that can't be read here is no empty
// one either: a vote may come by another process, which reads it.
func denyTooFew(pol *policy.Policy, d *policy.Decision, read []string) {
	for _, n := range shortOf(pol, *d) {
		unread := slices.ContainsFunc(pol.UsergroupsOf(n.From), func(id string) bool { return !slices.Contains(read, id) })
		by := pol.NeedBy(n, d.Person)
		if unread || by.Unread != "" {
			continue
		}
		why := tooFew(pol, n, d.Person, by.Eligible)
		deny(d, ruleFew, fmt.Sprintf("%d of %s must approve this (rule %s), and %s", n.Count, n.From, strings.Join(n.Rules, ", "), why))
	}
}
