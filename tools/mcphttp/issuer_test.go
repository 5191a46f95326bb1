package mcphttp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// issuer is an authorization server, as far as a resource server sees it.
type issuer struct {
	t   testing.TB
	url string

	mu     sync.Mutex
	keys   []jose.JSONWebKey // that are published
	signer jose.JSONWebKey
	down   bool
	asked  int                  // how often for the keys
	doc    func() (string, any) // where the metadata is, and what it says
	web    *httptest.Server
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{t: t}
	i.web = httptest.NewServer(i)
	t.Cleanup(i.web.Close)
	i.url = i.web.URL
	i.doc = func() (string, any) {
		return "/.well-known/openid-configuration", map[string]string{"issuer": i.url, "jwks_uri": i.url + "/keys"}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.signer = jose.JSONWebKey{Key: key, KeyID: "one", Algorithm: "RS256", Use: "sig"}
	i.keys = []jose.JSONWebKey{i.signer.Public()}
	return i
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	path, doc := i.doc()
	switch {
	case i.down:
		w.WriteHeader(http.StatusBadGateway)
	case r.URL.Path == path:
		_ = json.NewEncoder(w).Encode(doc)
	case r.URL.Path == "/keys":
		i.asked++
		unknown := map[string]string{"kty": "XYZ", "kid": "of a kind that nobody knows"}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": append([]any{unknown}, anys(i.keys)...)})
	default:
		http.NotFound(w, r)
	}
}

func anys(keys []jose.JSONWebKey) []any {
	var out []any
	for _, k := range keys {
		out = append(out, k)
	}
	return out
}

func (i *issuer) set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

// rotate signs with a new key, and publishes it and no other.
func (i *issuer) rotate(kid string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.set(func() {
		i.signer = jose.JSONWebKey{Key: key, KeyID: kid, Algorithm: "ES256", Use: "sig"}
		i.keys = []jose.JSONWebKey{i.signer.Public()}
	})
}

// claims are those of a right token that may do everything, with changes.
func (i *issuer) claims(change ...func(map[string]any)) map[string]any {
	now := time.Now()
	c := map[string]any{
		"iss": i.url, "sub": "00u1abc", "aud": audience, "scope": "openid vps:read vps:write",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for _, f := range change {
		f(c)
	}
	return c
}

func claim(name string, value any) func(map[string]any) {
	return func(c map[string]any) {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
}

// token signs claims with the issuer's key.
func (i *issuer) token(change ...func(map[string]any)) string {
	return i.typed("at+jwt", i.claims(change...))
}

func (i *issuer) typed(typ string, claims any) string {
	i.t.Helper()
	return signed(i.t, i.signer, typ, claims)
}

func signed(t testing.TB, key jose.JSONWebKey, typ string, claims any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := object.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// unsigned is a token as libraries won't make one.
func unsigned(t *testing.T, header, claims map[string]any) string {
	t.Helper()
	var parts []string
	for _, part := range []map[string]any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	return strings.Join(parts, ".")
}

// byPublicKey signs with the public key as if it were a secret.
func byPublicKey(t *testing.T, public crypto.PublicKey, claims map[string]any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	text := unsigned(t, map[string]any{"alg": "HS256", "kid": "one", "typ": "JWT"}, claims)
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
