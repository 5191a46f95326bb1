package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

func stopped(v *sandbox.Server) { v.Status, v.Becomes = sandbox.StatusStopped, "" }

func stopOf(id string) gate.Operation {
	return gate.Operation{Action: policy.Stop, Server: server(id)}
}

// holders lets everybody lock and freeze.
func holders() policy.Document {
	d := document()
	d.Grants = append(d.Grants, policy.Grant{ID: "holders", Who: []string{"ana", "ben"}, Actions: []policy.Action{policy.Lock, policy.Freeze}})
	return d
}

func TestALockIsPutUpShownAndLiftedOnThePage(t *testing.T) {
	s := newStand(t, options{Document: holders()})
	ana := s.byLink("ana")
	lock := url.Values{"csrf": {ana.get("/servers/12345").field("csrf")}, "because": {"disk swap"}, "hours": {"4"}}
	ana.post("/servers/12345/lock", lock).want(http.StatusSeeOther)
	ana.post("/servers/12345/lock", lock).want(http.StatusConflict)
	ana.get("/servers/12345").want(http.StatusOK, "Server 12345 is locked", "disk swap", "ends in 4 hours")
	r := ana.get("/locks")
	r.want(http.StatusOK, "Server 12345 is locked", "disk swap", "by ana")
	if v, err := s.Desk.Ask(t.Context(), actor("ben"), stopOf("12345")); err != nil || v.State != ledger.Denied {
		t.Errorf("a locked server: %s, %v", v.State, err)
	}
	s.as("cy").get("/locks").wantNot("Lift<", "Put a freeze up")
	_, rest, _ := strings.Cut(r.body, `action="/locks/hold_`)
	id, _, _ := strings.Cut(rest, "/")
	_, rest, _ = strings.Cut(rest, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	s.as("ben").post("/locks/hold_"+id+"/lift", url.Values{"csrf": {token}}).want(http.StatusForbidden)
	ana.post("/locks/hold_"+id+"/lift", url.Values{"csrf": {token}}).want(http.StatusSeeOther)
	ana.get("/locks").want(http.StatusOK, "Nothing is locked or frozen")
}

func TestAFreezeOfAPersonIsNotOfferedToThemToLift(t *testing.T) {
	s := newStand(t, options{Document: holders()})
	ana := s.byLink("ana")
	ana.post("/locks", url.Values{"csrf": {ana.get("/locks").field("csrf")}, "what": {"person:ben"}, "because": {"runs wild"}, "hours": {"0"}}).want(http.StatusSeeOther)
	ana.get("/locks").want(http.StatusOK, "Lift<")
	r := s.as("ben").get("/locks")
	r.want(http.StatusOK, "runs wild", "Put a freeze up")
	r.wantNot("Lift<")
}

func TestAFreezeIsPutUpOnThePage(t *testing.T) {
	s := newStand(t, options{Document: holders()})
	ana := s.byLink("ana")
	r := ana.get("/locks")
	r.want(http.StatusOK, `value="set:databases"`, `value="person:ben"`)
	ana.post("/locks", url.Values{"csrf": {r.field("csrf")}, "what": {"set:databases"}, "because": {"quarter’s end"}, "hours": {"0"}}).want(http.StatusSeeOther)
	ana.get("/locks").want(http.StatusOK, "The servers of databases are frozen", "until it is lifted")
	ana.get("/servers/12346").want(http.StatusOK, "The servers of databases are frozen")
	ana.get("/servers/12345").wantNot("frozen")
	for name, form := range map[string]url.Values{
		"without a why": {"what": {"all"}, "hours": {"1"}},
		"a wrong time":  {"what": {"all"}, "because": {"x"}, "hours": {"-1"}},
		"no such set":   {"what": {"set:nothing"}, "because": {"x"}, "hours": {"1"}},
	} {
		form.Set("csrf", ana.get("/locks").field("csrf"))
		if r := ana.post("/locks", form); r.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: answered %d", name, r.status)
		}
	}
}

func TestWhoMayFreezeASetIsOfferedNoMore(t *testing.T) {
	d := holders()
	d.Grants[len(d.Grants)-1].Servers = []string{"databases"}
	s := newStand(t, options{Document: d, Accounts: []string{"prod", "staging"}})
	ana := s.byLink("ana")
	r := ana.get("/locks")
	r.want(http.StatusOK, `value="set:databases"`)
	r.wantNot(`value="all"`, `value="person:`, `value="account:`)
	form := url.Values{"csrf": {r.field("csrf")}, "what": {"all"}, "because": {"trouble"}, "hours": {"1"}}
	ana.post("/locks", form).want(http.StatusForbidden, "you may freeze databases")
	form.Set("csrf", ana.get("/locks").field("csrf"))
	form.Set("what", "set:databases")
	ana.post("/locks", form).want(http.StatusSeeOther)
	ana.get("/locks").want(http.StatusOK, "The servers of databases are frozen", "Lift<")
}

func TestTheTrailIsSearchedOnThePage(t *testing.T) {
	s := newStand(t, options{})
	first := s.AskDelete("ana")
	second := s.AskReboot("ben")
	ana := s.as("ana")
	all := ana.get("/audit")
	all.want(http.StatusOK, first, second)
	for query, want := range map[string]string{
		"person=ben": second, "server=12345": first, "request=" + first: first, "kind=ask&person=ana": first, "since=2026-11-24&until=2026-11-24&person=ben": second,
	} {
		r := ana.get("/audit?" + query)
		r.want(http.StatusOK, want)
		for _, other := range []string{first, second} {
			if other != want && strings.Contains(r.body, other) {
				t.Errorf("%s shows %s too", query, other)
			}
		}
	}
	ana.get("/audit?since=2026-11-25").want(http.StatusOK, "There is nothing that fits")
	ana.get("/audit?since=yesterday").want(http.StatusUnprocessableEntity, "2026-11-25")
	ana.get("/audit?before=x").want(http.StatusUnprocessableEntity)
}

func TestTheTrailIsPaged(t *testing.T) {
	s := newStand(t, options{})
	for range 60 {
		id := s.AskDelete("ana")
		if _, err := s.Desk.Cancel(t.Context(), actor("ana"), id); err != nil {
			t.Fatal(err)
		}
	}
	ana := s.as("ana")
	r, rows := ana.get("/audit?kind=ask"), 0
	for range 2 {
		rows += strings.Count(r.body, `<li class="card event">`)
		_, rest, more := strings.Cut(r.body, `rel="next" href="`)
		if !more {
			break
		}
		next, _, _ := strings.Cut(rest, `"`)
		r = ana.get(strings.ReplaceAll(next, "&amp;", "&"))
	}
	if rows != 60 || strings.Contains(r.body, `rel="next"`) {
		t.Errorf("%d rows on two pages, want 60", rows)
	}
}

func TestWhoMayListNothingReadsNoTrailAndNoServers(t *testing.T) {
	d := document()
	d.Grants = []policy.Grant{{ID: "few", Who: []string{"ana"}, Actions: []policy.Action{policy.List, policy.Get, policy.Reboot}, Servers: []string{"databases"}}}
	d.Guards = d.Guards[:1]
	s := newStand(t, options{Document: d})
	for _, path := range []string{"/audit", "/servers", "/servers/12346", "/locks"} {
		s.as("dan").get(path).want(http.StatusForbidden)
	}
	r := s.as("ana").get("/servers")
	r.want(http.StatusOK, "db-server-01", "1 to 1 of 1")
	r.wantNot("web-server-01")
	r = s.as("ana").get("/servers/12345")
	r.want(http.StatusForbidden)
	r.wantNot("web-server-01")
	s.as("ana").get("/servers/777").want(http.StatusNotFound)
}

func TestServersAreFilteredAndPaged(t *testing.T) {
	s := newStand(t, options{Servers: 120})
	ana := s.as("ana")
	ana.get("/servers").want(http.StatusOK, "1 to 50 of 120", "from=50")
	ana.get("/servers?from=100").want(http.StatusOK, "101 to 120 of 120", "from=50")
	r := ana.get("/servers?q=DB-server-01")
	r.want(http.StatusOK, "db-server-01", "1 to 1 of 1")
	r.wantNot("web-server-01")
	ana.get("/servers?q=nothing-of-the-kind").want(http.StatusOK, "There is no server that fits")
	ana.get("/servers?from=x").want(http.StatusUnprocessableEntity)
}

// As the tools and the chat do.
func TestALocationThatIsNotKnownHasItsNearMissOnThePage(t *testing.T) {
	s := newStand(t, options{})
	ana := s.as("ana")
	const nowhere = "No location is known as"
	ana.get("/servers?location=us-wst").want(http.StatusOK, "There is no server that fits.", nowhere+" &#34;us-wst&#34;. Did you mean us-west?")
	ana.get("/servers?location=mars").want(http.StatusOK, nowhere+" &#34;mars&#34;. There are eu-central, us-east, us-west.")
	ana.get("/servers?location=%3Cb%3E").want(http.StatusOK, nowhere+" &#34;&lt;b&gt;&#34;.")
	for _, known := range []string{"location=us-west", "location=us-west&q=nothing-of-the-kind", "q=nothing-of-the-kind"} {
		r := ana.get("/servers?" + known)
		r.want(http.StatusOK)
		r.wantNot(nowhere)
	}
}

func TestThePolicyIsShownAsThePersonHasIt(t *testing.T) {
	s := newStand(t, options{})
	r := s.byLink("ana").get("/policy")
	r.want(http.StatusOK, "delete a server", "typing the server&#39;s name", "2 of sre", "besides you: ben, cy", "one-time link", "lock a server")
	s.as("dan").get("/policy").want(http.StatusOK, "No rule asks you")
}

func TestThePolicyPageSaysWhatHangsOnAGroupThatCantBeRead(t *testing.T) {
	d := document()
	person := d.People["dan"]
	person.Slack = []string{"T1/U1"}
	d.People["dan"] = person
	d.Groups["night"] = policy.Group{SlackUsergroups: []string{"T1/S1"}}
	d.Grants = append(d.Grants, policy.Grant{ID: "night", Who: []string{"night"}, Actions: []policy.Action{policy.Freeze}})
	newStand(t, options{Document: d}).as("dan").get("/policy").want(http.StatusOK,
		"freeze several servers: whether you are in night isn&#39;t known: its Slack user group can&#39;t be read")
}

// Two accounts may each have a server of the same id.
func TestThePageSaysInWhichAccountItIs(t *testing.T) {
	s := newStand(t, options{Document: holders(), Accounts: []string{"prod", "staging"}})
	ana := s.byLink("ana")
	at := ana.get("/servers/12345?account=staging")
	ana.post("/servers/12345/lock", url.Values{"csrf": {at.field("csrf")}, "account": {"staging"}, "because": {"disk swap"}, "hours": {"0"}}).want(http.StatusSeeOther)
	const locked = "Server 12345 of the account staging is locked"
	ana.get("/locks").want(http.StatusOK, locked)
	ana.get("/servers/12345?account=staging").want(http.StatusOK, locked, `href="/audit?account=staging&amp;server=12345"`)
	ana.get("/servers/12345").wantNot("is locked")
	ana.get("/audit?server=12345&account=staging").want(http.StatusOK, "disk swap", "<span>account staging</span>", `href="/audit?account=staging&amp;server=12345"`)
	ana.get("/audit?server=12345").wantNot("disk swap")
	ana.get("/audit?account=staging").want(http.StatusOK, "disk swap")
	ana.get("/audit?account=prod").wantNot("disk swap")
}

// A freeze of a set or a person may be of one account alone; it is put up in the
// chat.
func TestThePageSaysInWhichAccountAFreezeHolds(t *testing.T) {
	s := newStand(t, options{Document: holders(), Accounts: []string{"prod", "staging"}})
	for scope, value := range map[ledger.HoldScope]string{ledger.ScopeSet: "databases", ledger.ScopePerson: "ana"} {
		_, err := s.Gate.Desk().Hold(t.Context(), actor("ben"), gate.HoldOrder{Kind: ledger.FreezeHold, Scope: scope, Value: value, Account: "staging", Because: "the move"})
		if err != nil {
			t.Fatal(err)
		}
	}
	ana := s.byLink("ana")
	const ofSet, ofPerson = "The servers of databases in the account staging are frozen", "What ana asks for in the account staging is frozen"
	ana.get("/locks").want(http.StatusOK, ofSet, ofPerson)
	ana.get("/servers/12346?account=staging").want(http.StatusOK, ofSet, ofPerson)
	ana.get("/servers/12346").wantNot("frozen")
}

// An id alone is too little for a change where it is another server's name.
func TestAnIDThatAnotherServerIsCalledSaysWhatHelpsOnThePage(t *testing.T) {
	s := newStand(t, options{})
	s.API.EditServer(12346, func(v *sandbox.Server) { v.Name = "12345" })
	ana := s.byLink("ana")
	form := ana.get("/servers/12345/stop")
	r := ana.post("/servers/12345/stop", url.Values{"csrf": {form.field("csrf")}})
	r.want(http.StatusUnprocessableEntity, "is 2 servers", "Rename the other one first.")
	r.wantNot("by its id")
}
