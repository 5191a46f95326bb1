// Package seal makes values that travel through other hands and come back
// unchanged: a dialog's state, a sign-in code, a button's value. They are
// signed, not hidden.
package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// ErrForged is the answer to a value that this key did not seal for this
// purpose. Refuse it, and record that it came.
var ErrForged = errors.New("seal: this was not made here, or was changed")

// Key seals and opens. It is safe for concurrent use and prints as nothing.
type Key struct{ secret [32]byte }

// NewKey makes a key of 32 secret bytes.
func NewKey(secret [32]byte) Key { return Key{secret} }

// String keeps the secret out of logs.
func (Key) String() string { return "[redacted]" }

// GoString keeps the secret out of logs.
func (Key) GoString() string { return "[redacted]" }

var encoding = base64.RawURLEncoding

// Seal returns the payload with a MAC, as URL-safe text. What is sealed for
// one purpose does not open for another.
func (k Key) Seal(purpose string, payload []byte) string {
	return encoding.EncodeToString(payload) + "." + encoding.EncodeToString(k.mac(purpose, payload))
}

// Open returns the payload of a text as Seal made it, or ErrForged. Expiry and
// single use are the caller's to check.
func (k Key) Open(purpose, text string) ([]byte, error) {
	body, _, _ := strings.Cut(text, ".")
	payload, err := encoding.DecodeString(body)
	// The whole text is compared: a decoder takes others for the same payload, with
	// line breaks in them, and one that is used up once must have but one text.
	if err != nil || !hmac.Equal([]byte(text), []byte(k.Seal(purpose, payload))) {
		return nil, ErrForged
	}
	return payload, nil
}

// Derive returns 32 bytes that belong to a purpose and tell nothing of the key.
func (k Key) Derive(purpose string) []byte {
	derived, err := hkdf.Key(sha256.New, k.secret[:], nil, "vpsops "+purpose, sha256.Size)
	if err != nil { // only for lengths that SHA-256 cannot give
		panic(err)
	}
	return derived
}

func (k Key) mac(purpose string, payload []byte) []byte {
	h := hmac.New(sha256.New, k.Derive(purpose))
	h.Write(payload)
	return h.Sum(nil)
}
