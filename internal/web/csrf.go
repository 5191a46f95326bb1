package web

import (
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
	Expires int64  `json:"e"` // Unix seconds
}

const aboutSignOut = "sign out"

func (p *page) formToken(v visitor, about, digest string) string {
	payload, err := json.Marshal(formToken{v.Binding, about, digest, p.Now().Add(sessionTime).Unix()})
	if err != nil { // a struct of strings marshals
		panic(err)
	}
	return p.Key.Seal(csrfPurpose, payload)
}

// openFormToken returns the digest that a page of this visitor about this
// showed; false where the token is none of theirs.
func (p *page) openFormToken(v visitor, about, text string) (digest string, ok bool) {
	payload, err := p.Key.Open(csrfPurpose, text)
	if err != nil {
		return "", false
	}
	var t formToken
	if err := json.Unmarshal(payload, &t); err != nil {
		return "", false
	}
	same := subtle.ConstantTimeCompare([]byte(t.Binding), []byte(v.Binding)) == 1
	return t.Digest, same && t.About == about && p.Now().Before(time.Unix(t.Expires, 0))
}
