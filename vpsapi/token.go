package vpsapi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Token is an API token. It has no way to be printed, logged or encoded: every such attempt gives "[redacted]". It goes into the
// Authorization header of requests to the base URL's origin and nowhere else. The zero Token is "no token". Tokens are made in
// the VPS.org panel and start with "vps_".
//
// A Token is immutable and safe for concurrent use.
type Token struct {
	// A function, since fmt and dumpers by reflection walk into unexported fields of a struct that holds a Token, where no
	// String method is asked.
	reveal func() string
}

// NewToken wraps a secret. It takes any text; [NewReader] and [NewWriter] refuse one that cannot stand in a header.
func NewToken(secret string) Token {
	if secret == "" {
		return Token{}
	}
	return Token{reveal: func() string { return secret }}
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.reveal == nil }

// Fingerprint names the token without revealing it: 16 hex digits of a domain-separated SHA-256. Two tokens with one fingerprint
// are the same token. It is empty for the zero Token. It protects a token of high entropy, as the API's are; it would not protect
// a guessable one.
func (t Token) Fingerprint() string {
	if t.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte("vpsapi token fingerprint v1\x00" + t.reveal()))
	return hex.EncodeToString(sum[:8])
}

// String returns "[redacted]".
func (Token) String() string { return redacted }

// GoString returns "[redacted]".
func (Token) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalJSON returns "[redacted]" as a JSON string.
func (Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText returns "[redacted]".
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// secret is for the header and for scrubbing answers.
func (t Token) secret() string {
	if t.IsZero() {
		return ""
	}
	return t.reveal()
}

// checkToken says why a token cannot stand in a header, without showing any of it.
func checkToken(t Token) error {
	for _, c := range []byte(t.secret()) {
		if c <= ' ' || c > '~' {
			return &OptionError{Option: "token", Reason: "holds white space or characters outside printable ASCII; copy it again without line ends or quotes"}
		}
	}
	return nil
}
