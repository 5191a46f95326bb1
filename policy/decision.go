package policy

import "strings"

// RuleKind says what sort of rule mattered to a decision.
type RuleKind string

// The kinds of rule. A floor holds under every policy and is not written in
// one.
const (
	GrantRule RuleKind = "grant"
	GuardRule RuleKind = "guard"
	FloorRule RuleKind = "floor"
)

// Rule is one rule that mattered to a decision.
type Rule struct {
	Kind   RuleKind `json:"kind"`
	ID     string   `json:"id"`
	Effect Effect   `json:"effect"`
	Why    string   `json:"why,omitempty"`
}

// Decision is what the policy says to an [Ask], and why.
type Decision struct {
	Effect Effect
	Person string   // the actor's person; "" for a stranger
	Needs  []Need   // the votes that are wanted; none for allow and deny
	Rules  []Rule   // every rule that mattered, in the policy's order
	Denied []string // why not, a sentence each; for deny
}

// RuleIDs returns the ids of the rules that mattered, for a message.
func (d Decision) RuleIDs() string {
	ids := make([]string, len(d.Rules))
	for i, r := range d.Rules {
		ids[i] = r.ID
	}
	return strings.Join(ids, ", ")
}

func (d *Decision) deny(kind RuleKind, id, why string) {
	d.Effect = Deny
	d.Rules = append(d.Rules, Rule{Kind: kind, ID: id, Effect: Deny, Why: why})
	d.Denied = append(d.Denied, why)
}

func (d *Decision) require(kind RuleKind, id, why string, n Need) {
	n.Rules = []string{id}
	d.Needs = MergeNeeds(d.Needs, []Need{n})
	effect := n.effect()
	d.Effect = max(d.Effect, effect)
	d.Rules = append(d.Rules, Rule{Kind: kind, ID: id, Effect: effect, Why: why})
}
