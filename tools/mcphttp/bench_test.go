package mcphttp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vpsops/policy"
	"vpsops/tools/mcphttp"
	"vpsops/tools/mcphttp/accesstoken"
)

// BenchmarkTokenCheck is what a call's credential costs, beside a caller who
// needs none: the first time in a minute, and then.
func BenchmarkTokenCheck(b *testing.B) {
	b.Run("none", func(b *testing.B) {
		local := mcphttp.Local(policy.Identity{Kind: policy.LocalUser, ID: "me"})
		r := httptest.NewRequest("POST", "/mcp", nil)
		r.RemoteAddr = "127.0.0.1:5000"
		for b.Loop() {
			_, _ = local(r)
		}
	})
	i := newIssuer(b)
	benchmarkToken(b, i, "token of the policy's", "vpsops_reader")
	benchmarkToken(b, i, "RS256", i.token(claim("nbf", nil)))
	for _, k := range otherKeys(b) {
		i.set(func() { i.keys = append(i.keys, k.Public()) })
		benchmarkToken(b, i, k.Algorithm, signed(b, k, "at+jwt", i.claims(claim("nbf", nil))))
	}
}

func otherKeys(b *testing.B) (keys []jose.JSONWebKey) {
	b.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	for algorithm, key := range map[string]crypto.Signer{"ES256": ec, "EdDSA": ed} {
		keys = append(keys, jose.JSONWebKey{Key: key, KeyID: algorithm, Algorithm: algorithm})
	}
	return keys
}

func benchmarkToken(b *testing.B, i *issuer, name, token string) {
	now := time.Now()
	oauth := &mcphttp.OAuth{
		Issuer:   i.url,
		Verifier: accesstoken.New(accesstoken.Config{Issuer: i.url, Audience: audience, Now: func() time.Time { return now }}),
		Listed:   func(policy.Identity) bool { return true },
	}
	check := mcphttp.ByBearer(findToken, oauth)
	r := httptest.NewRequest("POST", "/mcp", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	for when, step := range map[string]time.Duration{"first": -1, "again": 0} { // a time that goes back finds nothing verified a moment ago
		b.Run(name+", "+when, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := check(r); err != nil {
					b.Fatal(err)
				}
				now = now.Add(step)
			}
		})
	}
}
