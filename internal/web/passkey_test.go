package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// passkeyDocument wants a passkey of the asker's for a delete, and of another
// one's for a database's reboot.
func passkeyDocument() policy.Document {
	d := document()
	d.Guards[1].Require.Factor = policy.Passkey
	d.Guards[2].Require = &policy.Require{Approve: 1, From: "sre", Factor: policy.Passkey}
	return d
}

func (s *stand) grantPath(person string) string {
	return strings.TrimPrefix(web.GrantURL(s.Origin, key, person, s.Clock.Now()), s.Origin)
}

// enrols registers a person's first key.
func (b *browser) enrols(t *testing.T, person string) *authenticator {
	t.Helper()
	a := b.newAuthenticator(t)
	page := b.get(b.grantPath(person))
	page.want(http.StatusOK, "Register a passkey", person)
	b.post("/passkeys", url.Values{"passkey_token": {page.field("passkey_token")}, "passkey": {a.create(page.options())}, "name": {"blue key"}}).want(http.StatusSeeOther)
	return a
}

// signedVote opens a request and approves it with a key.
func (b *browser) signedVote(a *authenticator, id string, change ...func(url.Values)) response {
	b.t.Helper()
	page := b.get("/requests/" + id)
	form := url.Values{
		"csrf": {page.field("csrf")}, "verdict": {"approve"}, "typed_name": {"web-server-01"},
		"passkey_token": {page.field("passkey_token")}, "passkey": {a.get(page.options())},
	}
	for _, f := range change {
		f(form)
	}
	return b.post("/requests/"+id+"/vote", form)
}

func TestAPasskeyApprovesWhatItSigns(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	page := ana.get("/requests/" + id)
	page.want(http.StatusOK, "This needs a passkey of yours", "vpsops passkey grant --person ana", `value="deny"`)
	page.wantNot(`value="approve"`)
	ana.vote(id, "approve", "typed_name", "web-server-01").want(http.StatusForbidden, "surer sign")
	s.WantUntouched(id)

	a := ana.enrols(t, "ana")
	ana.get("/requests/"+id).want(http.StatusOK, `value="approve"`, "/assets/passkey.js", "data-options=")
	ana.vote(id, "approve", "typed_name", "web-server-01").want(http.StatusForbidden, "surer sign") // still not without it
	ana.signedVote(a, id).want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
	if got := s.Writes(); len(got) != 1 || got[0] != "DELETE /api/v1/servers/12345/" {
		t.Errorf("sent %q", got)
	}
	if n := s.Events("passkey-added"); n != 1 {
		t.Errorf("%d registrations in the audit trail", n)
	}
	ana.get("/passkeys").want(http.StatusOK, "blue key", "used last")
}

func TestAPasskeysAnswerIsForExactlyThis(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(*authenticator)
		form func(s *stand, b *browser, a *authenticator, f url.Values)
	}{
		"another request's": {form: func(s *stand, b *browser, a *authenticator, f url.Values) {
			other := b.get("/requests/" + s.Ask("ben", gate.Operation{Action: policy.Delete, Server: server("12346"), Name: "db-server-01"}))
			f.Set("passkey_token", other.field("passkey_token"))
			f.Set("passkey", a.get(other.options()))
		}},
		"another challenge": {form: func(_ *stand, b *browser, a *authenticator, f url.Values) {
			f.Set("passkey", a.get(b.get("/passkeys").options()))
		}},
		"made to add a key": {form: func(_ *stand, b *browser, a *authenticator, f url.Values) {
			other := b.get("/passkeys")
			f.Set("passkey_token", other.field("passkey_token"))
			f.Set("passkey", a.get(other.options()))
		}},
		"for a no":                {form: func(_ *stand, _ *browser, _ *authenticator, f url.Values) { f.Set("verdict", "deny") }},
		"no ceremony":             {form: func(_ *stand, _ *browser, _ *authenticator, f url.Values) { f.Del("passkey_token") }},
		"a ceremony of one's own": {form: func(_ *stand, _ *browser, _ *authenticator, f url.Values) { f.Set("passkey_token", f.Get("csrf")) }},
		"no answer at all":        {form: func(_ *stand, _ *browser, _ *authenticator, f url.Values) { f.Set("passkey", "{}") }},
		"another key's": {form: func(s *stand, b *browser, a *authenticator, f url.Values) {
			other := b.newAuthenticator(t)
			other.id, other.handle = a.id, a.handle
			f.Set("passkey", other.get(b.get("/requests/"+f.Get("id")).options()))
		}},
		"an unknown key's":             {lie: func(a *authenticator) { a.id = []byte("a key that nobody registered") }},
		"another person's handle":      {lie: func(a *authenticator) { a.handle = b64([]byte("somebody else")) }},
		"another origin":               {lie: func(a *authenticator) { a.origin = "https://evil.example.com" }},
		"another port":                 {lie: func(a *authenticator) { a.origin += "1" }},
		"another relying party":        {lie: func(a *authenticator) { a.rp = "localhost" }},
		"a person who is not verified": {lie: func(a *authenticator) { a.uv = 0 }},
		"a count that fell":            {lie: func(a *authenticator) { a.count = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, options{Document: passkeyDocument()})
			id := s.AskReboot("ana")
			ben := s.as("ben")
			a := ben.enrols(t, "ben")
			if c.lie != nil {
				c.lie(a)
			}
			page := ben.get("/requests/" + id)
			form := url.Values{"csrf": {page.field("csrf")}, "verdict": {"approve"}, "passkey_token": {page.field("passkey_token")}, "passkey": {a.get(page.options())}, "id": {id}}
			if c.form != nil {
				c.form(s, ben, a, form)
			}
			ben.post("/requests/"+id+"/vote", form).want(http.StatusForbidden, `role="alert"`)
			s.WantUntouched(id)
			if n := s.Events("passkey-refused") + s.Events("vote-refused"); n != 1 {
				t.Errorf("%d refusals in the audit trail", n)
			}
		})
	}
}

func TestAPasskeysAnswerIsOfOneSignIn(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	id := s.AskDelete("ana")
	here, there := s.byLink("ana"), s.byLink("ana")
	a := here.enrols(t, "ana")
	page := there.get("/requests/" + id)
	here.signedVote(a, id, func(f url.Values) {
		f.Set("passkey_token", page.field("passkey_token"))
		f.Set("passkey", a.get(page.options()))
	}).want(http.StatusForbidden, "once more")
	s.WantUntouched(id)
}

func TestAPasskeysAnswerCountsOnce(t *testing.T) {
	d := passkeyDocument()
	d.Guards[2].Require = &policy.Require{Approve: 2, From: "sre", Factor: policy.Passkey}
	s := newStand(t, options{Document: d})
	id := s.AskReboot("ana")
	ben := s.as("ben")
	a := ben.enrols(t, "ben")
	var sent url.Values
	ben.signedVote(a, id, func(f url.Values) { sent = f }).want(http.StatusSeeOther)
	ben.post("/requests/"+id+"/vote", sent).want(http.StatusForbidden, "used before")
	s.WantUntouched(id)
}

func TestAPasskeysChallengeAges(t *testing.T) {
	d := passkeyDocument()
	d.Limits.RequestTTL = 24 * time.Hour
	s := newStand(t, options{Document: d})
	id := s.AskReboot("ana")
	ben := s.as("ben")
	a := ben.enrols(t, "ben")
	ben.signedVote(a, id, func(url.Values) { s.Clock.Advance(15*time.Minute + time.Second) }).want(http.StatusForbidden, "once more")
	s.WantUntouched(id)
	ben.signedVote(a, id).want(http.StatusSeeOther)
}

func TestAFirstPasskeyIsGrantedOnceToItsPerson(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	path := s.grantPath("ana")
	s.newBrowser().get(path).want(http.StatusUnauthorized, "sign in")
	s.as("ben").get(path).want(http.StatusForbidden, "registers no passkey")
	forged := strings.TrimPrefix(web.GrantURL(s.Origin, seal.NewKey([32]byte{8}), "ana", s.Clock.Now()), s.Origin)
	ana := s.byLink("ana")
	ana.get(forged).want(http.StatusForbidden)

	page := ana.get(path)
	a := ana.newAuthenticator(t)
	register := func(b *browser, page response, a *authenticator) response {
		return b.post("/passkeys", url.Values{"passkey_token": {page.field("passkey_token")}, "passkey": {a.create(page.options())}, "name": {"k"}})
	}
	register(s.as("ben"), page, a).want(http.StatusForbidden) // another's sign-in
	register(s.byLink("ana"), page, a).want(http.StatusForbidden)
	second := ana.get(path)
	register(ana, page, a).want(http.StatusSeeOther)
	register(ana, second, ana.newAuthenticator(t)).want(http.StatusForbidden, "You have a passkey already")
	ana.get(path).want(http.StatusForbidden, "You have a passkey already")

	// Once the key is removed, the same link still opens nothing.
	list := ana.get("/passkeys")
	remove := url.Values{"csrf": {list.field("csrf")}, "key": {list.field("key")}}
	asked := ana.post("/passkeys/remove", remove) // it is the only one
	asked.want(http.StatusOK, "Remove your only passkey?", "Nothing was removed yet")
	if n := s.Events("passkey-removed"); n != 0 {
		t.Errorf("%d keys were removed without a question", n)
	}
	ana.post("/passkeys/remove", url.Values{"csrf": {asked.field("csrf")}, "key": {asked.field("key")}, "sure": {asked.field("sure")}}).want(http.StatusSeeOther)
	register(ana, ana.get(path), ana.newAuthenticator(t)).want(http.StatusForbidden, "good once")
	s.Clock.Advance(time.Hour + time.Second)
	ana.get(path).want(http.StatusForbidden)
	if got := s.Events("passkey-added"); got != 1 {
		t.Errorf("%d keys were added", got)
	}
}

func TestAnotherPasskeyNeedsOne(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	ana := s.byLink("ana")
	first := ana.enrols(t, "ana")
	list := ana.get("/passkeys")
	proof := url.Values{"passkey_token": {list.field("passkey_token")}, "passkey": {first.get(list.options())}}
	enrol := ana.post("/passkeys/add", proof)
	enrol.want(http.StatusOK, "Register a passkey")
	ana.post("/passkeys/add", proof).want(http.StatusForbidden, "used before")

	second := ana.newAuthenticator(t)
	form := url.Values{"passkey_token": {enrol.field("passkey_token")}, "passkey": {second.create(enrol.options())}, "name": {"laptop\u202e"}}
	ana.post("/passkeys", form).want(http.StatusSeeOther)
	ana.post("/passkeys", form).want(http.StatusForbidden)
	both := ana.get("/passkeys")
	both.want(http.StatusOK, "blue key", "laptop")
	both.wantNot("\u202e")
	if second.handle != first.handle {
		t.Error("one person has two handles")
	}

	// Neither a stranger's key nor a vote's answer adds one.
	thief := ana.newAuthenticator(t)
	list = ana.get("/passkeys")
	ana.post("/passkeys/add", url.Values{"passkey_token": {list.field("passkey_token")}, "passkey": {thief.get(list.options())}}).want(http.StatusForbidden)
	request := ana.get("/requests/" + s.AskDelete("ana"))
	ana.post("/passkeys/add", url.Values{"passkey_token": {request.field("passkey_token")}, "passkey": {first.get(request.options())}}).want(http.StatusForbidden)
	if n := s.Events("passkey-added"); n != 2 {
		t.Errorf("%d keys were added", n)
	}
}

func TestAKeyOfOnesOwnIsNoOthers(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	ana, ben := s.as("ana"), s.as("ben")
	a := ana.enrols(t, "ana")
	grant := ben.get(s.grantPath("ben"))
	ben.post("/passkeys", url.Values{"passkey_token": {grant.field("passkey_token")}, "passkey": {a.create(grant.options())}, "name": {"k"}}).
		want(http.StatusForbidden, "registered already")

	list := ana.get("/passkeys")
	ben.post("/passkeys/remove", url.Values{"csrf": {list.field("csrf")}, "key": {list.field("key")}}).want(http.StatusForbidden)
	ana.get("/passkeys").want(http.StatusOK, "blue key")
}

func TestAKeyWithoutVerificationIsNotRegistered(t *testing.T) {
	for name, lie := range map[string]func(*authenticator){
		"a person who is not verified": func(a *authenticator) { a.uv = 0 },
		"another origin":               func(a *authenticator) { a.origin = "https://evil.example.com" },
		"another relying party":        func(a *authenticator) { a.rp = "evil.example.com" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t, options{})
			ana := s.byLink("ana")
			page := ana.get(s.grantPath("ana"))
			a := ana.newAuthenticator(t)
			lie(a)
			ana.post("/passkeys", url.Values{"passkey_token": {page.field("passkey_token")}, "passkey": {a.create(page.options())}, "name": {"k"}}).
				want(http.StatusForbidden, "not registered")
			ana.get("/passkeys").want(http.StatusOK, "You have none")
		})
	}
}

// Whoever can write the ledger and has no key of the installation's plants no
// passkey.
func TestAPlantedPasskeyDecidesNothing(t *testing.T) {
	s := newStand(t, options{Document: passkeyDocument()})
	id := s.AskReboot("ana")
	ana, ben := s.as("ana"), s.as("ben")
	ana.enrols(t, "ana")
	var stolen ledger.Passkey
	err := s.Ledger.Write(t.Context(), func(tx ledger.Tx) error {
		keys, err := tx.Passkeys("ana")
		if err != nil {
			return err
		}
		stolen = keys[0]
		if err := tx.DropPasskey("ana", stolen.ID); err != nil {
			return err
		}
		stolen.Person = "ben"
		return tx.AddPasskey(stolen)
	})
	if err != nil {
		t.Fatal(err)
	}
	ben.get("/requests/"+id).want(http.StatusOK, "you have none here")
	ben.get("/passkeys").want(http.StatusOK, "did not register it")
	s.WantUntouched(id)
}

func TestAPlantedSignInIsNone(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	at, err := url.Parse(s.Origin)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(ana.client.Jar.Cookies(at)[0].Value))
	err = s.Ledger.Write(t.Context(), func(tx ledger.Tx) error {
		session, err := tx.Session(hex.EncodeToString(sum[:]), s.Clock.Now())
		if err != nil {
			return err
		}
		session.OwnOnly = false // a link's, made more of
		return tx.AddSession(session)
	})
	if err != nil {
		t.Fatal(err)
	}
	ana.get("/requests").want(http.StatusUnauthorized)
}

func TestSigningOutEverywhereIsOnThePage(t *testing.T) {
	s := newStand(t, options{})
	b, elsewhere := s.byLink("ana"), s.byLink("ana")
	page := b.get("/passkeys")
	page.want(http.StatusOK, "Sign out everywhere", "by a one-time link")
	b.post("/logout", url.Values{"sign_out": {page.field("sign_out")}, "everywhere": {page.field("everywhere")}}).want(http.StatusSeeOther)
	elsewhere.get("/passkeys").want(http.StatusUnauthorized)
}
