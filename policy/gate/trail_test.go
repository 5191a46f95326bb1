package gate_test

import (
	"errors"
	"strings"
	"testing"

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
