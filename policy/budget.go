package policy

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// By says whose use a budget counts together. The set is closed.
type By string

// Whose use is counted together, as the policy file spells it.
const (
	ByEveryone By = "everyone"
	ByAsker    By = "asker"
	ByAccount  By = "account"
)

// Budget caps how much may be done. It is counted when a request is claimed.
// It has either Max or MaxMonthlyPrice.
type Budget struct {
	ID              string        `json:"id"`
	Actions         []Action      `json:"actions"`
	Servers         []string      `json:"servers,omitempty"` // server sets; none means every server
	Max             int           `json:"max,omitempty"`
	MaxMonthlyPrice Cents         `json:"max_monthly_price,omitempty"` // of creates together, in the API's currency
	Per             time.Duration `json:"per"`
	By              By            `json:"by,omitempty"`   // everyone, if empty
	Over            *Require      `json:"over,omitempty"` // what is needed past it, instead of a refusal
}

// Cents is an amount of money in hundredths of the API's currency.
type Cents int64

// Charge is one budget under which an ask falls. Sum up what earlier claims of
// the same Key charged in the time Per before now; [Charge.Fits] tells whether
// this ask goes in as well.
type Charge struct {
	ID       string // the budget's
	Key      string // the budget and whose use of it is counted together
	Per      time.Duration
	Max      int    // how often; 0 where MaxCents counts
	MaxCents int64  // how much a month; 0 where Max counts
	Cents    *int64 // the price of this ask; nil where it isn't known
	Over     *Need  // what is needed where it doesn't fit; nil means it is denied

	by By
}

// Fits tells whether the ask goes in beside what was used. A price that isn't
// known fits no budget of prices.
func (c Charge) Fits(usedCount int, usedCents int64) bool {
	if c.MaxCents > 0 {
		return c.Cents != nil && *c.Cents >= 0 && usedCents >= 0 && usedCents <= c.MaxCents && *c.Cents <= c.MaxCents-usedCents
	}
	return usedCount >= 0 && usedCount < c.Max
}

// Charges returns every budget under which an ask falls, in the policy's
// order.
func (p *Policy) Charges(a Ask) []Charge {
	var charges []Charge
	for i := range p.budgets {
		b := &p.budgets[i]
		if !b.actions.has(a.Action) || !p.budgetCovers(b, &a) {
			continue
		}
		charges = append(charges, p.charge(b.Budget, a))
	}
	return charges
}

func (p *Policy) charge(b *Budget, a Ask) Charge {
	c := Charge{ID: b.ID, Per: b.Per, Max: b.Max, MaxCents: int64(b.MaxMonthlyPrice), Cents: a.MonthlyCents, by: b.By}
	who := ""
	switch b.By {
	case ByAsker:
		who = p.PersonOf(a.Actor.Identity)
	case ByAccount:
		who = a.Account
	default:
		c.by = ByEveryone
	}
	// As JSON, no name can be written so that it passes for another key.
	key, err := json.Marshal([]string{b.ID, string(c.by), who})
	if err != nil { // strings alone
		panic(err)
	}
	c.Key = string(key)
	if b.Over != nil {
		over := b.Over.need()
		over.Rules = []string{b.ID}
		c.Over = &over
	}
	return c
}

// BudgetOf returns the id of the budget whose use is counted under a
// [Charge]'s Key, or "" for what is no such key.
func BudgetOf(key string) string {
	var parts []string
	if json.Unmarshal([]byte(key), &parts) != nil || len(parts) != 3 {
		return ""
	}
	return parts[0]
}

// CountsAnew says of the budgets that begin to count anew, though they may be meant to
// go on, where this policy takes the place of another: what was used is kept under a
// budget's id and by whom it is counted.
func (p *Policy) CountsAnew(before *Policy) (said []string) {
	budget := func(p *Policy, id string) *Budget {
		i := slices.IndexFunc(p.doc.Budgets, func(b Budget) bool { return b.ID == id })
		if i < 0 {
			return nil
		}
		return &p.doc.Budgets[i]
	}
	for i := range p.doc.Budgets {
		b := &p.doc.Budgets[i]
		was := budget(before, b.ID)
		if was != nil {
			if cmp.Or(was.By, ByEveryone) != cmp.Or(b.By, ByEveryone) {
				said = append(said, fmt.Sprintf("the budget %s counts anew, since it has another `by`: what was used before isn't counted", b.ID))
			}
			continue
		}
		for j := range before.doc.Budgets {
			if old := &before.doc.Budgets[j]; budget(p, old.ID) == nil && slices.Equal(old.Actions, b.Actions) {
				said = append(said, fmt.Sprintf("the budget %s counts anew: what was used of %s, which is gone, isn't counted for it", b.ID, old.ID))
			}
		}
	}
	return said
}

func (p *Policy) budgetCovers(b *budgetRule, a *Ask) bool {
	var t targets
	t.look(p, a, len(b.sets) > 0)
	return t.guarded(b.sets)
}
