package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
)

// unapproved tells which rules want the approval of more than can give one here: another's
// request is approved in Slack or by a provider's sign-in on the page, never by a one-time
// link. Another vpsops on the same ledger may have these.
func (c *core) unapproved() error {
	pol := c.policy.current.Load()
	doc := pol.Document()
	var rules []string
	look := func(id string, r *policy.Require) {
		if r != nil && r.Approve > c.reachable(pol, r.From) {
			rules = append(rules, id)
		}
	}
	for _, g := range doc.Guards {
		look(g.ID, g.Require)
	}
	for _, b := range doc.Budgets {
		look(b.ID, b.Over)
	}
	if len(rules) == 0 {
		return nil
	}
	return fmt.Errorf("%s wants another person's approval, and too few of those who could give it have Slack or a provider's sign-in here: what wants it waits until it expires", strings.Join(rules, ", "))
}

// reachable counts who of a group can approve another's request here.
func (c *core) reachable(pol *policy.Policy, group string) (n int) {
	const enough = 1 << 10 // nobody knows who is in a Slack user group before it is read
	if c.cfg.Slack.On() && len(pol.Usergroups()) > 0 {
		return enough
	}
	for _, person := range pol.Members(group) {
		if c.cfg.Slack.On() && len(pol.IdentitiesOf(person, policy.SlackUser)) > 0 || c.signsInByProvider(pol, person) {
			n++
		}
	}
	return n
}

// signsInByProvider tells whether a person has an account at the provider that the page
// signs people in by: one of another issuer's opens nothing here.
func (c *core) signsInByProvider(pol *policy.Policy, person string) bool {
	return c.cfg.OIDC != nil && slices.ContainsFunc(pol.IdentitiesOf(person, policy.OIDCSubject), func(id string) bool {
		return strings.HasPrefix(id, c.cfg.OIDC.Issuer+"|")
	})
}

// checkApprovals is no reason to send nothing here: reads go on, and so does what its
// asker's own yes is enough for.
func (c *core) checkApprovals(context.Context) finding {
	if err := c.unapproved(); err != nil && c.policy.file != "" && !c.sandbox {
		return finding{text: err.Error() + "; set SLACK_BOT_TOKEN or VPSOPS_OIDC_ISSUER", wrong: true}
	}
	return finding{text: "ok"}
}
