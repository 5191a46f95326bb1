package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/rogpeppe/go-internal/testscript"
)

// authorizationServer publishes its key, and makes access tokens for one
// subject.
type authorizationServer struct {
	*httptest.Server
	key jose.JSONWebKey
}

func (a *authorizationServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var doc any = map[string]string{"issuer": a.URL, "jwks_uri": a.URL + "/keys"}
	if r.URL.Path == "/keys" {
		doc = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{a.key.Public()}}
	}
	_ = json.NewEncoder(w).Encode(doc)
}

func cmdIssuer(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "issuer FILE")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	a := &authorizationServer{key: jose.JSONWebKey{Key: key, KeyID: "story", Algorithm: "ES256", Use: "sig"}}
	a.Server = httptest.NewServer(a)
	worldOf(ts).issuer = a
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "ISSUER", a.URL)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
	ts.Setenv("VPSOPS_OAUTH_ISSUER", a.URL)
}

func cmdAccess(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, -1, "access SCOPE…")
	w := worldOf(ts)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: w.issuer.key}, (&jose.SignerOptions{}).WithType("at+jwt"))
	ts.Check(err)
	token, err := jwt.Signed(signer).Claims(map[string]any{
		"iss": w.issuer.URL, "sub": "00u1abc", "aud": ts.Getenv("VPSOPS_OAUTH_AUDIENCE"),
		"scope": strings.Join(args, " "), "exp": time.Now().Add(time.Hour).Unix(),
	}).Serialize()
	ts.Check(err)
	w.secrets = append(w.secrets, token)
	ts.Setenv("BEARER", token)
}
