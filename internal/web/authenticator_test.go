package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

var b64 = base64.RawURLEncoding.EncodeToString

// authenticator is a security key in software, and the browser before it. Its
// fields may be changed to make it lie.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle string
	count  uint32
	rp     string // whose key it says it is
	origin string // where the browser says it is
	uv     byte   // its flag for a verified user, or 0
}

const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagNewKey   = 0x40
)

func (s *stand) newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{t: t, key: key, id: []byte(rand.Text()), rp: u.Hostname(), origin: s.Origin, uv: flagVerified}
}

// data is the authenticator data (WebAuthn 3, 6.1).
func (a *authenticator) data(flags byte, attested []byte) []byte {
	a.count++
	rp := sha256.Sum256([]byte(a.rp))
	out := append(rp[:], flags|flagPresent|a.uv)
	out = binary.BigEndian.AppendUint32(out, a.count)
	return append(out, attested...)
}

func (a *authenticator) clientData(kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

func (a *authenticator) answer(response map[string]any) string {
	text, err := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	if err != nil {
		a.t.Fatal(err)
	}
	return string(text)
}

// create makes a key, as navigator.credentials.create does.
func (a *authenticator) create(options string) string {
	a.t.Helper()
	var o struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	a.read(options, &o)
	a.handle = o.User.ID
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		a.t.Fatal(err)
	}
	attested := append(make([]byte, 16), byte(len(a.id)>>8), byte(len(a.id)))
	attested = append(append(attested, a.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(flagNewKey, attested)})
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(a.clientData("webauthn.create", o.Challenge)), "attestationObject": b64(object)})
}

// get signs, as navigator.credentials.get does.
func (a *authenticator) get(options string) string {
	a.t.Helper()
	var o struct {
		Challenge string `json:"challenge"`
	}
	a.read(options, &o)
	data, client := a.data(0, nil), a.clientData("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(data, hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": a.handle})
}

func (a *authenticator) read(options string, into any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(options), into); err != nil {
		a.t.Fatalf("the options cannot be read: %v: %s", err, options)
	}
}

var optionsField = regexp.MustCompile(`data-options="([^"]*)"`)

// options is what the page asks the browser's authenticator.
func (r response) options() string {
	r.t.Helper()
	m := optionsField.FindStringSubmatch(r.body)
	if m == nil {
		r.t.Fatalf("the page asks for no passkey: %d %s", r.status, r.body)
	}
	return html.UnescapeString(m[1])
}
