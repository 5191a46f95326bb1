package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vpsops/policy"
)

// A page that says why a vote did not count goes on with the request.
func TestARefusedVotesPageIsKeptAsItIs(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskDelete("ana")
	ana := s.byLink("ana")
	r := ana.vote(id, "approve", "typed_name", "another")
	r.want(http.StatusUnprocessableEntity, `data-events="/requests/`+id+`/events?face=`, `data-at="/requests/`+id+`"`)
	_, rest, _ := strings.Cut(r.body, `data-events="`)
	address, _, _ := strings.Cut(rest, `"`)
	stream := ana.stream(address)
	if _, err := s.Desk.Cancel(t.Context(), actor("ana"), id); err != nil {
		t.Fatal(err)
	}
	stream.says("look")

	token := ana.token(s.AskReboot("ana"))
	ana.voteWith(token, id, "approve").want(http.StatusForbidden)
}

func TestAVoteOfWhoIsNoMemberAnyMoreSaysThatItDidNotCount(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	ben := s.as("ben")
	token := ben.token(id)
	d := document()
	d.Groups["sre"] = policy.Group{People: []string{"ana", "cy", "dan"}}
	s.SetPolicy(d)
	ben.voteWith(token, id, "approve").want(http.StatusNotFound, "This did not count", "Nothing was done")
	s.WantUntouched(id)
}

func TestAYesThatIsNotEnoughAnyMoreIsSaidToStand(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	ben := s.as("ben")
	ben.vote(id, "approve").want(http.StatusSeeOther)
	const stands = "Your yes stands, and is not enough any more."
	ben.get("/requests/" + id).wantNot(stands)
	d := document()
	for i, g := range d.Guards {
		if g.ID == "two-for-databases" {
			d.Guards[i].Require = &policy.Require{Approve: 2, From: "sre", Factor: policy.Passkey}
		}
	}
	s.SetPolicy(d)
	ben.get("/requests/"+id).want(http.StatusOK, stands+" This needs a passkey of yours")
	s.as("cy").get("/requests/" + id).wantNot(stands)
}

func TestBreakGlassIsSaidToLiftWhatItHasNotLiftedYet(t *testing.T) {
	d := document()
	d.Guards = append(d.Guards, policy.Guard{ID: "frozen", Actions: []policy.Action{policy.Stop}, Deny: "change freeze", BreakGlass: &policy.Require{Approve: 1, From: "sre"}})
	s := newStand(t, options{Document: d})
	ana := s.byLink("ana")
	form := url.Values{"csrf": {ana.get("/servers/12345/stop").field("csrf")}, "break_glass": {"yes"}, "reason": {"it burns"}}
	r := ana.post("/servers/12345/stop", form)
	r.want(http.StatusSeeOther)
	r = ana.get(r.header.Get("Location"))
	r.want(http.StatusOK, "waiting", "denies it; break-glass lifts that, once its votes are in")
	r.wantNot("was lifted")
}
