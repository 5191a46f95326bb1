package gate

import (
	"context"
	"errors"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// Changes returns a feed of the requests that are written from now on, by any
// process that shares the ledger. It says nothing of what they are: look each
// one up as whoever is to be told. Close it.
func (d *Desk) Changes() *ledger.Changes { return d.gate.Ledger.Changes() }

// Look is Request as the ledger has it: nothing is asked of the API.
func (d *Desk) Look(ctx context.Context, actor policy.Actor, id string) (View, error) {
	return d.gate.view(ctx, actor, id)
}

// Touched returns the server that a request is about, whoever's request it is,
// for who looks after servers for others: it is no word to anybody that there
// is such a request. Both are "" where there is none, or no server yet.
func (d *Desk) Touched(ctx context.Context, id string) (account, serverID string, err error) {
	err = d.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		r, err := tx.Request(id)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		account, serverID = r.Account, r.ServerID
		return err
	})
	return account, serverID, err
}

// Sees is MayRead for who is only told that something changed: nothing was
// given out, so the trail isn't told.
func (d *Desk) Sees(actor policy.Actor, action policy.Action, account string, server *vpsapi.Server) bool {
	return d.readDecision(actor, action, account, server).Effect != policy.Deny
}

// Granted tells whether the actor may ask for an action at all; see
// [policy.Policy.Grants].
func (d *Desk) Granted(actor policy.Actor, action policy.Action) bool {
	return d.gate.Policy().Grants(actor, action, d.gate.Now())
}
