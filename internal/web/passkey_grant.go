package web

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"vpsops/internal/seal"
)

const (
	grantPurpose = "first passkey"
	grantTime    = time.Hour
)

// firstKey is what the link for a person's first passkey holds.
type firstKey struct {
	Person  string `json:"p"`
	Nonce   string `json:"n"`
	Expires int64  `json:"e"` // Unix seconds
}

// GrantURL makes the link by which a person registers their first passkey: it
// is good once, for an hour, for who is signed in as that person and has no
// passkey yet. It must not pass through a model, an answer or a structured log.
func GrantURL(origin string, key seal.Key, person string, now time.Time) string {
	code, err := json.Marshal(firstKey{person, rand.Text(), now.Add(grantTime).Unix()})
	if err != nil { // a struct of plain values marshals
		panic(err)
	}
	return origin + "/passkeys/grant/" + key.Seal(grantPurpose, code)
}

func (p *page) openGrant(v visitor, text string) (g firstKey, ok bool) {
	payload, err := p.Key.Open(grantPurpose, text)
	if err != nil || json.Unmarshal(payload, &g) != nil {
		return g, false
	}
	return g, g.Person == v.Person && p.Now().Before(time.Unix(g.Expires, 0))
}

// showGrant only shows the form: opening the link uses nothing up.
func (p *page) showGrant(w http.ResponseWriter, r *http.Request, v visitor) {
	g, ok := p.openGrant(v, r.PathValue("code"))
	if !ok {
		p.refusePasskey(w, r, v, errPasskey("a link for a first passkey opens nothing"),
			"This link registers no passkey", "It is another person's, or too old. Whoever runs vpsops makes a new one with vpsops passkey grant.")
		return
	}
	kept, err := p.Ballot.Passkeys(r.Context(), v.Person)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case len(kept) > 0:
		p.notFirst(w, r, v)
	default:
		handle := make([]byte, handleSize)
		_, _ = rand.Read(handle) // never fails
		p.showRegistration(w, r, v, keyOwner{person: v.Person, handle: handle}, ceremony{First: true, Nonce: g.Nonce, Expires: g.Expires})
	}
}

const handleSize = 32 // bytes

func (p *page) notFirst(w http.ResponseWriter, r *http.Request, v visitor) {
	p.refusePasskey(w, r, v, errPasskey("a link for a first passkey came where there is one"),
		"You have a passkey already", "Add another with it, under Sign-in and passkeys. A key that is lost can be removed there first.")
}
