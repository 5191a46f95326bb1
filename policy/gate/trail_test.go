package gate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func (w *world) trail(name, server string, limit int) string {
	w.Helper()
	rows, err := w.desk.Trail(w.soon(), actor(name), "", server, limit)
	if err != nil {
		w.Fatalf("trail: %v", err)
	}
	var kinds []string
	for _, r := range rows {
		kinds = append(kinds, r.Kind+" "+r.Person)
	}
	return strings.Join(kinds, ", ")
}

func TestTheTrailIsReadByServer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.ask(power(policy.Reboot, db))
		w.hold(lockWeb())
		w.ask(power(policy.Reboot, web))
		if got, want := w.trail("ana", "12345", 10), "hold ben, ask ana"; got != want {
			t.Errorf("the trail of web is %q, want %q", got, want)
		}
		if got, want := w.trail("ana", "", 10), "ask ana, hold ben, ask ana"; got != want {
			t.Errorf("the trail is %q, want %q", got, want)
		}
		if got, want := w.trail("ana", "", 2), "hold ben, ask ana"; got != want {
			t.Errorf("the two newest rows are %q, want %q", got, want)
		}
	})
}

// Rows about servers that the reader may not list are not for them, and who may
// list none reads nothing.
func TestTheTrailShowsNoServerThatMayNotBeListed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.ask(power(policy.Reboot, db))
		w.hold(lockWeb())
		w.ask(power(policy.Reboot, web))
		if got, want := w.trail("dee", "", 10), "ask ana"; got != want {
			t.Errorf("who may list the east alone reads %q, want %q", got, want)
		}
		var denied *gate.DeniedError
		if _, err := w.desk.Trail(w.soon(), actor("stranger"), "", "", 10); !errors.As(err, &denied) {
			t.Errorf("a stranger's error is %v", err)
		}
	}, withPolicy(func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"east": {{Location: []string{"us-east"}}}}
		d.Grants = append(d.Grants, policy.Grant{ID: "dee", Who: []string{"dee"}, Actions: []policy.Action{policy.List}, Servers: []string{"east"}})
	}))
}

func TestOpenRequestsAreTheirAskersAndVoters(t *testing.T) {
	inWorld(t, func(w *world) {
		one := w.ask(power(policy.Reboot, web))
		w.ask(power(policy.Stop, db))
		for name, want := range map[string]int{"ana": 2, "ben": 1, "dee": 0, "stranger": 0} {
			open, err := w.desk.Open(w.soon(), actor(name))
			if err != nil || len(open) != want {
				t.Errorf("%s sees %d open requests, %v, want %d", name, len(open), err, want)
			}
		}
		if v, err := w.desk.Cancel(w.soon(), actor("ana"), one.ID); err != nil || v.State != ledger.Cancelled {
			t.Fatal(v.State, err)
		}
		if open, err := w.desk.Open(w.soon(), actor("ben")); err != nil || len(open) != 0 {
			t.Errorf("a cancelled request is still open to its voter: %v, %v", open, err)
		}
	}, withPolicy(approvals(1)))
}

func (w *world) search(q gate.TrailQuery) (kinds string, older int64) {
	w.Helper()
	page, err := w.desk.Search(w.soon(), actor("ana"), q)
	if err != nil {
		w.Fatalf("search: %v", err)
	}
	var texts []string
	for _, r := range page.Rows {
		texts = append(texts, r.Kind+" "+r.Person)
	}
	return strings.Join(texts, ", "), page.Older
}

func TestTheTrailIsSearched(t *testing.T) {
	inWorld(t, func(w *world) {
		one := w.ask(power(policy.Reboot, db))
		w.hold(lockWeb())
		w.ask(power(policy.Reboot, web))
		now := time.Now() // the test's own
		for name, c := range map[string]struct {
			query gate.TrailQuery
			want  string
		}{
			"by a person":  {gate.TrailQuery{Person: "ben"}, "hold ben"},
			"by a request": {gate.TrailQuery{RequestID: one.ID}, "ask ana"},
			"by a kind":    {gate.TrailQuery{Kinds: []string{"ask"}}, "ask ana, ask ana"},
			"from now on":  {gate.TrailQuery{Since: now.Add(time.Hour)}, ""},
			"before now":   {gate.TrailQuery{Until: now.Add(-time.Hour)}, ""},
		} {
			c.query.Limit = 10
			if got, older := w.search(c.query); got != c.want || older != 0 {
				t.Errorf("%s: %q, older %d, want %q", name, got, older, c.want)
			}
		}
		newest, older := w.search(gate.TrailQuery{Limit: 2})
		rest, end := w.search(gate.TrailQuery{Limit: 2, Before: older})
		if newest != "hold ben, ask ana" || rest != "ask ana" || older == 0 || end != 0 {
			t.Errorf("the pages are %q and %q (%d, %d)", newest, rest, older, end)
		}
	})
}

func TestTheHistoryOfARequestIsForThoseWhoseBusinessItIs(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		rows, err := w.desk.History(w.soon(), actor("ana"), v.ID)
		if err != nil || len(rows) != 1 || rows[0].Kind != "ask" {
			t.Errorf("the asker reads %v, %v", rows, err)
		}
		if _, err := w.desk.History(w.soon(), actor("dee"), v.ID); !errors.Is(err, gate.ErrNotFound) {
			t.Errorf("who has nothing to do with it gets %v", err)
		}
	}, withPolicy(approvals(1)))
}

// Only a server that is to be is new: of what was denied before anything was looked
// up, the trail says what the asker called it.
func TestTheTrailOfAnAskThatWasNotLookedUpSaysWhatWasAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		named := func(name string) gate.Operation {
			return gate.Operation{Action: policy.Stop, Server: gate.Ref{Text: name}}
		}
		for _, op := range []gate.Operation{deletion(web, "web-server-01"), named("web\u202e-9"), creation("new-1")} {
			w.is(w.askAs(actor("dee"), op), ledger.Denied, gate.OutcomeDenied)
		}
		var said []string
		for _, e := range w.events() {
			said = append(said, e.Detail)
		}
		want := []string{"denied delete 12345", `denied stop web\u{202e}-9`, "denied create new new-1"}
		if !slices.Equal(said, want) {
			t.Errorf("the trail says %q, want %q", said, want)
		}
	})
}
