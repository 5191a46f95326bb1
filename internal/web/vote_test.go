package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/internal/web/webtest"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

func TestTheTypedNameDeletesOnce(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	ana.get("/requests/"+id).want(http.StatusOK, "Delete web-server-01 for good", "This cannot be undone", "not needed any more")
	token := ana.token(id)

	r := ana.voteWith(token, id, "approve", "typed_name", "web-server-01")
	r.want(http.StatusSeeOther)
	if got := r.header.Get("Location"); got != "/requests/"+id {
		t.Errorf("sent on to %q", got)
	}
	s.Ends("ana", id, ledger.Succeeded)
	if got, want := s.Writes(), []string{"DELETE /api/v1/servers/12345/"}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	ana.get("/requests/"+id).want(http.StatusOK, "It is done.")

	ana.voteWith(token, id, "approve", "typed_name", "web-server-01").want(http.StatusConflict, "oo late", `role="alert"`)
	ana.voteWith(token, id, "deny").want(http.StatusConflict, "oo late")
	if got := s.Writes(); len(got) != 1 {
		t.Errorf("an old page's button sent something: %q", got)
	}
}

func TestAnotherNameDeletesNothing(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	for _, name := range []string{"", "web-server-1", "WEB-SERVER-01", "web-server-01 ", "db-server-01", "12345"} {
		ana.vote(id, "approve", "typed_name", name).want(http.StatusUnprocessableEntity, `role="alert"`, "exactly as it is written")
	}
	ana.vote(id, "approve", "typed_name", "Web-server-01 ").want(http.StatusUnprocessableEntity, "what was typed has a blank before or behind it and capital or small letters of its own")
	s.WantUntouched(id)
}

func TestAServerWhoseNameCannotBeTypedIsDeletedByItsID(t *testing.T) {
	s := newStand(t, options{})
	const name = "web\u200b-01"
	s.API.EditServer(webServer, func(sv *sandbox.Server) { sv.Name = name })
	id := s.Ask("ana", gate.Operation{Action: policy.Delete, Server: server("12345"), Name: name})
	ana := s.byLink("ana")
	ana.get("/requests/"+id).want(http.StatusOK, ">12345</strong>, its id, to show that you mean this server: its name can't be typed as it shows")
	for _, typed := range []string{"", "web-01", `web\u{200b}-01`, "12346"} {
		ana.vote(id, "approve", "typed_name", typed).want(http.StatusUnprocessableEntity, "ype the server&#39;s id, 12345: its name can&#39;t be typed as it shows")
	}
	ana.vote(id, "approve", "typed_name", "12345").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
}

func TestADenialEndsIt(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	ana.vote(id, "deny", "reason", "we still need it").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Denied)
	ana.get("/requests/"+id).want(http.StatusOK, "we still need it", "denied")
	if w := s.Writes(); len(w) > 0 {
		t.Errorf("sent: %q", w)
	}
}

func TestAnApprovalSaysWhyWhereTheRuleWantsIt(t *testing.T) {
	s := newStand(t, options{})
	id := s.Ask("ana", gate.Operation{Action: policy.Stop, Server: server("12346")})
	ana := s.byLink("ana")
	ana.get("/requests/"+id).want(http.StatusOK, `name="reason"`, "Why do you approve it?")
	ana.vote(id, "approve").want(http.StatusUnprocessableEntity, "needs a reason")
	s.WantUntouched(id)
	ana.vote(id, "approve", "reason", "maintenance").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
}

func TestTwoOthersMustApprove(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	ana, ben, cy := s.as("ana"), s.as("ben"), s.as("cy")
	ben.get("/requests").want(http.StatusOK, "Restart db-server-01")

	// The asker's own confirmation is one of the needs, and no approval.
	ana.vote(id, "approve").want(http.StatusSeeOther)
	ana.get("/requests/"+id).want(http.StatusOK, "2 persons of sre (ben, cy) must approve")
	ben.vote(id, "approve").want(http.StatusSeeOther)
	s.WantUntouched(id)
	ben.get("/requests/"+id).want(http.StatusOK, "You have approved this. Others must, too.")
	ben.get("/requests").want(http.StatusOK, "Nothing waits for you")

	// One person by another account is still one vote.
	again := s.newBrowser()
	again.identity = "oidc https://id.example.com|ben"
	again.vote(id, "approve").want(http.StatusSeeOther)
	s.WantUntouched(id)

	cy.vote(id, "approve").want(http.StatusSeeOther)
	s.Ends("ana", id, ledger.Succeeded)
	if got, want := s.Writes(), []string{"POST /api/v1/servers/12346/reboot/"}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestNobodyApprovesWhatTheyAskedFor(t *testing.T) {
	d := document()
	d.Guards = []policy.Guard{{ID: "others", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{Approve: 1, From: "sre"}}}
	s := newStand(t, options{Document: d})
	id := s.AskReboot("ana")
	ana := s.as("ana")
	page := ana.get("/requests/" + id)
	page.want(http.StatusOK, "somebody else must approve it", `value="deny"`)
	page.wantNot(`value="approve"`)
	ana.vote(id, "approve").want(http.StatusForbidden, `role="alert"`, "somebody else must approve it")

	other := s.newBrowser() // their other account
	other.identity = "oidc https://id.example.com|ana"
	other.vote(id, "approve").want(http.StatusForbidden, "somebody else must approve it")
	s.WantUntouched(id)
}

func TestASignInByLinkDecidesForItsOwnPersonAlone(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	ben := s.byLink("ben")
	page := ben.get("/requests/" + id)
	page.want(http.StatusOK, "decides nobody else")
	page.wantNot(`value="approve"`, `value="deny"`)
	ben.get("/requests").want(http.StatusOK, "Nothing waits for you")

	// Not even with a token that the same person got by another sign-in.
	for _, verdict := range []string{"approve", "deny"} {
		ben.voteWith(s.as("ben").token(id), id, verdict).want(http.StatusForbidden)
	}
	s.WantUntouched(id)
}

// The page offers no form to a sign-in by link, so its token is made from a
// request of its own: it must not open another's.
func TestALinksTokenIsForNoOtherRequest(t *testing.T) {
	s := newStand(t, options{})
	others, own := s.AskReboot("ana"), s.Ask("ben", gate.Operation{Action: policy.Reboot, Server: server("12345")})
	ben := s.byLink("ben")
	ben.voteWith(ben.token(own), others, "approve").want(http.StatusForbidden)
	s.WantUntouched(others)
}

func TestAnotherPersonsRequestIsNotThere(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	dan := s.as("dan")
	there, never := dan.get("/requests/"+id), dan.get("/requests/req_aaaaaaaaaaaaaaaa")
	there.want(http.StatusNotFound)
	if there.body != never.body {
		t.Error("the page tells a request that is there from one that is not")
	}
	dan.get("/requests").wantNot(id, "web-server-01")
	dan.voteWith(s.as("ana").token(id), id, "approve", "typed_name", "web-server-01").want(http.StatusForbidden)
	s.WantUntouched(id)
}

func TestAVoteIsForWhatThePageShowed(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	token := ana.token(id)
	err := s.Ledger.Write(t.Context(), func(tx ledger.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		r.Digest = "of something else"
		_, err = tx.Update(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ana.voteWith(token, id, "approve", "typed_name", "web-server-01").want(http.StatusConflict, `role="alert"`, "look again")
	s.WantUntouched(id)
}

func TestExpiredWhileThePageWasOpen(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	token := ana.token(id)
	s.Clock.Advance(16 * time.Minute)
	r := ana.voteWith(token, id, "approve", "typed_name", "web-server-01")
	r.want(http.StatusConflict, "oo late", "nobody decided in time")
	r.wantNot(`value="approve"`)
	if w := s.Writes(); len(w) > 0 {
		t.Errorf("sent: %q", w)
	}
}

func TestReadOnlyTakesNoApproval(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	s.Gate.ReadOnly = true
	ana := s.byLink("ana")
	page := ana.get("/requests/" + id)
	page.want(http.StatusOK, "runs read-only", `value="deny"`)
	page.wantNot(`value="approve"`)
	ana.vote(id, "approve", "typed_name", "web-server-01").want(http.StatusForbidden, "read-only")
	s.WantUntouched(id)
}

func TestManyTabsDeleteOnce(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	form := url.Values{"csrf": {ana.token(id)}, "verdict": {"approve"}, "typed_name": {"web-server-01"}}.Encode()
	codes := make(chan int, 8)
	for range cap(codes) {
		go func() {
			r, err := http.NewRequest(http.MethodPost, s.Origin+"/requests/"+id+"/vote", strings.NewReader(form))
			if err != nil {
				codes <- 0
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", s.Origin)
			res, err := ana.client.Do(r)
			if err != nil {
				codes <- 0
				return
			}
			codes <- res.StatusCode
			res.Body.Close()
		}()
	}
	counted := 0
	for range cap(codes) {
		switch got := <-codes; got {
		case http.StatusSeeOther:
			counted++
		case http.StatusConflict:
		default:
			t.Errorf("answered %d", got)
		}
	}
	if counted != 1 {
		t.Errorf("%d votes counted", counted)
	}
	s.Ends("ana", id, ledger.Succeeded)
	if got := s.Writes(); len(got) != 1 {
		t.Errorf("sent %q", got)
	}
}

func TestAPolicyThatWantsMoreAsksAgain(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	ana := s.as("ana")
	ana.vote(id, "approve").want(http.StatusSeeOther)
	ana.get("/requests/"+id).want(http.StatusOK, "You have approved this")
	err := s.Ledger.Write(t.Context(), func(tx ledger.Tx) error { // as a claim under a stricter policy does
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		r.Needs = policy.MergeNeeds(r.Needs, []policy.Need{{Count: 1, Factor: policy.PersonFactor, TypeName: true}})
		_, err = tx.Update(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ana.get("/requests").want(http.StatusOK, "Restart db-server-01", "Waiting for you")
	ana.vote(id, "approve").want(http.StatusUnprocessableEntity)
	ana.vote(id, "approve", "typed_name", "db-server-01").want(http.StatusSeeOther)
	ana.get("/requests/"+id).want(http.StatusOK, "You have approved this")
}

// Slack tells nothing of the asker's account, so the request waits.
func TestWhatIsHeldBackIsDeniedOnThePage(t *testing.T) {
	d := webtest.Document()
	dan := d.People["dan"]
	dan.Slack = []string{"T1/DAN"}
	d.People["dan"] = dan
	s := newStand(t, options{Document: d})
	account := policy.Identity{Kind: policy.SlackUser, ID: "T1/DAN"}
	s.Gate.Ballot().Consult(func(context.Context, gate.Doubt) gate.Word {
		return gate.Word{Unsure: map[policy.Identity]string{account: "Slack cannot be reached"}}
	})
	view, err := s.Desk.Ask(t.Context(), policy.Actor{Identity: account, Front: policy.Slack, Channel: "C1"},
		gate.Operation{Action: policy.Reboot, Server: webtest.ServerID("12346")})
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range []string{"ben", "cy", "dan"} {
		s.as(person).vote(view.ID, "approve").want(http.StatusSeeOther)
	}
	ben := s.as("ben")
	r := ben.get("/requests/" + view.ID)
	for r.field("verdict") != "deny" { // the last vote's claim is under way
		r = ben.get("/requests/" + view.ID)
	}
	r.want(http.StatusOK, "Slack cannot be reached", "a no ends it", "held back")
	r.wantNot(`value="approve"`)
	ben.vote(view.ID, "deny").want(http.StatusSeeOther)
	ben.get("/requests/"+view.ID).want(http.StatusOK, "denied by ben")
	if sent := s.Writes(); len(sent) != 0 {
		t.Errorf("sent %q", sent)
	}
}
