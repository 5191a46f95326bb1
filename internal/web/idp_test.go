package web_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"vpsops/internal/web"
	"vpsops/internal/web/provider"
)

const (
	clientID     = "vpsops-page"
	clientSecret = "a secret of the client's"
)

// idp is an OpenID provider that may be told to misbehave.
type idp struct {
	t   *testing.T
	web *httptest.Server

	mu       sync.Mutex
	keys     []jose.JSONWebKey
	signer   jose.JSONWebKey
	codes    map[string]grant
	down     bool
	metadata map[string]any       // over the right ones
	claims   func(map[string]any) // changes an ID token's
	raw      func(string) string  // changes a signed ID token
	asked    map[string]int       // by path
}

// grant is what a code stands for.
type grant struct {
	subject string
	query   url.Values // of the authorization request
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	i := &idp{t: t, codes: map[string]grant{}, asked: map[string]int{}}
	i.rotate("one")
	i.web = httptest.NewServer(i)
	t.Cleanup(i.web.Close)
	return i
}

func (i *idp) set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

// rotate signs with a new key, and publishes no other.
func (i *idp) rotate(kid string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		i.t.Fatal(err)
	}
	i.set(func() {
		i.signer = jose.JSONWebKey{Key: key, KeyID: kid, Algorithm: "RS256", Use: "sig"}
		i.keys = []jose.JSONWebKey{i.signer.Public()}
	})
}

func (i *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[r.URL.Path]++
	switch {
	case i.down:
		w.WriteHeader(http.StatusBadGateway)
	case r.URL.Path == "/.well-known/openid-configuration":
		doc := map[string]any{
			"issuer": i.web.URL, "authorization_endpoint": i.web.URL + "/authorize", "token_endpoint": i.web.URL + "/token",
			"jwks_uri": i.web.URL + "/keys", "authorization_response_iss_parameter_supported": true,
		}
		for name, value := range i.metadata {
			doc[name] = value
		}
		answerJSON(w, http.StatusOK, doc)
	case r.URL.Path == "/keys":
		answerJSON(w, http.StatusOK, map[string]any{"keys": i.keys})
	case r.URL.Path == "/token":
		i.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

// token gives an ID token for a code, once, to the client and browser that
// began (RFC 6749, 4.1.3; RFC 7636, 4.6).
func (i *idp) token(w http.ResponseWriter, r *http.Request) {
	g, known := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	id, secret, _ := r.BasicAuth()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case id != clientID || secret != url.QueryEscape(clientSecret):
		answerJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	case !known, g.query.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]),
		r.PostFormValue("redirect_uri") != g.query.Get("redirect_uri"):
		answerJSON(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"access_token": "opaque", "token_type": "Bearer", "id_token": i.idToken(g)})
}

func (i *idp) idToken(g grant) string {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	claims := map[string]any{
		"iss": i.web.URL, "sub": g.subject, "aud": clientID, "nonce": g.query.Get("nonce"),
		"iat": at.Unix(), "exp": at.Add(time.Hour).Unix(),
	}
	if i.claims != nil {
		i.claims(claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.signer}, nil)
	if err != nil {
		panic(err)
	}
	payload, _ := json.Marshal(claims)
	object, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	text, _ := object.CompactSerialize()
	if i.raw != nil {
		text = i.raw(text)
	}
	return text
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// signsIn is what somebody signs in to at the provider, and what their browser
// then comes back with.
func (i *idp) signsIn(address, subject string) url.Values {
	i.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		i.t.Fatal(err)
	}
	query, code := u.Query(), rand.Text()
	i.set(func() { i.codes[code] = grant{subject, query} })
	return url.Values{"code": {code}, "state": {query.Get("state")}, "iss": {i.web.URL}}
}

// page makes the page take people by this provider.
func (i *idp) page(c *web.Config) {
	c.Provider = provider.New(provider.Config{Issuer: i.web.URL, ClientID: clientID, ClientSecret: clientSecret, Now: c.Now})
}

// idpStand is a stand whose people have accounts at a provider.
func idpStand(t *testing.T) (*stand, *idp) {
	t.Helper()
	i := newIDP(t)
	d := document()
	for name, p := range d.People {
		p.OIDC = []string{i.web.URL + "|sub-" + name}
		d.People[name] = p
	}
	s := newStand(t, options{Document: d, Page: i.page})
	return s, i
}

// leave begins a sign-in and returns where the browser is sent.
func (b *browser) leave(path string) string {
	b.t.Helper()
	r := b.get(path)
	if r.status != http.StatusSeeOther {
		b.t.Fatalf("%s: %d %s", path, r.status, r.body)
	}
	return r.header.Get("Location")
}

// comeBack is the provider's redirect.
func (b *browser) comeBack(answer url.Values) response {
	b.t.Helper()
	return b.get("/login/oidc/callback?"+answer.Encode(), header("Sec-Fetch-Site", "cross-site"))
}

// byProvider is a browser that has signed in at the provider.
func (s *stand) byProvider(i *idp, person string) *browser {
	s.t.Helper()
	b := s.newBrowser()
	b.comeBack(i.signsIn(b.leave("/login/oidc"), "sub-"+person)).want(http.StatusOK, "You are signed in", person)
	return b
}
