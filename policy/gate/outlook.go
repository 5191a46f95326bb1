package gate

import (
	"context"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// Outlook says how an ask by the actor would end as things are now: the policy
// with its budgets, the locks and freezes in force, and the read-only switch.
// Nothing is asked by it. server is what the ask would be about; of a rename it
// tells what would be decided of the old name. It is a *NoAccountError where
// there is no such account.
func (d *Desk) Outlook(ctx context.Context, actor policy.Actor, action policy.Action, account string, server vpsapi.Server) (decision policy.Decision, err error) {
	a, err := d.gate.account(account)
	if err != nil {
		return decision, err
	}
	facts := factsOf(server)
	f := &frozen{account: a, op: Operation{Action: action}, id: facts.ID, shown: Shown{Server: &facts}}
	err = d.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		decision, err = d.gate.decideIn(tx, d.gate.Policy(), actor, f)
		return err
	})
	return decision, err
}
