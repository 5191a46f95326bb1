package gate

import (
	"context"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// The kinds of audit row about signing in.
const (
	eventSignIn        = "sign-in"
	eventSignInRefused = "sign-in-refused"
	eventSignOut       = "sign-out"
)

// SignIn records a person's sign-in on the page and uses its one-time code up,
// together. A code that was used before is ledger.ErrSpent.
func (b *Ballot) SignIn(ctx context.Context, s ledger.Session, code string, codeExpires time.Time) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		if err := tx.Spend("login "+code, b.gate.Now(), codeExpires); err != nil {
			return err
		}
		if err := tx.AddSession(s); err != nil {
			return err
		}
		return tx.Audit(b.signInEvent(eventSignIn, s.Person, s.Identity, ""))
	})
}

// SignInRefused records that somebody came with a code that opens nothing.
func (b *Ballot) SignInRefused(ctx context.Context, why string) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return tx.Audit(b.signInEvent(eventSignInRefused, "", policy.Identity{}, why))
	})
}

// SignedIn returns a live sign-in by the hash of its secret, or
// ledger.ErrNotFound.
func (b *Ballot) SignedIn(ctx context.Context, idHash string) (s ledger.Session, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		s, err = tx.Session(idHash, b.gate.Now())
		return err
	})
	return s, err
}

// SignOut ends a sign-in, or every one of the person's.
func (b *Ballot) SignOut(ctx context.Context, s ledger.Session, everywhere bool) error {
	return b.gate.Ledger.Write(ctx, func(tx ledger.Tx) error {
		drop := func() error { return tx.DropSession(s.IDHash) }
		if everywhere {
			drop = func() error { return tx.DropSessions(s.Person) }
		}
		if err := drop(); err != nil {
			return err
		}
		return tx.Audit(b.signInEvent(eventSignOut, s.Person, s.Identity, ""))
	})
}

func (b *Ballot) signInEvent(kind, person string, id policy.Identity, detail string) ledger.Event {
	return ledger.Event{At: b.gate.Now(), Kind: kind, Person: person, Identity: id, Front: policy.Page, Detail: detail}
}
