package accesstoken

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// algorithms are the signatures taken. None of them is symmetric: under one
// that is, the issuer's public key would do as the secret.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

const (
	maxToken = 16 << 10 // bytes
	skew     = 30 * time.Second
)

// Config says whose tokens are taken. Issuer and Audience are needed.
type Config struct {
	Issuer   string // as the tokens' iss has it, byte for byte
	Audience string // one of the tokens' aud, byte for byte

	Client *http.Client     // asks the issuer; one with time-outs where nil
	Logger *slog.Logger     // discards where nil
	Now    func() time.Time // time.Now where nil
}

// Verifier checks access tokens. It is safe for concurrent use. It asks the
// issuer for its keys when they are first wanted, so one out of reach stops
// nothing but the calls.
type Verifier struct {
	Config
	keys *keySet
	seen seen
}

// New makes a verifier.
func New(c Config) *Verifier {
	if c.Client == nil {
		c.Client = newClient()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	source := &source{issuer: c.Issuer, client: c.Client}
	return &Verifier{Config: c, keys: newKeySet(source.keys, c.Now, c.Logger)}
}

// Check asks the issuer for its keys, for whoever wants to know whether it can
// be reached. The error is an [*UnavailableError].
func (v *Verifier) Check(ctx context.Context) error {
	if _, err := v.keys.fetch(ctx); err != nil {
		return &UnavailableError{Issuer: v.Issuer, Err: err}
	}
	return nil
}

// Token is what an access token says.
type Token struct {
	Issuer  string
	Subject string // who it speaks for: unique at its issuer, never used again
	Scopes  []string
	Expires time.Time // when it is taken no longer, by a clock that may be off
}

// Verify checks a token: its signature by the issuer's keys, its type, issuer,
// audience and times, and that whoever sends it need prove nothing more. The
// error is an [*InvalidError], an [*UnavailableError] or ctx's.
func (v *Verifier) Verify(ctx context.Context, raw string) (Token, error) {
	if len(raw) > maxToken {
		return Token{}, invalid("it is longer than any access token")
	}
	keys := v.keys.fetchedAt() // before: what others fetch meanwhile has not verified this token
	if t, ok := v.seen.find(raw, keys, v.Now()); ok {
		return t, nil
	}
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return Token{}, invalid("it is no signed JWT, or signed in a way that is not taken")
	}
	header := signed.Signatures[0].Protected
	if !isAccessToken(header) {
		return Token{}, invalid("its type is neither at+jwt nor JWT")
	}
	payload, err := v.verifySignature(ctx, signed, header)
	if err != nil {
		return Token{}, err
	}
	t, err := v.read(payload)
	if err == nil {
		v.seen.keep(raw, t, keys, v.Now())
	}
	return t, err
}

// isAccessToken tells by the type (RFC 9068, 2.1). The plain JWT, said or not,
// is what most issuers write; a kind of its own, such as logout+jwt, is for
// something else.
func isAccessToken(h jose.Header) bool {
	given, present := h.ExtraHeaders[jose.HeaderType]
	name, ok := given.(string)
	name = strings.TrimPrefix(strings.ToLower(name), "application/")
	return !present || ok && (name == "at+jwt" || name == "jwt")
}

// verifySignature returns what was signed. A token that names no key may be by
// one that is newer than those known.
func (v *Verifier) verifySignature(ctx context.Context, signed *jose.JSONWebSignature, h jose.Header) ([]byte, error) {
	finds := []func(context.Context, jose.Header) ([]jose.JSONWebKey, error){v.keys.find, v.keys.findAnew}
	if h.KeyID != "" {
		finds = finds[:1]
	}
	for _, find := range finds {
		keys, err := find(ctx, h)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, &UnavailableError{Issuer: v.Issuer, Err: err}
		}
		for _, key := range keys {
			if payload, err := signed.Verify(key.Key); err == nil {
				return payload, nil
			}
		}
	}
	return nil, invalid("no key of the authorization server verifies its signature")
}

// read checks the claims of a token whose signature is right.
func (v *Verifier) read(payload []byte) (Token, error) {
	c, err := parseClaims(payload)
	now := v.Now()
	switch {
	case err != nil:
		return Token{}, invalid("its claims can't be read")
	case c.Issuer != v.Issuer:
		return Token{}, invalid("it is another authorization server's")
	case !slices.Contains(c.Audience, v.Audience):
		return Token{}, invalid("it was made for another service (its audience is not this one's)")
	case c.Expiry == nil:
		return Token{}, invalid("it says nothing of when it expires")
	case !now.Before(c.expires()):
		return Token{}, invalid("it has expired")
	case c.NotBefore != nil && now.Add(skew).Before(c.NotBefore.Time()):
		return Token{}, invalid("it is not good yet")
	case c.Subject == "":
		return Token{}, invalid("it says nothing of whom it speaks for")
	case len(c.Confirmation) > 0:
		return Token{}, invalid("it is bound to a key of its client's, which this server can't check")
	}
	return Token{Issuer: c.Issuer, Subject: c.Subject, Scopes: c.scopes(), Expires: c.expires()}, nil
}
