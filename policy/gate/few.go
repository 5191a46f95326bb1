package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
)

// ruleFew names the gate's own denial of what nobody could approve.
const ruleFew = "too-few-approvers"

// tooFew says why fewer could fill a need than it takes, of those who are left; "" where
// enough could. It is certain where nobody else may be in the group: one that this
// process can't read is not an empty one, for a vote may come by another, which reads it.
func tooFew(pol *policy.Policy, n policy.Need, asker string, left []string) (why string, certain bool) {
	if n.ByAsker() || len(left) >= n.Count {
		return "", false
	}
	if unread := pol.NeedBy(n, asker).Unread; unread != "" {
		return unread, false
	}
	members := pol.Members(n.From)
	switch {
	case len(members) == 0:
		return "nobody is in it", true
	case slices.Equal(members, []string{asker}):
		return "nobody is in it but " + asker + ", who asks", true
	case len(left) == 0:
		return "nobody else is in it", true
	}
	return "only " + strings.Join(left, ", ") + " could", true
}

// readTooFew has the Slack user groups read anew by which too few could approve an ask:
// somebody may have joined. It returns the policy in force then.
func (g *Gate) readTooFew(ctx context.Context, pol *policy.Policy, d policy.Decision) *policy.Policy {
	var short []policy.Need
	for _, n := range d.Needs {
		if why, _ := tooFew(pol, n, d.Person, pol.Eligible(n, d.Person)); why != "" {
			short = append(short, n)
		}
	}
	if len(short) == 0 {
		return pol
	}
	g.consult(ctx, Doubt{Groups: groupsBehind(pol, short), Since: g.Now().Add(-newsLasts)})
	return g.Policy()
}

// denyTooFew denies an ask that surely not enough could approve: it would wait for
// nothing until it expires.
func denyTooFew(pol *policy.Policy, d *policy.Decision) {
	for _, n := range d.Needs {
		if why, certain := tooFew(pol, n, d.Person, pol.Eligible(n, d.Person)); certain {
			deny(d, ruleFew, fmt.Sprintf("%d of %s must approve this (rule %s), and %s", n.Count, n.From, strings.Join(n.Rules, ", "), why))
		}
	}
}
