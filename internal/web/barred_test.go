package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"vpsops/internal/web"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func lockOf(id string) gate.HoldOrder {
	return gate.HoldOrder{Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: server(id), Because: "disk swap", For: time.Hour}
}

func TestAVoterIsWarnedOfWhatWouldDenyIt(t *testing.T) {
	const denied = "If it is approved now, it is denied: "
	s := newStand(t, options{Document: holders()})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	ana.get("/requests/" + id).wantNot(denied)
	held, err := s.Desk.Hold(t.Context(), actor("ben"), lockOf("12345"))
	if err != nil {
		t.Fatal(err)
	}
	ana.get("/requests/"+id).want(http.StatusOK, denied+"this server is locked by ben until 24 Nov 2026, 11:00 UTC (disk swap)")
	if _, err := s.Desk.Lift(t.Context(), actor("ben"), held.ID); err != nil {
		t.Fatal(err)
	}
	ana.get("/requests/" + id).wantNot(denied)

	d := holders()
	d.Guards = append(d.Guards, policy.Guard{ID: "no-deletes", Actions: []policy.Action{policy.Delete}, Deny: "not this week"})
	s.SetPolicy(d)
	ana.get("/requests/"+id).want(http.StatusOK, denied, "not this week", "no-deletes")
}

// A lock is put up while the page is open.
func TestAPageThatIsOpenIsToldOfALock(t *testing.T) {
	s := newStand(t, options{Document: holders(), Page: func(c *web.Config) { c.KeepAlive = 20 * time.Millisecond }})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	stream := ana.follow("/requests/" + id)
	if _, err := s.Desk.Hold(t.Context(), actor("ben"), lockOf("12345")); err != nil {
		t.Fatal(err)
	}
	stream.says("look")
}

func TestWhatIsAskedIsSaidWithItsAccount(t *testing.T) {
	s := newStand(t, options{Accounts: []string{"prod", "staging"}})
	ana := s.byLink("ana")
	for path, in := range map[string]string{
		"/servers/12345/delete": "In the account <strong>prod", "/servers/12345/reboot?account=staging": "In the account <strong>staging",
		"/servers/12345/update?account=staging": "In the account <strong>staging", "/servers/new?account=staging": "A new server in the account staging", "/servers/new": "in the account prod",
	} {
		ana.get(path).want(http.StatusOK, in)
	}
	newStand(t, options{}).byLink("ana").get("/servers/12345/delete").wantNot("In the account")
}

func TestAnUpdateThatChangesNothingIsAskedForOnThePageAsItIsThere(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	r := ana.post("/servers/12345/update", url.Values{"csrf": {ana.get("/servers/12345/update").field("csrf")}, "name": {"web-server-01"}})
	r.want(http.StatusUnprocessableEntity, "Nothing is changed yet")
	r.wantNot("backups_enabled")
}

func TestARequestLeadsToItsServer(t *testing.T) {
	s := newStand(t, options{Accounts: []string{"prod", "staging"}})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	ana.get("/requests/"+id).want(http.StatusOK, `href="/servers/12345?account=prod">Open this server`)
	ana.vote(id, "approve", "typed_name", "web-server-01").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
	ana.get("/requests/" + id).wantNot("Open this server")
}

func TestAFreezeIsChosen(t *testing.T) {
	s := newStand(t, options{Document: holders()})
	ana := s.byLink("ana")
	r := ana.get("/locks")
	r.want(http.StatusOK, `<option value="">choose one</option>`)
	ana.post("/locks", url.Values{"csrf": {r.field("csrf")}, "what": {""}, "because": {"trouble"}, "hours": {"1"}}).want(http.StatusUnprocessableEntity)
	ana.get("/locks").want(http.StatusOK, "Nothing is locked or frozen")
}

func TestWhoseWordsTheReasonIs(t *testing.T) {
	s := newStand(t, options{})
	const model = "perhaps from a model"
	ana := s.byLink("ana")
	ana.get("/requests/"+s.AskDelete("ana")).want(http.StatusOK, model)
	r := ana.post("/servers/12346/stop", url.Values{"csrf": {ana.get("/servers/12346/stop").field("csrf")}, "reason": {"maintenance"}})
	r = ana.get(r.header.Get("Location"))
	r.want(http.StatusOK, "maintenance", "Nobody has checked them")
	r.wantNot(model)
}

func TestWhatHappenedSaysWhatWasAsked(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	ana.vote(id, "deny").want(http.StatusSeeOther)
	r := ana.get("/requests/" + id)
	r.want(http.StatusOK, `asked<span class="said">delete `)
	r.wantNot("pending delete")
}

func TestAMomentIsWrittenAsPeopleReadIt(t *testing.T) {
	s := newStand(t, options{Document: holders()})
	if _, err := s.Desk.Hold(t.Context(), actor("ben"), lockOf("12345")); err != nil {
		t.Fatal(err)
	}
	ana := s.byLink("ana")
	v, err := s.Desk.Ask(t.Context(), actor("ana"), stopOf("12345"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/servers/12345", "/servers/12345/stop", "/requests/" + v.ID} {
		r := ana.get(path)
		r.want(http.StatusOK, "locked by ben until 24 Nov 2026, 11:00 UTC (disk swap)")
		r.wantNot("until 2026-11-24T")
	}
}
