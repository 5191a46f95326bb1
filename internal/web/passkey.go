package web

import (
	"encoding/base64"
	"encoding/json"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"vpsops/policy/ledger"
)

const storedKeyPurpose = "passkey of a person"

var base64url = base64.RawURLEncoding

// relyingParty makes what checks passkeys: for this page's origin and host
// alone, with the person verified by a finger, a face or a PIN each time.
func relyingParty(origin string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "vpsops", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationRequired,
		},
	})
}

// keyOwner is a person as the library wants one.
type keyOwner struct {
	person string
	handle []byte
	keys   []webauthn.Credential
}

func (o keyOwner) WebAuthnID() []byte                         { return o.handle }
func (o keyOwner) WebAuthnName() string                       { return o.person }
func (o keyOwner) WebAuthnDisplayName() string                { return o.person }
func (o keyOwner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

// storedKey is what a passkey's record seals: who can write the ledger, and
// has no key of the installation's, can neither plant a passkey nor make one
// another person's.
type storedKey struct {
	Person     string              `json:"person"`
	Handle     string              `json:"handle"`
	Credential webauthn.Credential `json:"credential"`
}

func (p *page) sealKey(person string, handle []byte, c webauthn.Credential) (string, error) {
	c.Attestation = webauthn.CredentialAttestation{} // none is asked for
	text, err := json.Marshal(storedKey{person, base64url.EncodeToString(handle), c})
	return p.Key.Seal(storedKeyPurpose, text), err
}

// owner is a person with those of their keys that were sealed here.
func (p *page) owner(person string, keys []ledger.Passkey) keyOwner {
	o := keyOwner{person: person}
	for _, k := range keys {
		var s storedKey
		text, err := p.Key.Open(storedKeyPurpose, k.Credential)
		if err != nil || json.Unmarshal(text, &s) != nil || s.Person != person || base64url.EncodeToString(s.Credential.ID) != k.ID {
			p.Logger.Error("a passkey in the ledger was not put there by this installation", "person", person, "key", k.ID)
			continue
		}
		handle, err := base64url.DecodeString(s.Handle)
		if err != nil || len(o.keys) > 0 && string(handle) != string(o.handle) {
			continue
		}
		o.handle, o.keys = handle, append(o.keys, s.Credential)
	}
	return o
}
