package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"time"
)

const (
	ceremonyPurpose = "passkey ceremony"
	ceremonyTime    = 15 * time.Minute
)

// What a passkey is asked for.
const (
	toVote     = "vote"
	toAdd      = "add another key"
	toRegister = "register"
)

// ceremony is what an authenticator is asked to sign for. Its challenge is a
// hash of all of it, so an answer is for exactly this: this sign-in, this
// request as it was shown, this verdict, once.
type ceremony struct {
	What    string `json:"what"`
	Binding string `json:"binding"` // of the sign-in, hashed: it stands in the audit trail
	Person  string `json:"person"`
	Request string `json:"request,omitempty"`
	Digest  string `json:"digest,omitempty"` // of what was shown
	Verdict string `json:"verdict,omitempty"`
	Handle  string `json:"handle,omitempty"` // of a person who registers a key
	First   bool   `json:"first,omitempty"`  // the person's first key
	Nonce   string `json:"nonce"`
	Expires int64  `json:"expires"` // Unix seconds
}

// begun completes a ceremony and returns what the form carries, and the
// challenge.
func (p *page) begun(v visitor, c ceremony) (token string, challenge []byte) {
	c.Binding, c.Person = hashOf(v.Binding), v.Person
	if c.Nonce == "" {
		c.Nonce, c.Expires = rand.Text(), p.Now().Add(ceremonyTime).Unix()
	}
	payload, err := json.Marshal(c)
	if err != nil { // a struct of plain values marshals
		panic(err)
	}
	return p.Key.Seal(ceremonyPurpose, payload), challengeOf(payload)
}

func challengeOf(payload []byte) []byte {
	sum := sha256.Sum256(append([]byte("vpsops passkey challenge 1\x00"), payload...))
	return sum[:]
}

// openCeremony returns a ceremony that this visitor began for that, and what
// its challenge is the hash of.
func (p *page) openCeremony(v visitor, what, token string) (c ceremony, payload []byte, ok bool) {
	payload, err := p.Key.Open(ceremonyPurpose, token)
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return c, nil, false
	}
	same := subtle.ConstantTimeCompare([]byte(c.Binding), []byte(hashOf(v.Binding))) == 1
	return c, payload, same && c.What == what && c.Person == v.Person && p.Now().Before(time.Unix(c.Expires, 0))
}
