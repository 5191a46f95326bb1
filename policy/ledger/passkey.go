package ledger

import (
	"errors"
	"time"
)

// Passkey is a key by which a person shows that it is them: a WebAuthn
// credential. What Credential holds is the page's, which seals it.
type Passkey struct {
	ID         string // the credential's id, in base64url
	Person     string
	Name       string // what its person calls it
	Handle     string // what authenticators know the person by: the same for all their keys
	Credential string
	Uses       int64 // the authenticator's own count of signatures; 0 where it keeps none
	Created    time.Time
	Used       time.Time // zero where it never was
}

// mayFollow tells whether a signature's count can come after those that were
// seen: a lower one, or the same again, means a copy of the key (WebAuthn 3,
// 6.1.1).
func (p Passkey) mayFollow(uses int64) bool { return uses > p.Uses || uses == 0 && p.Uses == 0 }

const passkeyColumns = "id, person, name, handle, credential, uses, created_at, used_at"

func scanPasskey(p *Passkey) []any {
	return []any{
		(*column)(&p.ID), (*column)(&p.Person), (*column)(&p.Name), (*column)(&p.Handle), (*column)(&p.Credential),
		&p.Uses, (*timeColumn)(&p.Created), (*timeColumn)(&p.Used),
	}
}

func (v *sqlView) Passkeys(person string) ([]Passkey, error) {
	return collect(v, "read passkeys", "SELECT "+passkeyColumns+" FROM passkeys WHERE person = ? ORDER BY created_at, id", []any{toText(person)}, scanPasskey, nil)
}

func (t *sqlTx) AddPasskey(p Passkey) error {
	rows, err := t.do("keep a passkey", "INSERT INTO passkeys ("+passkeyColumns+") VALUES ("+placeholders(8)+") ON CONFLICT (id) DO NOTHING",
		toText(p.ID), toText(p.Person), toText(p.Name), toText(p.Handle), toText(p.Credential), p.Uses, nanos(p.Created), nanos(p.Used))
	if err == nil && rows == 0 {
		return ErrSpent
	}
	return err
}

func (t *sqlTx) UsePasskey(id string, uses int64, now time.Time) error {
	var p Passkey
	if err := t.one("read a passkey", "SELECT "+passkeyColumns+" FROM passkeys WHERE id = ?", []any{toText(id)}, scanPasskey(&p)...); err != nil {
		return err
	}
	if !p.mayFollow(uses) {
		return ErrSpent
	}
	rows, err := t.do("use a passkey", "UPDATE passkeys SET uses = ?, used_at = ? WHERE id = ? AND uses = ?", uses, nanos(now), toText(id), p.Uses)
	if err == nil && rows == 0 { // nobody writes beside a transaction
		return errors.New("ledger: a passkey was changed under the transaction")
	}
	return err
}

func (t *sqlTx) DropPasskey(person, id string) error {
	rows, err := t.do("remove a passkey", "DELETE FROM passkeys WHERE id = ? AND person = ?", toText(id), toText(person))
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}
