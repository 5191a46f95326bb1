package gate

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// The kinds of audit row about passkeys.
const (
	eventPasskeyAdded   = "passkey-added"
	eventPasskeyRemoved = "passkey-removed"
	eventPasskeyRefused = "passkey-refused"
)

// PasskeyProof is a passkey's signature that the front end has verified: by
// that key, with the user verified, over a challenge that holds what is
// decided. The vote uses it up.
type PasskeyProof struct {
	ID       string // the key's
	Uses     int64  // the authenticator's count
	Nonce    string // of the challenge: it counts once
	Until    time.Time
	Evidence json.RawMessage // what was signed and the signature, for the audit trail
}

// What is wrong with a passkey.
var (
	// ErrPasskeyKept is a key that is registered already.
	ErrPasskeyKept = errors.New("gate: this passkey is registered already")
	// ErrNotFirst is a grant of a first passkey to somebody who has one.
	ErrNotFirst = errors.New("gate: this person has a passkey already; further ones are added with it")
)

// prove takes a proof's word for the voter, once. Without one nobody has used a
// passkey, whatever a front end says.
func (g *Gate) prove(tx ledger.Tx, by Voter, person string, proof *PasskeyProof) (_ Voter, refused, err error) {
	by.Factor = min(by.Factor, policy.PersonFactor)
	if proof == nil {
		return by, nil, nil
	}
	err = g.spendProof(tx, person, *proof)
	var vote *VoteError
	if errors.As(err, &vote) {
		return by, err, nil
	}
	by.Factor = policy.Passkey
	return by, nil, err
}

// spendProof uses a proof up. What is wrong with it is a *VoteError.
func (g *Gate) spendProof(tx ledger.Tx, person string, proof PasskeyProof) error {
	keys, err := tx.Passkeys(person)
	if err != nil {
		return err
	}
	owned := false
	for _, k := range keys {
		owned = owned || k.ID == proof.ID
	}
	if !owned || person == "" {
		return &VoteError{Why: policy.WeakFactor, Problem: "this passkey is not registered here for you"}
	}
	switch err := tx.Spend("passkey "+proof.Nonce, g.Now(), proof.Until); {
	case errors.Is(err, ledger.ErrSpent):
		return &VoteError{Why: policy.WeakFactor, Problem: "this answer of your passkey was used before: decide once more"}
	case err != nil:
		return err
	}
	switch err := tx.UsePasskey(proof.ID, proof.Uses, g.Now()); {
	case errors.Is(err, ledger.ErrSpent):
		return &VoteError{Why: policy.WeakFactor, Problem: "this passkey's count went backwards: there may be a copy of it; remove it, and register another"}
	case err != nil:
		return err
	}
	return nil
}

// Passkeys returns a person's passkeys, oldest first.
func (b *Ballot) Passkeys(ctx context.Context, person string) (keys []ledger.Passkey, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		keys, err = tx.Passkeys(person)
		return err
	})
	return keys, err
}

// Grant is what lets somebody register a passkey: it counts once.
type Grant struct {
	Nonce string
	Until time.Time
	First bool // only for a person who has none
}

// AddPasskey registers a key for a person and uses the grant up, together. The
// error is ledger.ErrSpent for a grant that was used before, ErrNotFirst or
// ErrPasskeyKept.
func (b *Ballot) AddPasskey(ctx context.Context, id policy.Identity, p ledger.Passkey, by Grant) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		keys, err := tx.Passkeys(p.Person)
		if err != nil {
			return err
		}
		if by.First && len(keys) > 0 {
			return ErrNotFirst
		}
		if err := tx.Spend("passkey grant "+by.Nonce, b.gate.Now(), by.Until); err != nil {
			return err
		}
		switch err := tx.AddPasskey(p); {
		case errors.Is(err, ledger.ErrSpent):
			return ErrPasskeyKept
		case err != nil:
			return err
		}
		return tx.Audit(b.signInEvent(eventPasskeyAdded, p.Person, id, "the key "+p.ID))
	})
}

// ProvePasskey uses up a proof that somebody holds a key of theirs, for
// something that is no vote. A proof that does not count is a *VoteError, and
// recorded.
func (b *Ballot) ProvePasskey(ctx context.Context, id policy.Identity, person string, proof PasskeyProof) error {
	var refusal *VoteError
	err := b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		refusal = nil
		err := b.gate.spendProof(tx, person, proof)
		if errors.As(err, &refusal) {
			return tx.Audit(b.signInEvent(eventPasskeyRefused, person, id, refusal.Problem))
		}
		return err
	})
	if err == nil && refusal != nil {
		return refusal
	}
	return err
}

// PasskeyRefused records that something came as a passkey's and was none.
func (b *Ballot) PasskeyRefused(ctx context.Context, id policy.Identity, why string) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return tx.Audit(b.signInEvent(eventPasskeyRefused, b.PersonOf(id), id, why))
	})
}

// DropPasskey removes a person's key, or is ledger.ErrNotFound.
func (b *Ballot) DropPasskey(ctx context.Context, id policy.Identity, person, key string) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		if err := tx.DropPasskey(person, key); err != nil {
			return err
		}
		return tx.Audit(b.signInEvent(eventPasskeyRemoved, person, id, "the key "+key))
	})
}
