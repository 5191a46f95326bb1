package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"vpsops/policy/gate"
)

// passkeyFields is what a form needs that an authenticator must sign.
type passkeyFields struct {
	Kind    string // "get" or "create"
	Token   string
	Options string // for the browser, as JSON
}

// askForPasskey makes the fields of a form that one of the person's keys must
// sign; nil where they have none that is good here.
func (p *page) askForPasskey(r *http.Request, v visitor, c ceremony) (*passkeyFields, error) {
	kept, err := p.Ballot.Passkeys(r.Context(), v.Person)
	if err != nil {
		return nil, err
	}
	owner := p.owner(v.Person, kept)
	party, err := p.party()
	if err != nil || len(owner.keys) == 0 {
		return nil, nil //nolint:nilerr,nilnil // without a relying party nobody has a key that is good here
	}
	token, challenge := p.begun(v, c)
	options, _, err := party.BeginLogin(owner, webauthn.WithChallenge(challenge))
	if err != nil {
		return nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	text, err := json.Marshal(options.Response)
	return &passkeyFields{"get", token, string(text)}, err
}

// explainPasskey is the library's reason, without what the client sent.
func explainPasskey(err error) string {
	var said *protocol.Error
	if errors.As(err, &said) {
		return said.Details
	}
	return "it is by no key of this person's"
}

// errPasskey says why an authenticator's answer does not count. It is for the
// audit trail; who sent it is told less.
type errPasskey string

func (e errPasskey) Error() string { return string(e) }

// provePasskey checks an authenticator's answer to a ceremony: by a key of this
// person's, for this origin and relying party, over this challenge, with the
// person verified (WebAuthn 3, 7.2). That it counts once is the gate's.
func (p *page) provePasskey(r *http.Request, v visitor, what string) (ceremony, *gate.PasskeyProof, error) {
	c, payload, ok := p.openCeremony(v, what, r.PostForm.Get("passkey_token"))
	if !ok {
		return c, nil, errPasskey("the passkey was asked for by another sign-in, for something else or too long ago")
	}
	kept, err := p.Ballot.Passkeys(r.Context(), v.Person)
	if err != nil {
		return c, nil, err
	}
	owner := p.owner(v.Person, kept)
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(r.PostForm.Get("passkey")))
	if err != nil {
		return c, nil, errPasskey("the passkey's answer cannot be read")
	}
	party, err := p.party()
	if err != nil {
		return c, nil, err
	}
	session := webauthn.SessionData{
		Challenge: base64url.EncodeToString(challengeOf(payload)), UserID: owner.handle, UserVerification: protocol.VerificationRequired,
	}
	key, err := party.ValidateLogin(owner, session, answer)
	if err != nil {
		return c, nil, errPasskey("the passkey's answer is not right: " + explainPasskey(err))
	}
	evidence, err := json.Marshal(map[string]any{
		"ceremony": json.RawMessage(payload), "key": base64url.EncodeToString(key.ID), "client_data": answer.Raw.AssertionResponse.ClientDataJSON,
		"authenticator_data": answer.Raw.AssertionResponse.AuthenticatorData, "signature": answer.Raw.AssertionResponse.Signature,
	})
	return c, &gate.PasskeyProof{
		ID: base64url.EncodeToString(key.ID), Uses: int64(answer.Response.AuthenticatorData.Counter),
		Nonce: c.Nonce, Until: time.Unix(c.Expires, 0), Evidence: evidence,
	}, err
}
