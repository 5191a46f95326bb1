package web_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpsops/policy/ledger"
)

func TestAProviderSignsItsPeopleIn(t *testing.T) {
	s, i := idpStand(t)
	id := s.AskReboot("ana")
	b := s.newBrowser()
	b.get("/requests/"+id).want(http.StatusUnauthorized, "Sign in with", `href="/login/oidc?next=%2Frequests%2F`+id+`"`)

	address, err := url.Parse(b.leave("/login/oidc?next=/requests/" + id))
	if err != nil {
		t.Fatal(err)
	}
	q := address.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("nonce") == "" ||
		q.Get("client_id") != clientID || q.Get("redirect_uri") != s.Origin+"/login/oidc/callback" || len(q.Get("state")) < 22 {
		t.Errorf("the browser is sent to %s", address)
	}
	r := b.comeBack(i.signsIn(address.String(), "sub-ben"))
	r.want(http.StatusOK, "You are signed in", "ben", `href="/requests/`+id+`"`)
	if got := r.header.Get("Refresh"); got != "0; url=/requests/"+id {
		t.Errorf("it goes on to %q", got)
	}
	if n := s.Events("sign-in"); n != 1 {
		t.Errorf("%d sign-ins in the audit trail", n)
	}

	// Unlike a link's, this sign-in approves others' requests.
	b.vote(id, "approve").want(http.StatusSeeOther)
	s.byProvider(i, "cy").vote(id, "approve").want(http.StatusSeeOther)
	s.byProvider(i, "ana").vote(id, "approve").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
}

func TestSomebodyUnlistedLearnsNothing(t *testing.T) {
	s, i := idpStand(t)
	b := s.newBrowser()
	r := b.comeBack(i.signsIn(b.leave("/login/oidc"), "sub-mallory"))
	r.want(http.StatusForbidden, "You are not signed in")
	r.wantNot("mallory", "ana", i.web.URL)
	b.get("/requests").want(http.StatusUnauthorized)

	// Not even that it is the policy that stopped them.
	other := s.newBrowser().comeBack(url.Values{"code": {"x"}, "state": {"made up by somebody"}})
	if other.status != r.status || other.body != r.body {
		t.Error("the page tells an account that is not listed from a sign-in that failed")
	}
	if n := s.Events("sign-in-refused"); n != 2 {
		t.Errorf("%d refusals in the audit trail", n)
	}
}

func TestASignInIsTheBrowsersThatBeganIt(t *testing.T) {
	s, i := idpStand(t)
	attacker, victim := s.newBrowser(), s.newBrowser()
	answer := i.signsIn(attacker.leave("/login/oidc"), "sub-ben")
	victim.comeBack(answer).want(http.StatusForbidden)
	victim.leave("/login/oidc") // nor while one of the victim's own is on its way
	victim.comeBack(answer).want(http.StatusForbidden)
	victim.get("/requests").want(http.StatusUnauthorized)

	// Two tabs at once are two sign-ins, and each ends.
	first, second := victim.leave("/login/oidc"), victim.leave("/login/oidc")
	victim.comeBack(i.signsIn(first, "sub-ana")).want(http.StatusOK)
	victim.comeBack(i.signsIn(second, "sub-ana")).want(http.StatusOK)
}

func TestASignInEndsOnce(t *testing.T) {
	s, i := idpStand(t)
	b := s.newBrowser()
	address := b.leave("/login/oidc")
	at, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	kept := b.client.Jar.Cookies(at)
	b.comeBack(i.signsIn(address, "sub-ana")).want(http.StatusOK)
	thief := s.newBrowser()
	thief.client.Jar.SetCookies(at, kept) // the cookie copied before it was taken away
	thief.comeBack(i.signsIn(address, "sub-ana")).want(http.StatusForbidden)
	thief.get("/requests").want(http.StatusUnauthorized)

	late := s.newBrowser()
	address = late.leave("/login/oidc")
	s.Clock.Advance(10*time.Minute + time.Second)
	late.comeBack(i.signsIn(address, "sub-ana")).want(http.StatusForbidden)
}

func TestAWrongAnswerSignsNobodyIn(t *testing.T) {
	without := func(name string) func(*idp, url.Values) { return func(_ *idp, v url.Values) { v.Del(name) } }
	claim := func(name string, value any) func(*idp, url.Values) {
		return func(i *idp, _ url.Values) {
			i.claims = func(c map[string]any) {
				if c[name] = value; value == nil {
					delete(c, name)
				}
			}
		}
	}
	for name, spoil := range map[string]func(*idp, url.Values){
		"no code":                  without("code"),
		"no state":                 without("state"),
		"no issuer, where one is":  without("iss"),
		"another provider's":       func(_ *idp, v url.Values) { v.Set("iss", "https://evil.example.com") },
		"two codes":                func(_ *idp, v url.Values) { v.Add("code", "another") },
		"declined":                 func(_ *idp, v url.Values) { v.Set("error", "access_denied"); v.Del("code") },
		"a code of nothing":        func(_ *idp, v url.Values) { v.Set("code", "made up") },
		"a code of another flow":   func(i *idp, v url.Values) { i.codes[v.Get("code")] = grant{"sub-ana", url.Values{}} },
		"another nonce":            claim("nonce", "another"),
		"no nonce":                 claim("nonce", nil),
		"another audience":         claim("aud", "another client"),
		"several audiences":        claim("aud", []string{clientID, "another client"}),
		"another authorized party": claim("azp", "another client"),
		"another issuer":           claim("iss", "https://evil.example.com"),
		"expired":                  claim("exp", time.Date(2026, 11, 24, 9, 59, 0, 0, time.UTC).Unix()),
		"nobody":                   claim("sub", ""),
		"another access token's":   claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"changed":                  func(i *idp, _ url.Values) { i.raw = func(s string) string { return s[:len(s)-4] + "AAAA" } },
		"no ID token":              func(i *idp, _ url.Values) { i.raw = func(string) string { return "" } },
		"unsigned": func(i *idp, _ url.Values) {
			i.raw = func(s string) string {
				return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(s, ".")[1] + "."
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, i := idpStand(t)
			b := s.newBrowser()
			answer := i.signsIn(b.leave("/login/oidc"), "sub-ana")
			i.set(func() { spoil(i, answer) })
			r := b.comeBack(answer)
			r.want(http.StatusForbidden, "You are not signed in")
			r.wantNot("ana", "evil", "another")
			b.get("/requests").want(http.StatusUnauthorized)
			if n := s.Events("sign-in"); n != 0 {
				t.Errorf("%d sign-ins", n)
			}
		})
	}
}

func TestAProviderOutOfReachIsSaidAndAskedAgain(t *testing.T) {
	s, i := idpStand(t)
	i.set(func() { i.down = true })
	b := s.newBrowser()
	b.get("/login").want(http.StatusOK, "Sign in with") // and the page itself is there
	b.get("/login/oidc").want(http.StatusServiceUnavailable, "does not answer")
	for range 5 {
		b.get("/login/oidc").want(http.StatusServiceUnavailable)
	}
	if n := i.asked["/.well-known/openid-configuration"]; n != 1 {
		t.Errorf("a crowd asked it %d times", n)
	}
	i.set(func() { i.down = false })
	s.Clock.Advance(3 * time.Second)
	address := b.leave("/login/oidc")
	answer := i.signsIn(address, "sub-ana")
	i.set(func() { i.down = true })
	b.comeBack(answer).want(http.StatusServiceUnavailable, "does not answer")
	i.set(func() { i.down = false })
	i.rotate("two") // keys that came since are found
	s.byProvider(i, "ana").get("/requests").want(http.StatusOK)
	i.rotate("three")
	s.byProvider(i, "ana").get("/requests").want(http.StatusOK)
}

func TestAProvidersMetadataMustBeItsOwn(t *testing.T) {
	for name, metadata := range map[string]map[string]any{
		"another issuer":   {"issuer": "https://evil.example.com"},
		"plain keys":       {"jwks_uri": "http://evil.example.com/keys"},
		"plain token":      {"token_endpoint": "http://evil.example.com/token"},
		"a script":         {"authorization_endpoint": "javascript:alert(1)"},
		"no PKCE by S256":  {"code_challenge_methods_supported": []string{"plain"}},
		"no token address": {"token_endpoint": ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, i := idpStand(t)
			i.set(func() { i.metadata = metadata })
			s.newBrowser().get("/login/oidc").want(http.StatusServiceUnavailable, "does not answer")
		})
	}
}

func TestAnotherSiteBeginsNoSignIn(t *testing.T) {
	s, _ := idpStand(t)
	for _, site := range []string{"cross-site", "same-site"} {
		r := s.newBrowser().get("/login/oidc?next=/requests/req_1", header("Sec-Fetch-Site", site))
		r.want(http.StatusOK, "Sign in with")
		if r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: a sign-in has begun", site)
		}
	}
}

func TestAProvidersSignInLeadsNowhereElse(t *testing.T) {
	s, i := idpStand(t)
	for _, next := range []string{"https://evil.example.com/requests/", "//evil.example.com", `/requests/\evil.example.com`, "/logout", "/login/oidc"} {
		b := s.newBrowser()
		r := b.comeBack(i.signsIn(b.leave("/login/oidc?"+url.Values{"next": {next}}.Encode()), "sub-ana"))
		if got := r.header.Get("Refresh"); r.status != http.StatusOK || got != "0; url=/requests" {
			t.Errorf("%q: %d, on to %q", next, r.status, got)
		}
	}
}

func TestTheCookiesOfASignInAreGuarded(t *testing.T) {
	i := newIDP(t)
	s := newStand(t, options{HTTPS: true, Page: i.page})
	b := s.newBrowser()
	b.client.Transport = dialPlain(s, b.client.Transport)
	r := b.get("/login/oidc")
	cookies := (&http.Response{Header: r.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies: %d %s", len(cookies), r.status, r.body)
	}
	got := cookies[0]
	if !strings.HasPrefix(got.Name, "__Host-vpsops-") || !got.Secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode ||
		got.Path != "/" || got.Domain != "" || got.MaxAge != 600 {
		t.Errorf("the cookie is %s", got)
	}
}

func TestAFloodOfSignInsIsHeldBack(t *testing.T) {
	s, i := idpStand(t)
	last := response{}
	for range 80 {
		b := s.newBrowser()
		answer := i.signsIn(b.leave("/login/oidc"), "sub-ana")
		answer.Set("code", "guessed")
		last = b.comeBack(answer)
	}
	last.want(http.StatusTooManyRequests, "Too many sign-ins")
	if last.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	if n := i.asked["/token"]; n > 61 {
		t.Errorf("the provider was asked %d times", n)
	}
	if n := s.Events("sign-in-refused"); n > 20 {
		t.Errorf("the audit trail holds %d refusals", n)
	}
	s.newBrowser().signIn(s.LoginURL("ana")) // by a link they still get in
}

func TestOnePersonsSignInsAreHeldBack(t *testing.T) {
	s := newStand(t, options{})
	held := 0
	for range 70 {
		if r := s.newBrowser().post("/login", url.Values{"code": {codeOf(t, s.LoginURL("ana"))}}); r.status == http.StatusTooManyRequests {
			held++
		}
	}
	if held != 10 {
		t.Errorf("%d of 70 sign-ins at once were held back", held)
	}
	s.newBrowser().signIn(s.LoginURL("ben"))
}
