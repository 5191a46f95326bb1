package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// asks opens a form and sends it, and returns the id of the request that the
// answer leads to.
func (b *browser) asks(path string, fields url.Values) (id string, answer response) {
	b.t.Helper()
	page := b.get(path)
	fields = cloneValues(fields)
	fields.Set("csrf", page.field("csrf"))
	answer = b.post(path, fields)
	return strings.TrimPrefix(answer.header.Get("Location"), "/requests/"), answer
}

func cloneValues(v url.Values) url.Values {
	c := url.Values{}
	for name, values := range v {
		c[name] = slices.Clone(values)
	}
	return c
}

// Whoever asks for what they had asked for already is not left to think that their new
// words count.
func TestAskingOnceMoreIsSaidToBeTheSameRequest(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	const note = "this is the same request, open already"
	id, r := ana.asks("/servers/12345/delete", url.Values{"reason": {"nobody uses it"}})
	r.want(http.StatusSeeOther)
	r = ana.get("/requests/" + id)
	r.want(http.StatusOK, "nobody uses it")
	r.wantNot(note)
	_, r = ana.asks("/servers/12345/delete", url.Values{"reason": {"it is broken"}})
	r.want(http.StatusSeeOther)
	ana.get(r.header.Get("Location")).want(http.StatusOK, note, "nobody uses it", id)
	ana.get("/requests/" + id).wantNot(note)
	s.byLink("ben").get("/requests/" + id + "?again=yes").wantNot(note)
}

func TestADeleteIsAskedAndConfirmedOnThePage(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	ana.get("/servers").want(http.StatusOK, "web-server-01", "203.0.113.10", "1 to 2 of 2")
	ana.get("/servers/12345").want(http.StatusOK, `href="/servers/12345/delete"`, "It runs already")
	id, r := ana.asks("/servers/12345/delete", url.Values{"reason": {"nobody uses it"}})
	r.want(http.StatusSeeOther)
	s.WantUntouched(id)
	ana.get("/requests/"+id).want(http.StatusOK, "Delete web-server-01 for good", "this page", "nobody uses it")
	ana.vote(id, "approve", "typed_name", "web-server-01").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
	r = ana.get("/requests/" + id)
	r.want(http.StatusOK, "It took", "What happened", "ana</strong> voted", "the call was sent")
	if sent := s.Writes(); !slices.Equal(sent, []string{"DELETE /api/v1/servers/12345/"}) {
		t.Errorf("sent %q", sent)
	}
}

func TestAFormThatWasSentTwiceAsksOnce(t *testing.T) {
	s := newStand(t, options{})
	s.API.EditServer(webServer, stopped)
	ana := s.byLink("ana")
	form := url.Values{"csrf": {ana.get("/servers/12345/start").field("csrf")}}
	ana.post("/servers/12345/start", form).want(http.StatusSeeOther)
	ana.post("/servers/12345/start", form).want(http.StatusConflict, "sent before")
	if sent := s.Writes(); len(sent) != 1 {
		t.Errorf("sent %q", sent)
	}
}

func TestOnlyWhatAFormChangesIsAskedToBeChanged(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	page := ana.get("/servers/12345/update")
	fields := url.Values{"name": {"web-server-01"}, "hostname": {"www.example.com"}, "backups": {"on"}}
	id, r := ana.asks("/servers/12345/update", fields)
	r.want(http.StatusSeeOther)
	page.want(http.StatusOK, `value="web01.example.com"`)
	r = ana.get("/requests/" + id)
	r.want(http.StatusOK, "Change web-server-01", "www.example.com")
	r.wantNot("Rename")
	fields.Set("hostname", "web01.example.com")
	_, r = ana.asks("/servers/12345/update", fields)
	r.want(http.StatusUnprocessableEntity, "Nothing was asked", "Nothing is changed yet")
	fields.Set("name", "not a name")
	_, r = ana.asks("/servers/12345/update", fields)
	r.want(http.StatusUnprocessableEntity, "letters, digits and hyphens", `value="not a name"`)
}

// A browser takes the line break out of what it sends back.
func TestANameThatABrowserWouldChangeStaysAsItIs(t *testing.T) {
	s := newStand(t, options{})
	s.API.EditServer(webServer, func(sv *sandbox.Server) { sv.Name, sv.Hostname = "web\nserver", "web01\u202e.example.com" })
	ana := s.byLink("ana")
	page := ana.get("/servers/12345/update")
	page.want(http.StatusOK, `name="name" value="" placeholder="as it is"`, `name="hostname" value="" placeholder="as it is"`)
	id, r := ana.asks("/servers/12345/update", url.Values{"name": {""}, "hostname": {""}, "backups": {"off"}})
	r.want(http.StatusSeeOther)
	r = ana.get("/requests/" + id)
	r.want(http.StatusOK, "Backups")
	r.wantNot("Rename")
}

func TestANewServerIsAskedWithItsPrice(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	r := ana.get("/servers/new")
	r.want(http.StatusOK, "a month", "us-west", "Ubuntu 22.04 LTS")
	fields := url.Values{"name": {"web-99"}, "plan": {"1"}, "system": {"5"}, "location": {"us-west"}}
	id, r := ana.asks("/servers/new", fields)
	r.want(http.StatusSeeOther)
	ana.get("/requests/"+id).want(http.StatusOK, "Create web-99 for", "a month")
	fields.Del("plan")
	_, r = ana.asks("/servers/new", fields)
	r.want(http.StatusUnprocessableEntity, "is needed: choose one", `value="web-99"`)
}

func TestBreakGlassIsAskedOnThePage(t *testing.T) {
	d := document()
	d.Guards = append(d.Guards, policy.Guard{
		ID: "freeze", Actions: []policy.Action{policy.Stop}, Deny: "change freeze",
		BreakGlass: &policy.Require{Approve: 1, From: "sre", Reason: true},
	})
	s := newStand(t, options{Document: d})
	v, err := s.Desk.Ask(t.Context(), actor("ana"), stopOf("12345"))
	if err != nil || v.State != ledger.Denied {
		t.Fatal(v.State, err)
	}
	ana := s.byLink("ana")
	ana.get("/requests/"+v.ID).want(http.StatusOK, "change freeze", "Ask with break-glass", `href="/servers/12345/stop"`)
	ana.get("/servers/12345/stop").want(http.StatusOK, "Denied: Change freeze", "Break the glass and ask")
	id, r := ana.asks("/servers/12345/stop", url.Values{"break_glass": {"yes"}, "reason": {"it burns"}})
	r.want(http.StatusSeeOther)
	if got := s.State(id); got != ledger.Pending {
		t.Fatalf("it is %s", got)
	}
	s.as("ben").vote(id, "approve", "reason", "I see the smoke").want(http.StatusSeeOther)
	ana.vote(id, "approve").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
}

func TestARequestIsTakenBackByItsAskerAlone(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	ana, ben := s.byLink("ana"), s.as("ben")
	ben.get("/requests/" + id).wantNot("Take this request back")
	token := ana.get("/requests/" + id).field("taking_back")
	ben.post("/requests/"+id+"/cancel", url.Values{"taking_back": {token}}).want(http.StatusForbidden)
	s.WantUntouched(id)
	ana.post("/requests/"+id+"/cancel", url.Values{"taking_back": {token}}).want(http.StatusSeeOther)
	ana.post("/requests/"+id+"/cancel", url.Values{"taking_back": {token}}).want(http.StatusConflict, "cancelled")
	if got := s.State(id); got != ledger.Cancelled {
		t.Errorf("it is %s", got)
	}
}

func TestReadOnlyOffersAndTakesNoChange(t *testing.T) {
	s := newStand(t, options{ReadOnly: true})
	ana := s.byLink("ana")
	r := ana.get("/servers")
	r.want(http.StatusOK, "web-server-01")
	r.wantNot("New server")
	r = ana.get("/servers/12345")
	r.want(http.StatusOK, "runs read-only")
	r.wantNot("/servers/12345/delete", "/servers/12345/stop")
	ana.get("/servers/new").want(http.StatusForbidden, "read-only")
	ana.get("/policy").want(http.StatusOK, "runs read-only", "see the list of servers")
	r = ana.get("/servers/12345/stop")
	r.want(http.StatusOK, "read-only")
	r.wantNot("Ask for it")
}

func TestAReasonIsToldBeforeItIsReferredTo(t *testing.T) {
	d := document()
	d.Guards = append(d.Guards, policy.Guard{
		ID: "calm", Actions: []policy.Action{policy.Start, policy.Stop, policy.Reboot, policy.Update, policy.Delete}, Deny: "nothing is touched this week",
	})
	s := newStand(t, options{Document: d})
	r := s.byLink("ana").get("/servers/12345")
	r.want(http.StatusOK, "It runs already.", "For the same reason.")
	told, referred := strings.Index(r.body, "Nothing is touched this week"), strings.Index(r.body, "For the same reason.")
	if told < 0 || told > referred {
		t.Errorf("the reason is told at %d, and referred to at %d", told, referred)
	}
}

// A form's token opens that form alone.
func TestAskingWantsTheFormsOwnToken(t *testing.T) {
	s := newStand(t, options{})
	ana := s.byLink("ana")
	start := ana.get("/servers/12345/stop").field("csrf")
	for name, c := range map[string]struct{ path, token string }{
		"none":             {"/servers/12345/stop", ""},
		"another action's": {"/servers/12345/reboot", start},
		"another server's": {"/servers/12346/stop", start},
		"of a new server":  {"/servers/new", start},
		"a lock's":         {"/servers/12345/lock", start},
		"a freeze's":       {"/locks", start},
		"a lift's":         {"/locks/hold_1/lift", start},
	} {
		if r := ana.post(c.path, url.Values{"csrf": {c.token}, "name": {"x"}}); r.status != http.StatusForbidden {
			t.Errorf("%s: answered %d", name, r.status)
		}
	}
	s.as("ben").post("/servers/12345/stop", url.Values{"csrf": {start}}).want(http.StatusForbidden)
	ana.post("/servers/12345/stop", url.Values{"csrf": {start}}, header("Origin", "https://evil.example.com")).want(http.StatusForbidden)
	if n := s.Events("ask"); n > 0 {
		t.Errorf("%d asks came through", n)
	}
}

func TestAStrangerLearnsNothingOfAnyPlace(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	same := regexp.MustCompile(`href="/[^"]*">Open this page again`)
	first := ""
	for _, path := range []string{"/requests", "/requests/" + id, "/servers", "/servers/12345", "/servers/99", "/servers/12345/delete", "/servers/new", "/locks", "/audit", "/policy"} {
		r := s.newBrowser().get(path)
		r.want(http.StatusUnauthorized)
		body := same.ReplaceAllString(r.body, "")
		if first == "" {
			first = body
		}
		if body != first {
			t.Errorf("%s tells a stranger something: %s", path, r.body)
		}
	}
}
