package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/rogpeppe/go-internal/testscript"
)

// authorizationServer publishes its key, and makes access tokens and ID tokens
// for one subject.
type authorizationServer struct {
	*httptest.Server
	key   jose.JSONWebKey
	nonce string // of the sign-in that is on its way
}

func (a *authorizationServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var doc any = map[string]string{
		"issuer": a.URL, "jwks_uri": a.URL + "/keys", "authorization_endpoint": a.URL + "/authorize", "token_endpoint": a.URL + "/token",
	}
	switch r.URL.Path {
	case "/keys":
		doc = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{a.key.Public()}}
	case "/token":
		token, err := a.sign("JWT", map[string]any{
			"iss": a.URL, "sub": "00u1abc", "aud": "page", "nonce": a.nonce, "exp": time.Now().Add(time.Hour).Unix(),
		})
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		doc = map[string]string{"access_token": "opaque", "token_type": "Bearer", "id_token": token}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(doc)
}

func (a *authorizationServer) sign(kind jose.ContentType, claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: a.key}, (&jose.SignerOptions{}).WithType(kind))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

func cmdIssuer(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 2, "issuer FILE [VARIABLE]")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	a := &authorizationServer{key: jose.JSONWebKey{Key: key, KeyID: "story", Algorithm: "ES256", Use: "sig"}}
	a.Server = httptest.NewServer(a)
	worldOf(ts).issuer = a
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "ISSUER", a.URL)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
	ts.Setenv(append(args, "VPSOPS_OAUTH_ISSUER")[1], a.URL)
}

// cmdProvider signs this story's browser in by the provider: it goes where the
// page sends it, and comes back as its subject.
func cmdProvider(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "provider ORIGIN")
	w := worldOf(ts)
	left := w.browser.open(ts, args[0]+"/login/oidc")
	address, err := url.Parse(left.location)
	ts.Check(err)
	w.issuer.nonce = address.Query().Get("nonce")
	answer := url.Values{"code": {"story"}, "state": {address.Query().Get("state")}}
	got := w.browser.open(ts, args[0]+"/login/oidc/callback?"+answer.Encode())
	show(ts, "%d\n%s", got.status, got.body)
}

func cmdAccess(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, -1, "access SCOPE…")
	w := worldOf(ts)
	token, err := w.issuer.sign("at+jwt", map[string]any{
		"iss": w.issuer.URL, "sub": "00u1abc", "aud": ts.Getenv("VPSOPS_OAUTH_AUDIENCE"),
		"scope": strings.Join(args, " "), "exp": time.Now().Add(time.Hour).Unix(),
	})
	ts.Check(err)
	w.secrets = append(w.secrets, token)
	ts.Setenv("BEARER", token)
}
