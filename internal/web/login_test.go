package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/policy"
)

func codeOf(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("code")
}

func TestALinkSignsInOnce(t *testing.T) {
	s := newStand(t, options{})
	link := s.LoginURL("ana")
	if !strings.HasPrefix(link, s.Origin+"/login?code=") {
		t.Fatalf("the link is %s", link)
	}
	b := s.newBrowser()
	for range 3 { // previews and prefetches use nothing up
		b.get(link).want(http.StatusOK, "Sign in as ana")
		b.get("/requests").want(http.StatusUnauthorized)
	}
	b.signIn(link)
	b.get("/requests").want(http.StatusOK, "ana")
	if n := s.Events("sign-in"); n != 1 {
		t.Errorf("%d sign-ins in the audit trail", n)
	}

	thief := s.newBrowser()
	thief.post("/login", url.Values{"code": {codeOf(t, link)}}).want(http.StatusForbidden, "vpsops login")
	thief.get("/requests").want(http.StatusUnauthorized)
	if n := s.Events("sign-in-refused"); n != 1 {
		t.Errorf("%d refused sign-ins in the audit trail", n)
	}
}

func TestBadCodesAreOneAndTheSamePage(t *testing.T) {
	s := newStand(t, options{})
	used, old := codeOf(t, s.LoginURL("ana")), codeOf(t, s.LoginURL("ana"))
	b := s.newBrowser()
	b.post("/login", url.Values{"code": {used}}).want(http.StatusSeeOther)
	s.Clock.Advance(9 * time.Minute)
	fresh := codeOf(t, s.LoginURL("ana"))
	foreign := codeOf(t, web.LoginURL(s.Origin, seal.NewKey([32]byte{8}), policy.Identity{Kind: policy.LocalUser, ID: "ana"}, s.Clock.Now(), ""))

	first := ""
	for name, c := range map[string]string{
		"used": used, "forged": fresh + "A", "another key's": foreign, "a stranger's": codeOf(t, s.LoginURL("mallory")),
		"nothing": "", "a form's token": b.get("/requests").field("sign_out"),
	} {
		r := s.newBrowser().post("/login", url.Values{"code": {c}})
		r.want(http.StatusForbidden, "vpsops login")
		if first == "" {
			first = r.body
		}
		if r.body != first {
			t.Errorf("%s: the page tells why", name)
		}
	}
	s.Clock.Advance(time.Minute)
	if r := s.newBrowser().post("/login", url.Values{"code": {old}}); r.status != http.StatusForbidden || r.body != first {
		t.Errorf("expired: %d %s", r.status, r.body)
	}
	b.get("/login?code="+url.QueryEscape(old)).want(http.StatusForbidden, "vpsops login")
	if n := s.Events("sign-in-refused"); n != 7 {
		t.Errorf("%d refusals in the audit trail, want 7", n)
	}
	s.newBrowser().post("/login", url.Values{"code": {fresh}}).want(http.StatusSeeOther)
}

// A link that was used stands in histories and logs.
func TestAFloodOfAUsedCodeKeepsItsPersonNotOut(t *testing.T) {
	s := newStand(t, options{})
	link := s.LoginURL("ana")
	s.newBrowser().signIn(link)
	b := s.newBrowser()
	for range 60 {
		b.post("/login", url.Values{"code": {codeOf(t, link)}})
	}
	s.newBrowser().signIn(s.LoginURL("ana"))
}

func TestAFloodOfBadCodesIsHeldBack(t *testing.T) {
	s := newStand(t, options{})
	b := s.newBrowser()
	last := response{}
	for range 60 {
		last = b.post("/login", url.Values{"code": {"made.up"}})
	}
	last.want(http.StatusTooManyRequests, "vpsops login")
	if n := s.Events("sign-in-refused"); n > 25 {
		t.Errorf("the audit trail holds %d refusals", n)
	}
	s.newBrowser().signIn(s.LoginURL("ana")) // and nobody else is
}

func TestALinkPostedFromElsewhereSignsNobodyIn(t *testing.T) {
	s := newStand(t, options{})
	code := url.Values{"code": {codeOf(t, s.LoginURL("ana"))}}
	b := s.newBrowser()
	b.post("/login", code, header("Origin", "https://evil.example.com")).want(http.StatusForbidden)
	b.get("/requests").want(http.StatusUnauthorized)
	b.post("/login", code).want(http.StatusSeeOther)
}

func TestTheCookieIsTheInstallationsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		https  bool
		prefix string
	}{"loopback": {false, "vpsops-"}, "https": {true, "__Host-vpsops-"}} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, options{HTTPS: c.https})
			b := s.newBrowser()
			b.client.Transport = dialPlain(s, b.client.Transport)
			r := b.post("/login", url.Values{"code": {codeOf(t, s.LoginURL("ana"))}})
			res := http.Response{Header: r.header}
			cookies := res.Cookies()
			if len(cookies) != 1 {
				t.Fatalf("%d cookies: %d %s", len(cookies), r.status, r.body)
			}
			got := cookies[0]
			if !strings.HasPrefix(got.Name, c.prefix) || got.Secure != c.https || !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || got.Path != "/" || got.Domain != "" {
				t.Errorf("the cookie is %s", got)
			}
			if len(got.Value) < 43 { // 256 bits in base 64
				t.Errorf("the secret is short: %d characters", len(got.Value))
			}
		})
	}
}

// dialPlain is the proxy that ends TLS.
func dialPlain(_ *stand, to http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme = "http"
		return to.RoundTrip(r)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestASignInBeginsANewSession(t *testing.T) {
	s := newStand(t, options{})
	victim := s.newBrowser()
	at, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	attacker := s.byLink("ben")
	planted := attacker.client.Jar.Cookies(at)
	victim.client.Jar.SetCookies(at, planted) // fixation: a secret that somebody else knows
	victim.signIn(s.LoginURL("ana"))
	if got := victim.client.Jar.Cookies(at); len(got) != 1 || got[0].Value == planted[0].Value {
		t.Fatalf("the planted cookie was kept: %v", got)
	}
	victim.get("/requests").want(http.StatusOK, "ana")
	attacker.get("/requests").want(http.StatusUnauthorized) // what was replaced is over

	// Two cookies of the name: somebody else set one.
	other := s.byLink("cy").client.Jar.Cookies(at)
	r := victim.get("/requests", func(r *http.Request) { r.AddCookie(other[0]) })
	r.want(http.StatusUnauthorized)
}

func TestASessionEnds(t *testing.T) {
	s := newStand(t, options{})
	b, elsewhere := s.byLink("ana"), s.byLink("ana")
	b.post("/logout", url.Values{}).want(http.StatusForbidden)
	b.post("/logout", url.Values{"sign_out": {elsewhere.get("/requests").field("sign_out")}}).want(http.StatusForbidden)
	b.get("/requests").want(http.StatusOK)

	at, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	stolen := b.client.Jar.Cookies(at)
	b.post("/logout", url.Values{"sign_out": {b.get("/requests").field("sign_out")}}).want(http.StatusSeeOther)
	if got := b.client.Jar.Cookies(at); len(got) != 0 {
		t.Errorf("the cookie is kept: %v", got)
	}
	thief := s.newBrowser()
	thief.client.Jar.SetCookies(at, stolen)
	thief.get("/requests").want(http.StatusUnauthorized)
	elsewhere.get("/requests").want(http.StatusOK)

	s.Clock.Advance(8*time.Hour + time.Second)
	elsewhere.get("/requests").want(http.StatusUnauthorized)
}

func TestSigningOutEverywhere(t *testing.T) {
	s := newStand(t, options{})
	b, elsewhere, other := s.byLink("ana"), s.byLink("ana"), s.byLink("ben")
	b.post("/logout", url.Values{"sign_out": {b.get("/requests").field("sign_out")}, "everywhere": {"yes"}}).want(http.StatusSeeOther)
	elsewhere.get("/requests").want(http.StatusUnauthorized)
	other.get("/requests").want(http.StatusOK)
}

func TestASignInLeadsNowhereElse(t *testing.T) {
	s := newStand(t, options{})
	for next, want := range map[string]string{
		"":                                   "/requests",
		"/requests":                          "/requests",
		"/requests/req_abc":                  "/requests/req_abc",
		"/requests/req_abc?x=y":              "/requests/req_abc?x=y",
		"https://evil.example.com/requests/": "/requests",
		"//evil.example.com/requests/x":      "/requests",
		`/\evil.example.com`:                 "/requests",
		`/requests/\evil.example.com`:        "/requests",
		"/requests/../../evil":               "/requests",
		"/requests/%2e%2e/x":                 "/requests",
		"/requestsevil":                      "/requests",
		"javascript:alert(1)":                "/requests",
		"/logout":                            "/requests",
		"/requests//evil.example.com":        "/requests",
		"/requests/x\r\nSet-Cookie: a=b":     "/requests",
	} {
		link := web.LoginURL(s.Origin, key, policy.Identity{Kind: policy.LocalUser, ID: "ana"}, s.Clock.Now(), next)
		r := s.newBrowser().post("/login", url.Values{"code": {codeOf(t, link)}, "next": {"https://evil.example.com"}})
		if got := r.header.Get("Location"); r.status != http.StatusSeeOther || got != want {
			t.Errorf("%q: %d %q, want %q", next, r.status, got, want)
		}
	}
}

func TestTheLocalHostStays(t *testing.T) {
	if a, b := web.LocalHost(key), web.LocalHost(seal.NewKey([32]byte{7})); a != b || !strings.HasSuffix(a, ".localhost") {
		t.Errorf("%s and %s", a, b)
	}
	if web.LocalHost(key) == web.LocalHost(seal.NewKey([32]byte{8})) {
		t.Error("two installations have one name")
	}
}
