package ledger

import (
	"encoding/json"

	"vpsops/policy"
)

// storedNeed and storedRule are policy's types as they lie in the ledger:
// under names of its own, and with numbers where policy's text knows no word.
type storedNeed struct {
	From     string   `json:"from,omitempty"`
	Count    int      `json:"count"`
	Factor   int      `json:"factor"`
	TypeName bool     `json:"type_name,omitempty"`
	Reason   bool     `json:"reason,omitempty"`
	Rules    []string `json:"rules,omitempty"`
}

type storedRule struct {
	Kind   policy.RuleKind `json:"kind"`
	ID     string          `json:"id"`
	Effect int             `json:"effect"`
	Why    string          `json:"why,omitempty"`
	Glass  bool            `json:"break_glass,omitempty"`
	Unsafe bool            `json:"unsafe,omitempty"`
}

func storeNeeds(needs []policy.Need) []storedNeed {
	var stored []storedNeed
	for _, n := range needs {
		stored = append(stored, storedNeed{n.From, n.Count, int(n.Factor), n.TypeName, n.Reason, n.Rules})
	}
	return stored
}

func loadNeeds(text string) (needs []policy.Need, err error) {
	var stored []storedNeed
	if err := unmarshalList(text, &stored); err != nil {
		return nil, err
	}
	for _, n := range stored {
		needs = append(needs, policy.Need{
			From: n.From, Count: n.Count, Factor: policy.Factor(n.Factor), TypeName: n.TypeName, Reason: n.Reason, Rules: n.Rules,
		})
	}
	return needs, nil
}

func storeRules(rules []policy.Rule) []storedRule {
	var stored []storedRule
	for _, r := range rules {
		stored = append(stored, storedRule{r.Kind, r.ID, int(r.Effect), r.Why, r.BreakGlass, r.Unsafe})
	}
	return stored
}

func loadRules(text string) (rules []policy.Rule, err error) {
	var stored []storedRule
	if err := unmarshalList(text, &stored); err != nil {
		return nil, err
	}
	for _, r := range stored {
		effect := policy.Effect(r.Effect)
		if effect < policy.Allow || effect > policy.Deny {
			effect = policy.Deny // what isn't known here counts as the strictest
		}
		rules = append(rules, policy.Rule{Kind: r.Kind, ID: r.ID, Effect: effect, Why: r.Why, BreakGlass: r.Glass, Unsafe: r.Unsafe})
	}
	return rules, nil
}

// listText is a list as it is stored; none is "".
func listText[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	return string(mustJSON(list))
}

func unmarshalList(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}
