package gate

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// Look returns a request whoever's business it is, for a message that several
// people see. It is ErrNotFound where there is none. One whose time is over is
// expired first.
func (b *Ballot) Look(ctx context.Context, id string) (View, error) {
	v, err := b.gate.look(ctx, id)
	if err != nil || !b.gate.due(v.Request) {
		return v, err
	}
	if _, err := b.gate.expire(ctx, id); err != nil {
		return View{}, err
	}
	return b.gate.look(ctx, id)
}

func (g *Gate) look(ctx context.Context, id string) (v View, err error) {
	pol := g.Policy()
	err = g.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		r, err := tx.Request(id)
		if errors.Is(err, ledger.ErrNotFound) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		v, err = g.viewOf(tx, pol, r)
		return err
	})
	return v, err
}

// Unended returns the requests that nobody's end is known of, whoever's they are,
// newest first.
func (b *Ballot) Unended(ctx context.Context) (found []ledger.Outline, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		found, err = tx.Outlines(ledger.Filter{States: unended})
		return err
	})
	return found, err
}

// Edition is another than before when the policy in force is, or who is in its
// groups. It may be another when both are the same: groups are read anew every few
// minutes.
func (b *Ballot) Edition() any { return b.gate.Policy() }

var unended = []ledger.State{ledger.Pending, ledger.Approved, ledger.Executing, ledger.Unknown}

// VoteRefused has the trail keep that a front end refused somebody's vote before
// the gate was asked, and why.
func (b *Ballot) VoteRefused(ctx context.Context, by Voter, requestID, why string) error {
	g := b.gate
	return g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(requestID)
		if errors.Is(err, ledger.ErrNotFound) {
			r = ledger.Request{ID: capRunes(requestID, maxIDShown)}
		} else if err != nil {
			return err
		}
		person := g.Policy().PersonOf(by.Identity)
		return tx.Audit(g.event(eventVoteRefused, r, by.Identity, person, by.Front, why))
	})
}

// Follow looks after the server of an accepted action until it has arrived or
// ctx ends, and writes down what it sees: whoever watches the request learns of
// it. It does nothing for a request that is in another state.
func (b *Ballot) Follow(ctx context.Context, id string) error {
	for {
		v, err := b.gate.look(ctx, id)
		if err != nil || !v.Followed() || ctx.Err() != nil {
			return err
		}
		b.gate.watchPatiently(ctx, v)
	}
}

// AskIn returns the ids of the Slack channels in which guards that matter to a
// request want it asked.
func (b *Ballot) AskIn(v View) []string { return b.gate.Policy().AskIn(v.Rules) }

// IdentitiesOf returns a person's accounts at one authority, as the policy in
// force lists them.
func (b *Ballot) IdentitiesOf(person string, kind policy.IdentityKind) []string {
	return b.gate.Policy().IdentitiesOf(person, kind)
}

// Posts returns the records of a request's messages.
func (b *Ballot) Posts(ctx context.Context, requestID string) (posts []ledger.Post, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		posts, err = tx.Posts(requestID)
		return err
	})
	return posts, err
}

// OpenPosts returns the records of messages that something may yet follow for.
func (b *Ballot) OpenPosts(ctx context.Context, limit int) (posts []ledger.Post, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		posts, err = tx.OpenPosts(limit)
		return err
	})
	return posts, err
}

// PutPost writes a message's record; see [ledger.Tx].
func (b *Ballot) PutPost(ctx context.Context, p ledger.Post) (after ledger.Post, err error) {
	err = b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		after, err = tx.PutPost(p)
		return err
	})
	return after, err
}

// PutPosts writes several records, all or none of them; see [ledger.Tx].
func (b *Ballot) PutPosts(ctx context.Context, posts ...ledger.Post) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		for _, p := range posts {
			if _, err := tx.PutPost(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// KeepDelivery keeps what came in, before it is acknowledged, for this process
// to deal with within a time. The same delivery a second time is
// ledger.ErrSpent, also when it has long been dealt with.
func (b *Ballot) KeepDelivery(ctx context.Context, id string, payload json.RawMessage, within, forgotten time.Duration) (ledger.Delivery, error) {
	now := b.gate.Now()
	d := ledger.Delivery{ID: id, Payload: payload, ReceivedAt: now, TakenUntil: now.Add(within)}
	err := b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		if err := tx.Spend("delivery "+id, now, now.Add(forgotten)); err != nil {
			return err
		}
		return tx.AddDelivery(d)
	})
	return d, err
}

// HoldDelivery gives this process a time anew for a delivery that it has. It is
// ledger.ErrConflict where another took it since, or dealt with it.
func (b *Ballot) HoldDelivery(ctx context.Context, d ledger.Delivery, within time.Duration) (ledger.Delivery, error) {
	until := b.gate.Now().Add(within)
	err := b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error { return tx.TakeDelivery(d.ID, d.TakenUntil, until) })
	d.TakenUntil = until
	return d, err
}

// DeliveryDone ends a delivery that was dealt with.
func (b *Ballot) DeliveryDone(ctx context.Context, id string) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error { return tx.DropDelivery(id) })
}

// LeftDeliveries takes up what a process took and did not deal with in its time:
// this one has as long.
func (b *Ballot) LeftDeliveries(ctx context.Context, within time.Duration) (left []ledger.Delivery, err error) {
	now := b.gate.Now()
	var found []ledger.Delivery
	if err := b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		found, err = tx.Deliveries(now)
		return err
	}); err != nil || len(found) == 0 {
		return nil, err
	}
	err = b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		left = nil
		for _, d := range found {
			err := tx.TakeDelivery(d.ID, now, now.Add(within))
			if errors.Is(err, ledger.ErrConflict) {
				continue
			}
			if err != nil {
				return err
			}
			d.TakenUntil = now.Add(within)
			left = append(left, d)
		}
		return nil
	})
	return left, err
}

const eventDeliveryRefused = "delivery-refused"

// DeliveryRefused has the trail count what came in under Slack's name and was
// refused, and why. It is written a while later, so that a flood of forgeries
// is no flood of writes.
func (b *Ballot) DeliveryRefused(why string) {
	b.gate.noteRead(readKey{kind: eventDeliveryRefused, front: policy.Slack, action: policy.Action(why)})
}
