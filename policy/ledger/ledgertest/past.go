package ledgertest

import (
	"errors"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// InsertPast writes a request that is long done, for ledgers that are to hold
// many: r as it was asked, an approval by each of the voters, and what became of
// it until it succeeded, with an audit row each and all at the time of the ask.
func InsertPast(tx ledger.Tx, r ledger.Request, voters ...string) error {
	at := r.CreatedAt
	row := func(kind, person, detail string) error {
		return tx.Audit(ledger.Event{At: at, Kind: kind, RequestID: r.ID, Person: person, Front: policy.Page, Detail: detail})
	}
	if err := tx.Insert(r); err != nil {
		return err
	}
	for _, person := range voters {
		v := ledger.Vote{RequestID: r.ID, Person: person, Factor: policy.PersonFactor, Approve: true, NameTyped: true, Digest: r.Digest, At: at}
		if err := errors.Join(tx.AddVote(v), row("vote", person, "approve by factor person")); err != nil {
			return err
		}
	}
	r.Version = 1
	for _, state := range []ledger.State{ledger.Approved, ledger.Executing, ledger.Executing, ledger.Succeeded} {
		if r.State == state {
			r.SendingAt = at
		}
		r.State, r.EndedAt = state, at
		var err error
		if r, err = tx.Update(r); err != nil {
			return err
		}
		if err := row("state", "", string(state)); err != nil {
			return err
		}
	}
	return nil
}
