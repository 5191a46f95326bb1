package gate

import (
	"context"
	"errors"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// cancel takes the asker's own request back, while nobody carries it out.
func (g *Gate) cancel(ctx context.Context, actor policy.Actor, id string) (after ledger.Request, err error) {
	pol := g.Policy()
	person := pol.PersonOf(actor.Identity)
	var late error
	err = g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		late = nil
		r, err := tx.Request(id)
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			return err
		}
		if err != nil || person == "" || r.Person != person {
			return ErrNotFound
		}
		if after, err = g.expireIfDue(tx, r); err != nil {
			return err
		}
		if !after.State.Open() {
			late = &TooLateError{State: after.State}
			return nil
		}
		after, err = g.move(tx, after, ledger.Cancelled, eventState, "taken back by "+person)
		return err
	})
	if err != nil {
		return ledger.Request{}, err
	}
	g.follow(ctx, after)
	return after, late
}
