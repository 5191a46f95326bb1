package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
)

func TestReadingChangesNothing(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	query := "?" + url.Values{"csrf": {ana.token(id)}, "verdict": {"approve"}, "typed_name": {"web-server-01"}}.Encode()
	before := s.Events("vote") + s.Events("vote-refused")
	for _, path := range []string{"/requests", "/requests/" + id, "/requests/" + id + query, "/requests/" + id + "/vote", "/requests/" + id + "/vote" + query, "/logout"} {
		for _, change := range []with{
			header("Accept", "text/html"), header("Sec-Purpose", "prefetch"), header("User-Agent", "Slackbot-LinkExpanding 1.0"),
			func(r *http.Request) { r.Method = http.MethodHead },
		} {
			ana.get(path, change)
		}
	}
	s.WantUntouched(id)
	if after := s.Events("vote") + s.Events("vote-refused"); after != before {
		t.Errorf("%d votes came of reading", after-before)
	}
	ana.get("/requests").want(http.StatusOK) // still signed in
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	token := ana.token(id)
	form := func(change func(url.Values)) url.Values {
		f := url.Values{"csrf": {token}, "verdict": {"approve"}, "typed_name": {"web-server-01"}}
		if change != nil {
			change(f)
		}
		return f
	}
	otherSession := s.byLink("ana").token(id)
	otherRequest := ana.token(s.Ask("ana", gate.Operation{Action: policy.Reboot, Server: server("12345")}))
	for name, c := range map[string]struct {
		form   func(url.Values)
		change with
		want   int
	}{
		"another site's origin":    {nil, header("Origin", "https://evil.example.com"), http.StatusForbidden},
		"another port's origin":    {nil, header("Origin", "http://localhost:1"), http.StatusForbidden},
		"our host's other scheme":  {nil, header("Origin", strings.Replace(s.Origin, "http:", "https:", 1)), http.StatusForbidden},
		"an opaque origin":         {nil, header("Origin", "null"), http.StatusForbidden},
		"no origin and no token":   {func(f url.Values) { f.Del("csrf") }, header("Origin", ""), http.StatusForbidden},
		"two origins":              {nil, func(r *http.Request) { r.Header.Add("Origin", s.Origin) }, http.StatusForbidden},
		"a browser says cross":     {nil, header("Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"a browser says same site": {nil, header("Sec-Fetch-Site", "same-site"), http.StatusForbidden},
		"another host":             {nil, func(r *http.Request) { r.Host = "evil.example.com" }, http.StatusForbidden},
		"the loopback's own name":  {nil, func(r *http.Request) { r.Host = s.Server.Listener.Addr().String() }, http.StatusMisdirectedRequest},
		"no token":                 {func(f url.Values) { f.Del("csrf") }, nil, http.StatusForbidden},
		"a forged token":           {func(f url.Values) { f.Set("csrf", strings.ToUpper(token)) }, nil, http.StatusForbidden},
		"another sign-in's token":  {func(f url.Values) { f.Set("csrf", otherSession) }, nil, http.StatusForbidden},
		"another request's token":  {func(f url.Values) { f.Set("csrf", otherRequest) }, nil, http.StatusForbidden},
		"the sign-out's token":     {func(f url.Values) { f.Set("csrf", ana.get("/requests").field("sign_out")) }, nil, http.StatusForbidden},
		"both verdicts":            {func(f url.Values) { f.Add("verdict", "deny") }, nil, http.StatusBadRequest},
		"no verdict":               {func(f url.Values) { f.Del("verdict") }, nil, http.StatusUnprocessableEntity},
		"a verdict of its own":     {func(f url.Values) { f.Set("verdict", "APPROVE") }, nil, http.StatusUnprocessableEntity},
		"JSON":                     {nil, header("Content-Type", "application/json"), http.StatusUnsupportedMediaType},
		"multipart":                {nil, header("Content-Type", "multipart/form-data; boundary=x"), http.StatusUnsupportedMediaType},
		"text":                     {nil, header("Content-Type", "text/plain"), http.StatusUnsupportedMediaType},
		"no type":                  {nil, header("Content-Type", ""), http.StatusUnsupportedMediaType},
		"too much":                 {func(f url.Values) { f.Set("reason", strings.Repeat("x", 65<<10)) }, nil, http.StatusRequestEntityTooLarge},
		"not signed in":            {nil, header("Cookie", ""), http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			b := ana
			if name == "not signed in" {
				b = s.newBrowser()
			}
			change := c.change
			if change == nil {
				change = func(*http.Request) {}
			}
			b.post("/requests/"+id+"/vote", form(c.form), change).want(c.want)
			s.WantUntouched(id)
		})
	}

	// The same form with nothing wrong does count, also from what sends no
	// Origin and so is no browser.
	ana.post("/requests/"+id+"/vote", form(nil), header("Origin", "")).want(http.StatusSeeOther)
}

func TestStrangersLearnNothing(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	nobody := s.newBrowser()
	there, never := nobody.get("/requests/"+id), nobody.get("/requests/req_aaaaaaaaaaaaaaaa")
	there.want(http.StatusUnauthorized, "vpsops login")
	if strings.ReplaceAll(there.body, id, "") != strings.ReplaceAll(never.body, "req_aaaaaaaaaaaaaaaa", "") {
		t.Error("the page tells a stranger which requests there are")
	}
	there.wantNot("web-server-01", "ana")
	nobody.get("/requests").want(http.StatusUnauthorized)

	stranger := s.as("mallory") // authenticated, and no person of the policy
	stranger.get("/requests/" + id).want(http.StatusUnauthorized)
}

func TestAPersonWhoLeavesThePolicyIsAStranger(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	token := ana.token(id)
	d := document()
	delete(d.People, "ana")
	d.Groups["sre"] = policy.Group{People: []string{"ben", "cy", "dan"}}
	s.SetPolicy(d)
	ana.get("/requests").want(http.StatusUnauthorized)
	ana.voteWith(token, id, "approve", "typed_name", "web-server-01").want(http.StatusUnauthorized)
	s.WantUntouched(id)

	// Nor does the session pass to whoever has the account next.
	d.People["eve"] = policy.Person{Local: []string{"ana"}}
	s.SetPolicy(d)
	ana.get("/requests").want(http.StatusUnauthorized)
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	for name, r := range map[string]response{
		"list": ana.get("/requests"), "request": ana.get("/requests/" + id), "not found": ana.get("/nothing"),
		"stranger": s.newBrowser().get("/requests"), "login": ana.get("/login"), "style": ana.get("/assets/style.css"),
		"no asset": ana.get("/assets/none.css"), "wrong method": ana.get("/logout"),
		"vote": ana.vote(id, "approve"), "foreign host": ana.get("/", func(r *http.Request) { r.Host = "evil.example.com" }),
		"other form": ana.post("/logout", nil, header("Origin", "https://evil.example.com")),
	} {
		kept := "no-store"
		if name == "style" { // our own file, which tells nothing
			kept = "private, no-cache"
		}
		for header, want := range map[string]string{
			"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cache-Control": kept, "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := r.header.Get(header); got != want {
				t.Errorf("%s: %s: %q, want %q", name, header, got, want)
			}
		}
		csp := r.header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "require-trusted-types-for 'script'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, directive) {
				t.Errorf("%s: the content security policy lacks %s: %s", name, directive, csp)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", name, csp)
		}
		for _, inline := range []string{"<script", " style=", "<style", " onclick"} {
			if strings.Contains(strings.ReplaceAll(r.body, `<script src="/assets/`, ""), inline) {
				t.Errorf("%s: the page holds %q, which its own policy refuses", name, inline)
			}
		}
	}
}

func TestOtherHostsLeadToThePagesOwn(t *testing.T) {
	s := newStand(t, options{})
	b := s.newBrowser()
	at := func(host string) with { return func(r *http.Request) { r.Host = host } }
	own := s.Server.Listener.Addr().String()
	for path, want := range map[string]string{
		"/requests/req_1?a=b":           s.Origin + "/requests/req_1?a=b",
		"//evil.example.com/%2f?x":      s.Origin + "/evil.example.com/%2f?x",
		"/login?code=abc.def":           s.Origin + "/login?code=abc.def",
		"/https://evil.example.com?x=y": s.Origin + "/https://evil.example.com?x=y",
	} {
		r := b.get(s.Origin+path, at(own))
		if got := r.header.Get("Location"); r.status != http.StatusSeeOther || got != want {
			t.Errorf("%s: %d %q, want %q", path, r.status, got, want)
		}
	}
	b.get("/requests", at("evil.example.com")).want(http.StatusForbidden)
	b.get("/requests", at("vpsops-00000000.localhost")).want(http.StatusForbidden)
	if r := b.get("/"); r.status != http.StatusSeeOther || r.header.Get("Location") != "/requests" {
		t.Errorf("/: %d %q", r.status, r.header.Get("Location"))
	}
}
