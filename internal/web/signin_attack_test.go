package web_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/internal/web"
)

func TestAProvidersSignInBeginsANewSession(t *testing.T) {
	s, i := idpStand(t)
	at, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	attacker := s.byProvider(i, "ben")
	victim := s.newBrowser()
	victim.client.Jar.SetCookies(at, attacker.client.Jar.Cookies(at)) // fixation: a secret that somebody else knows
	planted := attacker.client.Jar.Cookies(at)[0].Value
	victim.comeBack(i.signsIn(victim.leave("/login/oidc"), "sub-ana")).want(http.StatusOK, "ana")
	if got := victim.client.Jar.Cookies(at); len(got) != 1 || got[0].Value == planted {
		t.Fatalf("the planted cookie was kept: %v", got)
	}
	victim.get("/requests").want(http.StatusOK, "ana")
	attacker.get("/requests").want(http.StatusUnauthorized)
}

// A sibling of the page's host can set a cookie of the page's name for their
// common parent. It gets nobody in, as anybody.
func TestACookieOfASiblingHostIsNoSignIn(t *testing.T) {
	s, i := idpStand(t)
	at, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	attacker, victim := s.byProvider(i, "ben"), s.byProvider(i, "ana")
	planted := attacker.client.Jar.Cookies(at)[0]
	beside := func(r *http.Request) { r.AddCookie(planted) }
	victim.get("/requests", beside).want(http.StatusUnauthorized)
	victim.get("/requests").want(http.StatusOK, "ana")

	// Nor does one beside the cookie of a sign-in that is on its way.
	address := victim.leave("/login/oidc")
	var flow *http.Cookie
	for _, c := range victim.client.Jar.Cookies(at) {
		if c.Name != planted.Name {
			flow = c
		}
	}
	victim.get("/login/oidc/callback?"+i.signsIn(address, "sub-ben").Encode(), func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: flow.Name, Value: "planted"})
	}).want(http.StatusForbidden)
}

// What the Host and its relatives say leads nobody anywhere.
func TestAHostHeaderChangesNoAddress(t *testing.T) {
	s, i := idpStand(t)
	for name, value := range map[string]string{
		"X-Forwarded-Host": "evil.example.com", "Forwarded": "host=evil.example.com;proto=https", "X-Forwarded-Proto": "https",
		"X-Original-URL": "/requests", "X-Rewrite-URL": "/requests", "X-Forwarded-Prefix": "//evil.example.com",
	} {
		b := s.newBrowser()
		r := b.get("/login/oidc", header(name, value))
		address, err := url.Parse(r.header.Get("Location"))
		if err != nil || address.Query().Get("redirect_uri") != s.Origin+"/login/oidc/callback" || !strings.HasPrefix(address.String(), i.web.URL) {
			t.Errorf("%s: sent to %s", name, address)
		}
		if r := b.get("/login", header(name, value)); r.status != http.StatusOK || strings.Contains(r.body, "evil") {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	s.newBrowser().get("/login/oidc", func(r *http.Request) { r.Host = "evil.example.com" }).want(http.StatusForbidden)
}

// However a path is written, a stranger gets nothing of what is behind it, and
// is led nowhere else.
func TestPathsInDisguiseOpenNothing(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	stranger := s.newBrowser()
	for _, path := range []string{
		"/requests/../requests/" + id, "//requests/" + id, "/./requests/" + id, "/requests//" + id, "/requests/%2e%2e/requests/" + id,
		"/login/../requests/" + id, "/assets/../requests/" + id, "/assets/..%2frequests%2f" + id, "/login/%2e%2e/requests/" + id, "/requests%2f" + id,
		"/requests/" + id + "/", "/requests/" + id + "/.", "/requests/" + id + ";/login", "/requests/" + id + "%00", "/requests/" + id + "?/login", "/REQUESTS/" + id,
		"/assets/../templates/request.html", "/assets/%2e%2e%2ftemplates%2frequest.html", `/assets/..\templates\request.html`, "/assets/", "/assets/.", "/templates/request.html",
		"//evil.example.com/requests", `/\evil.example.com`, "/passkeys/../requests/" + id, "/passkeys/grant/../../requests/" + id, "/passkeys/grant/x/y",
	} {
		for r, hops := stranger.get(path), 0; ; hops++ {
			r.wantNot("web-server-01", "ana", "{{")
			to := r.header.Get("Location")
			if to == "" || hops == 5 {
				if r.status != http.StatusUnauthorized && r.status != http.StatusNotFound && r.status != http.StatusBadRequest {
					t.Errorf("%q: %d", path, r.status)
				}
				break
			}
			next, err := url.Parse(to)
			if err != nil || next.Host != "" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
				t.Errorf("%q leads to %q", path, to)
				break
			}
			r = stranger.get(to)
		}
	}
	s.WantUntouched(id)
}

func TestFormsAboutPasskeysFromElsewhereAreRefused(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	ana := s.byLink("ana")
	a := ana.enrols(t, "ana")
	list := ana.get("/passkeys")
	proof := url.Values{"passkey_token": {list.field("passkey_token")}, "passkey": {a.get(list.options())}}
	remove := url.Values{"csrf": {list.field("csrf")}, "key": {list.field("key")}}
	foreign := header("Origin", "https://evil.example.com")
	for path, form := range map[string]url.Values{"/passkeys": proof, "/passkeys/add": proof, "/passkeys/remove": remove} {
		ana.post(path, form, foreign).want(http.StatusForbidden, "did not come from this page")
		ana.post(path, form, header("Sec-Fetch-Site", "cross-site")).want(http.StatusForbidden)
		s.newBrowser().post(path, form).want(http.StatusUnauthorized)
		ana.get(path+"?"+form.Encode(), header("Accept", "text/html"))
	}
	ana.get("/passkeys").want(http.StatusOK, "blue key", "not used yet")
	if n := s.Events("passkey-removed"); n != 0 {
		t.Errorf("%d keys were removed", n)
	}
}

// Previews and prefetches of a link for a first passkey use it up no more than
// looking at it does.
func TestLookingAtAGrantUsesNothingUp(t *testing.T) {
	s := newStand(t, options{})
	path, ana := s.grantPath("ana"), s.byLink("ana")
	for _, change := range []with{
		header("Sec-Purpose", "prefetch"), header("User-Agent", "Slackbot-LinkExpanding 1.0"), func(r *http.Request) { r.Method = http.MethodHead },
	} {
		s.newBrowser().get(path, change)
		ana.get(path, change)
	}
	page := ana.get(path)
	ana.post("/passkeys", url.Values{"passkey_token": {page.field("passkey_token")}, "passkey": {ana.newAuthenticator(t).create(page.options())}, "name": {"k"}}).want(http.StatusSeeOther)
}

// oneConn is a listener of a single connection.
type oneConn struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l oneConn) Close() error   { close(l.closed); return nil }
func (l oneConn) Addr() net.Addr { return &net.TCPAddr{} }

func TestABrowserThatReadsNothingHoldsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		l := oneConn{make(chan net.Conn, 1), make(chan struct{})}
		l.conn <- there
		s := &http.Server{Handler: web.New(web.Config{Key: key, Origin: "http://page.localhost:1"})}
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(l) }()
		began := time.Now()
		if _, err := io.WriteString(here, "GET /login HTTP/1.1\r\nHost: page.localhost:1\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(90 * time.Second) // the test's own time
		_ = here.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := io.Copy(io.Discard, here); err != nil || time.Since(began) > 2*time.Minute {
			t.Errorf("it was kept for %v: %v", time.Since(began), err)
		}
		_ = s.Close()
		<-ended
	})
}
