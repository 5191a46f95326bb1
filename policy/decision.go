package policy

import (
	"slices"
	"strings"
)

// RuleKind says what sort of rule mattered to a decision.
type RuleKind string

// The kinds of rule. A floor holds under every policy and is not written in
// one.
const (
	GrantRule  RuleKind = "grant"
	GuardRule  RuleKind = "guard"
	BudgetRule RuleKind = "budget"
	FloorRule  RuleKind = "floor"
)

// Rule is one rule that mattered to a decision.
type Rule struct {
	Kind   RuleKind `json:"kind"`
	ID     string   `json:"id"`
	Effect Effect   `json:"effect"`
	Why    string   `json:"why,omitempty"`

	BreakGlass bool `json:"break_glass,omitempty"` // it denies, and was lifted by what is needed instead
	Unsafe     bool `json:"unsafe,omitempty"`      // it lets run what otherwise wants somebody's yes
}

// Decision is what the policy says to an [Ask], and why. Decisions share their
// slices: append to them, but don't write into them.
type Decision struct {
	Effect Effect
	Person string   // the actor's person; "" for a stranger
	Needs  []Need   // the votes that are wanted; none for allow and deny
	Rules  []Rule   // every rule that mattered, in the policy's order
	Denied []string // why not, a sentence each; for deny
	Lifts  []Need   // for deny: what would be needed with break-glass; none where that can't lift it
	AskIn  []string // the Slack channels where guards want the card
	Unread []string // where no grant covers it: the groups whose grant would, if the person is in them, which can't be read
}

// RuleIDs returns the ids of the rules that mattered, for a message.
func (d Decision) RuleIDs() string {
	ids := make([]string, len(d.Rules))
	for i, r := range d.Rules {
		ids[i] = r.ID
	}
	return strings.Join(ids, ", ")
}

// BrokeGlass tells whether a denial was lifted: to be shown loudly.
func (d Decision) BrokeGlass() bool {
	return slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.BreakGlass })
}

func (d *Decision) deny(kind RuleKind, id, why string) {
	d.Effect = Deny
	d.Rules = append(d.Rules, Rule{Kind: kind, ID: id, Effect: Deny, Why: why})
	d.Denied = append(d.Denied, why)
}

func (d *Decision) require(rule Rule, n Need) {
	d.Needs = MergeNeeds(d.Needs, []Need{n})
	rule.Effect = n.effect()
	d.Effect = max(d.Effect, rule.Effect)
	d.Rules = append(d.Rules, rule)
}
