package mcphttp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
	"vpsops/tools/mcphttp/accesstoken"
)

const audience = "https://ops.example.com/mcp"

// oauthStand takes the issuer's tokens for subject 00u1abc, and two tokens of
// the policy's. The log of it all stays in logged.
type oauthStand struct {
	*stand
	*issuer
	logged bytes.Buffer
	sent   int // changes that were called
}

func newOAuthStand(t *testing.T) *oauthStand {
	t.Helper()
	s := &oauthStand{issuer: newIssuer(t)}
	logger := slog.New(slog.NewTextHandler(&s.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	oauth := &mcphttp.OAuth{
		Issuer: s.issuer.url, PublicURL: "https://ops.example.com",
		Verifier: accesstoken.New(accesstoken.Config{Issuer: s.issuer.url, Audience: audience, Logger: logger}),
		Listed: func(id policy.Identity) bool {
			return id.ID == s.issuer.url+"|00u1abc" && id.Kind == policy.OIDCSubject
		},
	}
	s.stand = newStand(t, func(c *mcphttp.Config) {
		c.Authenticate = mcphttp.ByBearer(findToken, oauth)
		c.OAuth, c.Logger = oauth, logger
		c.Changes = func(tool string) bool { return tool == "delete_server" }
	})
	s.tool("delete_server", func(context.Context) (*mcp.CallToolResult, error) {
		s.sent++
		return mcp.NewToolResultText("asked"), nil
	})
	return s
}

func shaOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func findToken(sha string) (tools.Caller, bool) {
	for name, readOnly := range map[string]bool{"reader": true, "writer": false} {
		if shaOf("vpsops_"+name) == sha {
			return tools.Caller{Identity: policy.Identity{Kind: policy.BearerToken, ID: name}, ReadOnly: readOnly}, true
		}
	}
	return tools.Caller{}, false
}

const deletion = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"delete_server",` + modernID + `}}`

func (s *oauthStand) delete(token string) reply {
	s.stand.t.Helper()
	return s.do("POST", deletion, header("Authorization", "Bearer "+token), modern("tools/call", "delete_server"))
}

const metadataAddress = `resource_metadata="https://ops.example.com/.well-known/oauth-protected-resource/mcp"`

// challenges wants a status and a challenge that holds each of the parts.
func (r reply) challenges(t *testing.T, status int, parts ...string) {
	t.Helper()
	got := r.Header.Get("WWW-Authenticate")
	if r.StatusCode != status || !strings.HasPrefix(got, "Bearer ") {
		t.Errorf("%d %q, challenge %q; want %d", r.StatusCode, r.body, got, status)
	}
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("challenge %q lacks %q", got, part)
		}
	}
}

func TestAccessTokenLetsItsSubjectIn(t *testing.T) {
	s := newOAuthStand(t)
	who := `"text":"` + s.issuer.url + `|00u1abc"`
	soon := time.Now().Add(20 * time.Second).Unix()
	for name, token := range map[string]string{
		"at+jwt":             s.token(),
		"JWT":                s.typed("JWT", s.claims()),
		"application/at+jwt": s.typed("application/at+jwt", s.claims()),
		"no type":            s.typed("", s.claims()),
		"several audiences":  s.token(claim("aud", []string{"https://other.example.com", audience})),
		"scp, a list":        s.token(claim("scope", nil), claim("scp", []string{"vps:read"})),
		"scp, a text":        s.token(claim("scope", nil), claim("scp", "openid vps:read")),
		"a clock behind":     s.token(claim("nbf", soon), claim("iat", soon)),
		"a clock ahead":      s.token(claim("exp", time.Now().Add(-20*time.Second).Unix())),
		"no nbf":             s.token(claim("nbf", nil)),
	} {
		t.Run(name, func(t *testing.T) { s.whoami(token).want(t, http.StatusOK, who) })
	}
	s.delete(s.token(claim("scope", "vps:write"))).want(t, http.StatusOK, "asked")
	s.do("POST", hello, header("Authorization", "bearer "+s.token())).want(t, http.StatusOK, "serverInfo")
}

func TestWrongAccessTokensAreChallenged(t *testing.T) {
	s := newOAuthStand(t)
	other := newIssuer(t)
	public := s.signer.Public().Key
	whole := s.token()
	parts := strings.Split(whole, ".")
	embedded := func() string {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, &jose.SignerOptions{EmbedJWK: true})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(s.claims())
		if err != nil {
			t.Fatal(err)
		}
		object, err := signer.Sign(text)
		if err != nil {
			t.Fatal(err)
		}
		compact, err := object.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return compact
	}
	stranger := other.signer
	stranger.KeyID = "one"
	twice := strings.Replace(string(must(json.Marshal(s.claims()))), `{`, `{"aud":"https://other.example.com",`, 1)
	for name, c := range map[string]struct{ token, why string }{
		"no token at all":           {"rubbish", "not one of the policy's"},
		"three parts of nothing":    {"a.b.c", "no signed JWT"},
		"another audience":          {s.token(claim("aud", "https://other.example.com")), "another service"},
		"an audience like it":       {s.token(claim("aud", audience+"/")), "another service"},
		"no audience":               {s.token(claim("aud", nil)), "another service"},
		"another issuer's claim":    {s.token(claim("iss", other.url)), "another authorization server"},
		"another issuer's key":      {signed(t, stranger, "at+jwt", s.claims()), "verifies its signature"},
		"a key of its own":          {embedded(), "verifies its signature"},
		"expired":                   {s.token(claim("exp", time.Now().Add(-time.Minute).Unix())), "expired"},
		"never expires":             {s.token(claim("exp", nil)), "says nothing of when it expires"},
		"not yet":                   {s.token(claim("nbf", time.Now().Add(time.Minute).Unix())), "not good yet"},
		"nobody's":                  {s.token(claim("sub", nil)), "whom it speaks for"},
		"bound to a key":            {s.token(claim("cnf", map[string]string{"jkt": "x"})), "bound to a key"},
		"for logging out":           {s.typed("logout+jwt", s.claims()), "its type"},
		"a proof":                   {s.typed("dpop+jwt", s.claims()), "its type"},
		"alg none":                  {unsigned(t, map[string]any{"alg": "none", "typ": "JWT"}, s.claims()) + ".", "no signed JWT"},
		"alg none, signed":          {unsigned(t, map[string]any{"alg": "None", "typ": "JWT"}, s.claims()) + "." + parts[2], "no signed JWT"},
		"HS256 by the public key":   {byPublicKey(t, public, s.claims()), "no signed JWT"},
		"the signature cut off":     {parts[0] + "." + parts[1] + ".", "refused"},
		"other claims":              {parts[0] + "." + strings.Split(s.token(claim("sub", "root")), ".")[1] + "." + parts[2], "verifies its signature"},
		"a name in another case":    {s.typed("JWT", rename(s.claims(), "aud", "AUD")), "another service"},
		"a claim that stands twice": {s.typed("JWT", json.RawMessage(twice)), "can't be read"},
		"huge":                      {strings.Repeat("a", 17<<10) + ".b.c", "longer than any"},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.whoami(c.token)
			got.challenges(t, http.StatusUnauthorized, metadataAddress, `error="invalid_token"`)
			if !strings.Contains(got.body, c.why) {
				t.Errorf("%q, want %q", got.body, c.why)
			}
		})
	}
	s.do("POST", whoami, header("Authorization", "")).challenges(t, http.StatusUnauthorized, metadataAddress)
	s.do("POST", whoami, header("Authorization", "Basic YTpi")).challenges(t, http.StatusUnauthorized, metadataAddress)
	s.do("POST", whoami, func(r *http.Request) { r.Header.Add("Authorization", "Bearer "+whole) }).want(t, http.StatusBadRequest, "several")
	if strings.Contains(s.logged.String(), "eyJ") {
		t.Errorf("a token reached the log:\n%s", &s.logged)
	}
	s.whoami(whole).want(t, http.StatusOK, "00u1abc")
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func rename(c map[string]any, from, to string) map[string]any {
	c[to] = c[from]
	delete(c, from)
	return c
}

func TestTokenWithoutScopeIsToldWhichItTakes(t *testing.T) {
	s := newOAuthStand(t)
	for _, token := range []string{
		s.token(claim("scope", "openid email")), s.token(claim("scope", nil)),
		s.token(claim("scope", "vps:readwrite VPS:READ")),
	} {
		s.whoami(token).challenges(t, http.StatusForbidden, `error="insufficient_scope"`, `scope="vps:read vps:write"`, metadataAddress)
	}
}

func TestReadScopeThatCallsDeleteIsToldWhatItTakes(t *testing.T) {
	s := newOAuthStand(t)
	reader := s.token(claim("scope", "vps:read"))
	for _, token := range []string{reader, "vpsops_reader"} {
		s.delete(token).challenges(t, http.StatusForbidden, `error="insufficient_scope"`, `scope="vps:read vps:write"`, metadataAddress)
		id := s.do("POST", hello, header("Authorization", "Bearer "+token)).Header.Get("Mcp-Session-Id")
		s.do("POST", deletion, header("Authorization", "Bearer "+token), header("Mcp-Session-Id", id)).challenges(t, http.StatusForbidden)
		s.whoami(token).want(t, http.StatusOK, `"text"`)
	}
	if s.sent != 0 {
		t.Errorf("%d calls came through", s.sent)
	}
	for _, token := range []string{s.token(), "vpsops_writer"} {
		s.delete(token).want(t, http.StatusOK, "asked")
	}
}

func TestRightTokenOfSomebodyUnlistedOpensNothing(t *testing.T) {
	s := newOAuthStand(t)
	got := s.whoami(s.token(claim("sub", "00u1abd")))
	if got.want(t, http.StatusForbidden, s.issuer.url+"|00u1abd"); got.Header.Get("WWW-Authenticate") != "" {
		t.Error("a challenge asks for another token, which would not help")
	}
}

func TestRotatedKeysAreFollowed(t *testing.T) {
	s := newOAuthStand(t)
	old := s.token()
	s.whoami(old).want(t, http.StatusOK, "")
	s.rotate("two")
	s.whoami(s.token()).want(t, http.StatusOK, "00u1abc")
	s.whoami(old).challenges(t, http.StatusUnauthorized, `error="invalid_token"`)
	s.rotate("") // neither keys nor tokens say which they are
	s.whoami(s.token()).want(t, http.StatusOK, "00u1abc")
}

func TestIssuerOutOfReachRefusesForAWhile(t *testing.T) {
	s := newOAuthStand(t)
	s.set(func() { s.down = true })
	got := s.whoami(s.token())
	got.want(t, http.StatusServiceUnavailable, "VPSOPS_OAUTH_ISSUER")
	if got.Header.Get("Retry-After") == "" || !strings.Contains(s.logged.String(), "502") {
		t.Errorf("headers %v, log %s", got.Header, &s.logged)
	}
	s.whoami("vpsops_writer").want(t, http.StatusOK, "writer") // other ways in stay open
	s.set(func() { s.down = false })
	s.whoami(s.token()).want(t, http.StatusOK, "00u1abc")
	s.set(func() { s.down = true })
	s.whoami(s.token()).want(t, http.StatusOK, "00u1abc") // by the keys that are known
}

func TestIssuersMetadataMustBeItsOwn(t *testing.T) {
	for name, doc := range map[string]func(url string) (string, any){
		"another issuer": func(url string) (string, any) {
			return "/.well-known/openid-configuration", map[string]string{"issuer": url + "/", "jwks_uri": url + "/keys"}
		},
		"keys in the open": func(url string) (string, any) {
			return "/.well-known/openid-configuration", map[string]string{"issuer": url, "jwks_uri": "http://keys.example.com/keys"}
		},
		"no keys": func(url string) (string, any) {
			return "/.well-known/openid-configuration", map[string]string{"issuer": url}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newOAuthStand(t)
			s.set(func() { s.doc = func() (string, any) { return doc(s.issuer.url) } })
			s.whoami(s.token()).want(t, http.StatusServiceUnavailable, "VPSOPS_OAUTH_ISSUER")
		})
	}
	t.Run("RFC 8414", func(t *testing.T) {
		s := newOAuthStand(t)
		s.set(func() {
			s.doc = func() (string, any) {
				return "/.well-known/oauth-authorization-server", map[string]string{"issuer": s.issuer.url, "jwks_uri": s.issuer.url + "/keys"}
			}
		})
		s.whoami(s.token()).want(t, http.StatusOK, "00u1abc")
	})
}

func TestUnknownKeysDontFloodTheIssuer(t *testing.T) {
	s := newOAuthStand(t)
	s.whoami(s.token()).want(t, http.StatusOK, "")
	forged := s.signer
	for i := range 50 {
		forged.KeyID = strings.Repeat("x", i+1)
		if got := s.whoami(signed(t, forged, "JWT", s.claims())); got.StatusCode == http.StatusOK {
			t.Fatal("a forged token was taken")
		}
	}
	s.set(func() {
		if s.asked > 6 {
			t.Errorf("the issuer was asked %d times", s.asked)
		}
	})
	s.whoami(s.token()).want(t, http.StatusOK, "") // what is known still counts
}

func TestMetadataNamesTheAuthorizationServer(t *testing.T) {
	for public, want := range map[string]string{"https://ops.example.com": "https://ops.example.com/mcp", "": "http://localhost:8321/mcp"} {
		o := &mcphttp.OAuth{Issuer: "https://id.example.com", PublicURL: public}
		ask := func(method, host string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, mcphttp.MetadataPath, nil)
			r.Host = host
			w := httptest.NewRecorder()
			o.Metadata([]string{"localhost:8321"}).ServeHTTP(w, r)
			return w
		}
		got := ask("GET", "localhost:8321")
		var doc struct {
			Resource string   `json:"resource"`
			Servers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported"`
			Methods  []string `json:"bearer_methods_supported"`
		}
		if err := json.Unmarshal(got.Body.Bytes(), &doc); err != nil || got.Header().Get("Content-Type") != "application/json" {
			t.Fatal(err, got)
		}
		if doc.Resource != want || len(doc.Servers) != 1 || doc.Servers[0] != "https://id.example.com" ||
			strings.Join(doc.Scopes, " ") != "vps:read vps:write" || strings.Join(doc.Methods, " ") != "header" {
			t.Errorf("%+v", doc)
		}
		if got := ask("GET", "evil.example.com"); got.Code != http.StatusForbidden {
			t.Errorf("another name: %d", got.Code)
		}
		if got := ask("POST", "localhost:8321"); got.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", got.Code)
		}
	}
}

// A key that the issuer has taken back must not count for ever.
func TestKeysAreTrustedForAWhileOnly(t *testing.T) {
	now, up, asked := time.Now(), true, 0
	i := newIssuer(t)
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		asked++
		if !up {
			return nil, errors.New("no route")
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	verifier := accesstoken.New(accesstoken.Config{
		Issuer: i.url, Audience: audience, Client: &http.Client{Transport: transport}, Now: func() time.Time { return now },
	})
	token := i.token(claim("exp", now.Add(9*time.Hour).Unix()))
	verify := func() error { _, err := verifier.Verify(t.Context(), token); return err }
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	up = false
	now = now.Add(9 * time.Minute)
	if err := verify(); err != nil || asked != 2 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	now = now.Add(time.Hour)
	var unavailable *accesstoken.UnavailableError
	if err := verify(); !errors.As(err, &unavailable) {
		t.Errorf("keys from long ago: %v", err)
	}
	up = true
	if err := verify(); err != nil {
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestATokenVerifiedAMomentAgoStillExpires(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	i := newIssuer(t)
	verifier := accesstoken.New(accesstoken.Config{Issuer: i.url, Audience: audience, Now: func() time.Time { return now }})
	token := i.token(claim("exp", now.Add(10*time.Second).Unix()))
	verify := func(token string) error { _, err := verifier.Verify(t.Context(), token); return err }
	for _, step := range []time.Duration{0, time.Second, 38 * time.Second} { // 30 s of difference between the clocks are let pass
		now = now.Add(step)
		if err := verify(token); err != nil {
			t.Errorf("after %v: %v", step, err)
		}
	}
	if err := verify(token[:len(token)-1]); err == nil {
		t.Error("another token was taken for it")
	}
	now = now.Add(time.Second)
	var invalid *accesstoken.InvalidError
	if err := verify(token); !errors.As(err, &invalid) {
		t.Errorf("past its time: %v", err)
	}
}

// What is told on a stream is for whom its token lets in. Each of these ends by
// itself, or the request's own time does.
func TestAStreamEndsWhenItsTokenDoes(t *testing.T) {
	s := newOAuthStand(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	within := func(r *http.Request) { *r = *r.WithContext(ctx) }
	token := s.token(claim("exp", time.Now().Add(-28*time.Second).Unix())) // 30 s of difference between the clocks are let pass
	bearer := header("Authorization", "Bearer "+token)
	session := s.session(token)
	const listen = `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernID + `}}`
	s.do("POST", listen, within, bearer, modern("subscriptions/listen", "")).want(t, http.StatusOK, "acknowledged")
	s.do("GET", "", within, bearer, header("Mcp-Session-Id", session)).want(t, http.StatusUnauthorized, "it has expired")

	token = s.token(claim("exp", time.Now().Add(-28*time.Second).Unix()))
	session = s.session(token)
	s.do("GET", "", within, header("Authorization", "Bearer "+token), header("Mcp-Session-Id", session)).want(t, http.StatusOK, "")
}

// So it is with a token of the policy's, in both eras.
func TestAStreamEndsWhenItsPolicyTokenDoes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	within := func(r *http.Request) { *r = *r.WithContext(ctx) }
	const listen = `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + modernID + `}}`
	bearer := header("Authorization", "Bearer vpsops_brief")
	for name, open := range map[string]func(s *stand, session string){
		"listening": func(s *stand, _ string) {
			s.do("POST", listen, within, bearer, modern("subscriptions/listen", "")).want(t, http.StatusOK, "acknowledged")
		},
		"a session's": func(s *stand, session string) {
			s.do("GET", "", within, bearer, header("Mcp-Session-Id", session)).want(t, http.StatusOK, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Load("policy.yaml", []byte(`version: 1
people: {ana: {tokens: [{id: brief, sha256: "`+shaOf("vpsops_brief")+`", expires: "`+time.Now().Add(2*time.Second).Format(time.RFC3339)+`"}]}}
grants: [{id: all, who: everyone, actions: [list, get]}]
`))
			if err != nil {
				t.Fatal(err)
			}
			s := newStand(t, func(c *mcphttp.Config) {
				c.Authenticate = mcphttp.ByBearer(func(sha string) (tools.Caller, bool) {
					b, ok := p.Token(sha, time.Now())
					return tools.Caller{Identity: b.Identity, Expires: b.Expires}, ok
				}, nil)
			})
			session := s.do("POST", hello, bearer).Header.Get("Mcp-Session-Id")
			open(s, session)
			s.do("GET", "", within, bearer, header("Mcp-Session-Id", session)).want(t, http.StatusUnauthorized, "has expired")
		})
	}
}
