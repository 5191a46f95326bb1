package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	maxKeyName = 40 // runes
	maxKeys    = 20 // of one person
)

// keyRow is a passkey in the list.
type keyRow struct {
	ID, Name    string
	Added, Used moment
	Strange     bool // it was not put there by this installation, and does nothing
	Remove      string
}

type passkeysPage struct {
	layout
	Everywhere string // the token of the form that signs out everywhere
	Since      moment
	Until      moment
	Link       bool // signed in by a one-time link
	Keys       []keyRow
	Add        *passkeyFields
	Alert      string
}

// showPasskeys lists a person's keys, and how they are signed in.
func (p *page) showPasskeys(w http.ResponseWriter, r *http.Request, v visitor) {
	p.listPasskeys(w, r, v, http.StatusOK, "")
}

func (p *page) listPasskeys(w http.ResponseWriter, r *http.Request, v visitor, status int, alert string) {
	kept, err := p.Ballot.Passkeys(r.Context(), v.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data := passkeysPage{layout: p.layout("Sign-in and passkeys", v), Alert: alert, Keys: p.keyRows(v, kept)}
	if s := v.Session; s != nil {
		data.Everywhere, data.Link = data.SignOut, s.OwnOnly
		data.Since, data.Until = momentOf(s.Created, p.Now()), momentOf(s.Expires, p.Now())
	}
	if len(kept) < maxKeys {
		if data.Add, err = p.askForPasskey(r, v, ceremony{What: toAdd}); err != nil {
			p.fail(w, r, err)
			return
		}
	}
	p.render(w, r, status, "passkeys", data)
}

func (p *page) keyRows(v visitor, kept []ledger.Passkey) []keyRow {
	good := map[string]bool{}
	for _, k := range p.owner(v.Person, kept).keys {
		good[base64url.EncodeToString(k.ID)] = true
	}
	rows := make([]keyRow, len(kept))
	for i, k := range kept {
		rows[i] = keyRow{
			k.ID, inert.Text(k.Name, maxKeyName), momentOf(k.Created, p.Now()), momentOf(k.Used, p.Now()),
			!good[k.ID], p.formToken(v, aboutKey+k.ID, ""),
		}
	}
	return rows
}

const aboutKey = "remove passkey "

// removePasskey takes a key away. It needs no key: the one that is lost is the
// one to be removed.
func (p *page) removePasskey(w http.ResponseWriter, r *http.Request, v visitor) {
	id := r.PostForm.Get("key")
	if _, ok := p.openFormToken(v, aboutKey+id, r.PostForm.Get("csrf")); !ok {
		p.refuseToken(w, r)
		return
	}
	if r.PostForm.Get("sure") != "yes" {
		kept, err := p.Ballot.Passkeys(r.Context(), v.Person)
		if err != nil {
			p.fail(w, r, err)
			return
		}
		if len(kept) == 1 && kept[0].ID == id {
			p.render(w, r, http.StatusOK, "lastkey", lastKeyPage{p.layout("Your only passkey", v), p.keyRows(v, kept)[0]})
			return
		}
	}
	err := p.Ballot.DropPasskey(r.Context(), v.Identity, v.Person, id)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) { // gone already is as good
		p.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/passkeys", http.StatusSeeOther)
}

// lastKeyPage asks whether the key is to go after which there is none.
type lastKeyPage struct {
	layout
	Key keyRow
}

// addPasskey lets whoever has proved one of their keys register another.
func (p *page) addPasskey(w http.ResponseWriter, r *http.Request, v visitor) {
	_, proof, err := p.provePasskey(r, v, toAdd)
	if err == nil {
		err = p.Ballot.ProvePasskey(r.Context(), v.Identity, v.Person, *proof)
	}
	var refused *gate.VoteError
	var wrong errPasskey
	switch {
	case errors.As(err, &wrong):
		p.refusePasskey(w, r, v, wrong, "That passkey did not count", "Nothing was added. Open Sign-in and passkeys again, and use a key that is listed there.")
		return
	case errors.As(err, &refused):
		p.listPasskeys(w, r, v, http.StatusForbidden, inert.Sentence(refused.Problem, maxReason))
		return
	case err != nil:
		p.fail(w, r, err)
		return
	}
	kept, err := p.Ballot.Passkeys(r.Context(), v.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.showRegistration(w, r, v, p.owner(v.Person, kept), ceremony{})
}

type enrolPage struct {
	layout
	Ask        *passkeyFields
	MaxKeyName int
}

// showRegistration asks the browser for a new key.
func (p *page) showRegistration(w http.ResponseWriter, r *http.Request, v visitor, owner keyOwner, c ceremony) {
	party, err := p.party()
	if err != nil {
		p.Logger.Error("passkeys cannot be used at this page's address", "origin", p.Origin, "error", err)
		p.refuse(w, r, http.StatusServiceUnavailable, "Passkeys cannot be used here", "They need the page to be reached by a name over https, which VPSOPS_PUBLIC_URL gives.")
		return
	}
	c.What, c.Handle = toRegister, base64url.EncodeToString(owner.handle)
	token, challenge := p.begun(v, c)
	options, _, err := party.BeginRegistration(owner, webauthn.WithExclusions(webauthn.Credentials(owner.keys).CredentialDescriptors()),
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil })
	if err != nil {
		p.fail(w, r, err)
		return
	}
	text, err := json.Marshal(options.Response)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, "enrol", enrolPage{p.layout("Register a passkey", v), &passkeyFields{"create", token, string(text)}, maxKeyName})
}

// registerPasskey keeps the key that the browser made.
func (p *page) registerPasskey(w http.ResponseWriter, r *http.Request, v visitor) {
	c, key, err := p.newPasskey(r, v)
	if err == nil {
		err = p.Ballot.AddPasskey(r.Context(), v.Identity, key, gate.Grant{Nonce: c.Nonce, Until: time.Unix(c.Expires, 0), First: c.First})
	}
	var wrong errPasskey
	switch {
	case err == nil:
		http.Redirect(w, r, "/passkeys", http.StatusSeeOther)
	case errors.As(err, &wrong):
		p.refusePasskey(w, r, v, wrong, "The passkey was not registered", "What your browser made does not fit what was asked for. Begin again.")
	case errors.Is(err, ledger.ErrSpent):
		p.refusePasskey(w, r, v, errPasskey("a grant of a passkey was used before"), "The passkey was not registered", "This form was sent before, and is good once.")
	case errors.Is(err, gate.ErrNotFirst):
		p.notFirst(w, r, v)
	case errors.Is(err, gate.ErrPasskeyKept):
		p.refusePasskey(w, r, v, errPasskey(err.Error()), "The passkey was not registered", "It is registered already.")
	default:
		p.fail(w, r, err)
	}
}

// newPasskey checks what the browser made (WebAuthn 3, 7.1).
func (p *page) newPasskey(r *http.Request, v visitor) (c ceremony, k ledger.Passkey, err error) {
	c, payload, ok := p.openCeremony(v, toRegister, r.PostForm.Get("passkey_token"))
	if !ok {
		return c, k, errPasskey("a registration of another sign-in, or too long ago")
	}
	made, err := protocol.ParseCredentialCreationResponseBytes([]byte(r.PostForm.Get("passkey")))
	if err != nil {
		return c, k, errPasskey("the new passkey cannot be read")
	}
	party, err := p.party()
	if err != nil {
		return c, k, err
	}
	handle, err := base64url.DecodeString(c.Handle)
	if err != nil {
		return c, k, err
	}
	session := webauthn.SessionData{
		Challenge: base64url.EncodeToString(challengeOf(payload)), UserID: handle,
		UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersDefault(),
	}
	credential, err := party.CreateCredential(keyOwner{person: v.Person, handle: handle}, session, made)
	if err != nil {
		return c, k, errPasskey("the new passkey is not right: " + explainPasskey(err))
	}
	sealed, err := p.sealKey(v.Person, handle, *credential)
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" {
		name = "Passkey"
	}
	return c, ledger.Passkey{
		ID: base64url.EncodeToString(credential.ID), Person: v.Person, Name: inert.Text(name, maxKeyName), Handle: c.Handle,
		Credential: sealed, Uses: int64(credential.Authenticator.SignCount), Created: p.Now(),
	}, err
}

// refusePasskey records what is wrong, and says what to do.
func (p *page) refusePasskey(w http.ResponseWriter, r *http.Request, v visitor, why errPasskey, title, text string) {
	if wait := p.limits.refusal(r); wait > 0 {
		p.tooMany(w, r, wait)
		return
	}
	p.Logger.Warn("a passkey was refused", "person", v.Person, "why", why.Error())
	if err := p.Ballot.PasskeyRefused(r.Context(), v.Identity, why.Error()); err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, http.StatusForbidden, "message", messagePage{p.layout(title, v), text})
}
