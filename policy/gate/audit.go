package gate

import (
	"context"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// The kinds of audit row that the gate writes.
const (
	eventAsk         = ledger.KindAsk
	eventVote        = "vote"
	eventVoteRefused = "vote-refused"
	eventDialog      = "dialog-refused"
	eventClaim       = "claim"
	eventSending     = "sending"
	eventState       = "state"
	eventOutcome     = "outcome"
	eventSettled     = "settled"
	eventPolicy      = "policy"
)

// event is an audit row about a request, by whoever did it.
func (g *Gate) event(kind string, r ledger.Request, by policy.Identity, person string, front policy.Front, detail string) ledger.Event {
	return ledger.Event{
		At: g.Now(), Kind: kind, RequestID: r.ID, Account: r.Account,
		Person: person, Identity: by, Front: front, Detail: detail,
	}
}

// ownEvent is an audit row about what the gate itself did.
func (g *Gate) ownEvent(kind string, r ledger.Request, detail string) ledger.Event {
	return g.event(kind, r, policy.Identity{}, "", "", detail)
}

// NotePolicy records that a policy came into force, or that one was refused
// and the one before it stays. It returns the row's number in the trail.
func (g *Gate) NotePolicy(ctx context.Context, detail string) (seq int64, err error) {
	err = g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		if err := tx.Audit(ledger.Event{At: g.Now(), Kind: eventPolicy, Detail: detail}); err != nil {
			return err
		}
		rows, err := tx.Events(2) // a checkpoint may stand behind it
		for _, row := range rows {
			if row.Kind == eventPolicy {
				seq = row.Seq
			}
		}
		return err
	})
	return seq, err
}

// PolicyInForce is how the detail of [Gate.NotePolicy] begins where a policy is in
// force; its hash follows, and nothing else.
const PolicyInForce = "in force: "

// move takes a request to another state, with its audit row.
func (g *Gate) move(tx ledger.Tx, r ledger.Request, to ledger.State, kind, why string) (ledger.Request, error) {
	r.State, r.Message = to, why
	if !to.Open() && to != ledger.Executing {
		r.EndedAt = g.Now()
	}
	r, err := tx.Update(r)
	if err != nil {
		return r, err
	}
	return r, tx.Audit(g.ownEvent(kind, r, string(to)+": "+why))
}
