package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Two accounts may have a server of the same id.
func TestASignInKeepsTheAccountOfAnAddress(t *testing.T) {
	s := newStand(t, options{Accounts: []string{"prod", "staging"}})
	for _, path := range []string{"/servers/12346?account=staging", "/servers/12346/delete?account=staging", "/audit?account=staging&request=req_1"} {
		again := `href="` + strings.ReplaceAll(path, "&", "&amp;") + `">Open this page again`
		s.newBrowser().get(path).want(http.StatusUnauthorized, again)
	}
}

func TestAProvidersSignInLeadsBackWithTheAccount(t *testing.T) {
	s, i := idpStand(t)
	for _, path := range []string{"/servers/12346?account=staging", "/audit?account=staging&request=req_1", "/locks", "/policy", "/servers/new?account=staging"} {
		b := s.newBrowser()
		r := b.get(path)
		_, rest, _ := strings.Cut(r.body, `href="/login/oidc`)
		begin, _, _ := strings.Cut(rest, `"`)
		r = b.comeBack(i.signsIn(b.leave("/login/oidc"+strings.ReplaceAll(begin, "&amp;", "&")), "sub-ana"))
		if got := r.header.Get("Refresh"); got != "0; url="+path {
			t.Errorf("%s: on to %q", path, got)
		}
	}
}

func TestNoAddressOfASignInLeadsToAnotherSite(t *testing.T) {
	s, i := idpStand(t)
	for next, want := range map[string]string{
		"//evil.example.com/servers?account=x": "/requests", "https://evil.example.com/servers": "/requests", `/\evil.example.com`: "/requests",
		"servers": "/requests", "/serversx": "/requests", "/servers/../logout": "/requests", "/servers/%2e%2e/logout": "/requests", "/servers//evil": "/requests",
		"/servers?account=%zz": "/requests", "/servers?a;b": "/requests", "/passkeys/add": "/requests", "/login/oidc?next=x": "/requests", "/assets/style.css": "/requests",
		"/servers?account=a%0d%0ab; url=//evil.example.com": "/requests", "/servers?account=//evil.example.com": "/servers?account=%2F%2Fevil.example.com",
		"/servers#//evil.example.com": "/servers",
	} {
		b := s.newBrowser()
		r := b.comeBack(i.signsIn(b.leave("/login/oidc?"+url.Values{"next": {next}}.Encode()), "sub-ana"))
		if got := r.header.Get("Refresh"); got != "0; url="+want {
			t.Errorf("%q: on to %q, want %q", next, got, want)
		}
	}
}

func TestAVoteAfterTheSignInEndedSaysThatNothingWasDone(t *testing.T) {
	s, _ := idpStand(t)
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	token := ana.token(id)
	ana.post("/logout", url.Values{"sign_out": {ana.get("/requests").field("sign_out")}}).want(http.StatusSeeOther)
	r := ana.voteWith(token, id, "approve", "typed_name", "web-server-01")
	r.want(http.StatusUnauthorized, "Nothing was done", `href="/requests/`+id+`">open its page again`, `href="/login/oidc?next=%2Frequests%2F`+id+`"`)
	r.wantNot("Please sign in", "web-server-01")
	for path, back := range map[string]string{
		"/requests/" + id + "/cancel": "/requests/" + id, "/servers/12346/stop": "/servers/12346/stop?account=staging", "/servers/12346/lock": "/servers/12346?account=staging",
		"/servers/new": "/servers/new?account=staging", "/locks": "/locks", "/locks/hold_1/lift": "/locks", "/passkeys/add": "/passkeys",
	} {
		ana.post(path, url.Values{"account": {"staging"}}).want(http.StatusUnauthorized, "Nothing was done", `href="`+back+`">open its page again`)
	}
	s.WantUntouched(id)
}

func TestTheAddressOfAFormLeadsToItsPage(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	for path, back := range map[string]string{
		"/requests/req_1/vote": "/requests/req_1", "/requests/req_1/cancel": "/requests/req_1", "/servers/12346/lock": "/servers/12346",
		"/servers/12346/lock?account=staging": "/servers/12346?account=staging", "/locks/hold_1/lift": "/locks", "/passkeys/add": "/passkeys", "/passkeys/remove": "/passkeys",
	} {
		r := ana.get(path)
		if got := r.header.Get("Location"); r.status != http.StatusSeeOther || got != back {
			t.Errorf("%s: %d, on to %q, want %q", path, r.status, got, back)
		}
	}
}

func TestARefusalKeepsTheBarOfWhoIsSignedIn(t *testing.T) {
	s := newStand(t, options{})
	const bar, name = `aria-label="Places"`, "Signed in as </span>ana"
	ana := s.byLink("ana")
	ana.get("/nothing").want(http.StatusNotFound, bar, name)
	ana.post("/servers/12346/stop", url.Values{"csrf": {"x"}}).want(http.StatusForbidden, bar, name)
	s.newBrowser().get("/nothing").wantNot(bar, name)
}

func TestWhoIsSignedInIsNotAskedToSignIn(t *testing.T) {
	s, i := idpStand(t)
	r := s.byLink("ana").get("/login")
	r.want(http.StatusOK, "You are signed in", "Sign in with")
	r.wantNot("Please sign in")
	r = s.byProvider(i, "ana").get("/login")
	r.want(http.StatusOK, "You are signed in", `href="/requests"`)
	r.wantNot("Please sign in", "Sign in with")
	s.newBrowser().get("/login").want(http.StatusOK, "Please sign in")
}
