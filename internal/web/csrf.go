package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"time"
)

const csrfPurpose = "csrf"

// formToken is what a form carries: whose page it is, which request it is
// about, and the digest of what the page showed. It is sealed, so a vote is for
// exactly what was on the page.
type formToken struct {
	Binding string `json:"b"`
	About   string `json:"a"` // a request's id, or aboutSignOut
	Digest  string `json:"d,omitempty"`
	Expires int64  `json:"e"`           // Unix seconds
	Nonce   string `json:"n,omitempty"` // of a form that is good once
}

const aboutSignOut = "sign out"

func (p *page) formToken(v visitor, about, digest string) string {
	return p.sealToken(v, about, digest, "")
}

// onceToken is a form's token that is good once: a form that was sent twice, by
// a double click or the back button, does nothing the second time.
func (p *page) onceToken(v visitor, about, digest string) string {
	return p.sealToken(v, about, digest, rand.Text())
}

func (p *page) sealToken(v visitor, about, digest, nonce string) string {
	payload, err := json.Marshal(formToken{Binding: v.Binding, About: about, Digest: digest, Expires: p.Now().Add(sessionTime).Unix(), Nonce: nonce})
	if err != nil { // a struct of strings marshals
		panic(err)
	}
	return p.Key.Seal(csrfPurpose, payload)
}

// openFormToken returns the digest that a page of this visitor about this
// showed; false where the token is none of theirs.
func (p *page) openFormToken(v visitor, about, text string) (digest string, ok bool) {
	t, ok := p.openToken(v, about, text)
	return t.Digest, ok
}

// useOnceToken is openFormToken for a token of onceToken, which it uses up. It
// is ledger.ErrSpent where that was done before.
func (p *page) useOnceToken(ctx context.Context, v visitor, about, text string) (digest string, ok bool, err error) {
	t, ok := p.openToken(v, about, text)
	if !ok || t.Nonce == "" {
		return "", false, nil
	}
	return t.Digest, true, p.Ballot.Once(ctx, "form "+t.Nonce, time.Unix(t.Expires, 0).Sub(p.Now()))
}

func (p *page) openToken(v visitor, about, text string) (t formToken, ok bool) {
	payload, err := p.Key.Open(csrfPurpose, text)
	if err != nil {
		return t, false
	}
	if err := json.Unmarshal(payload, &t); err != nil {
		return t, false
	}
	same := subtle.ConstantTimeCompare([]byte(t.Binding), []byte(v.Binding)) == 1
	return t, same && t.About == about && p.Now().Before(time.Unix(t.Expires, 0))
}
