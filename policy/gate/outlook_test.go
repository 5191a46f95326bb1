package gate_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

func TestTheOutlookIsThatOfAnAskAndAsksNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hold(lockWeb())
		source, err := w.desk.Source("")
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[int64]struct {
			effect policy.Effect
			why    string
		}{web: {policy.Deny, "disk swap"}, db: {policy.Approve, ""}} {
			server, err := source.Reader.GetServer(w.soon(), vpsapi.NumberID(id))
			if err != nil {
				t.Fatal(err)
			}
			d, err := w.desk.Outlook(w.soon(), onPage("ana"), policy.Reboot, "", server)
			if err != nil || d.Effect != want.effect || !strings.Contains(strings.Join(d.Denied, " "), want.why) {
				t.Errorf("%d: %s %q, %v", id, d.Effect, d.Denied, err)
			}
		}
		if open, err := w.desk.Open(w.soon(), onPage("ana")); err != nil || len(open) > 0 {
			t.Errorf("it asked: %v, %v", open, err)
		}
	}, withPolicy(approvals(1)))
}

func TestWhatAPersonMayApproveIsWhatTheirGroupsAreAskedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		got := w.desk.Approvals(onPage("ben"))
		if len(got) != 1 || got[0].Rule != "two-eyes" || got[0].Count != 1 || got[0].From != "ops" || slices.Contains(got[0].Others, "ben") {
			t.Errorf("ben may approve %+v", got)
		}
		if got := w.desk.Approvals(onPage("stranger")); got != nil {
			t.Errorf("a stranger may approve %+v", got)
		}
	}, withPolicy(approvals(1)))
}

func TestWhatMayBeFrozenIsForThoseWhoMayFreeze(t *testing.T) {
	inWorld(t, func(w *world) {
		sets, people := w.desk.Freezable(onPage("ben"))
		if !slices.Equal(sets, []string{"web"}) || !slices.Contains(people, "ana") {
			t.Errorf("ben may freeze %q and %q", sets, people)
		}
		if sets, people := w.desk.Freezable(onPage("dee")); sets != nil || people != nil {
			t.Errorf("dee may freeze %q and %q", sets, people)
		}
	}, withPolicy(func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"web": {{Name: []string{"web-*"}}}}
		d.Grants = append(d.Grants, policy.Grant{ID: "freezers", Who: []string{"ben"}, Actions: []policy.Action{policy.Freeze}})
	}))
}

// Who is granted freezes of some sets puts those up and lifts them, and stops nothing
// else: nor do they lift what others have stopped.
func TestWhoMayFreezeSomeSetsFreezesAndLiftsThoseAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		freeze := func(who string, scope ledger.HoldScope, value string) (ledger.Hold, error) {
			return w.desk.Hold(w.soon(), onPage(who), gate.HoldOrder{Kind: ledger.FreezeHold, Scope: scope, Value: value, Because: "trouble"})
		}
		if sets, people := w.desk.Freezable(onPage("dee")); !slices.Equal(sets, []string{"web"}) || people != nil {
			t.Errorf("dee may freeze %q and %q", sets, people)
		}
		others := map[string]ledger.Hold{}
		for name, what := range map[string][2]string{
			"another set": {string(ledger.ScopeSet), "db"}, "a person": {string(ledger.ScopePerson), "ana"},
			"an account": {string(ledger.ScopeAccount), "main"}, "everything": {string(ledger.ScopeAll), ""},
		} {
			var denied *gate.DeniedError
			if _, err := freeze("dee", ledger.HoldScope(what[0]), what[1]); !errors.As(err, &denied) || !strings.Contains(err.Error(), "you may freeze web") {
				t.Errorf("dee freezes %s: %v", name, err)
			}
			h, err := freeze("ben", ledger.HoldScope(what[0]), what[1])
			if err != nil {
				t.Fatal(err)
			}
			others[name] = h
		}
		for name, h := range others {
			var denied *gate.DeniedError
			if _, err := w.desk.Lift(w.soon(), onPage("dee"), h.ID); !errors.As(err, &denied) || w.desk.MayLift(onPage("dee"), h) {
				t.Errorf("dee lifts the freeze of %s: %v", name, err)
			}
			if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); err != nil {
				t.Errorf("ben does not lift his own of %s: %v", name, err)
			}
		}
		for _, who := range []string{"dee", "ben"} {
			h, err := freeze(who, ledger.ScopeSet, "web")
			if err != nil {
				t.Fatalf("%s freezes web: %v", who, err)
			}
			if _, err := w.desk.Lift(w.soon(), onPage("dee"), h.ID); err != nil {
				t.Errorf("dee does not lift %s's freeze of web: %v", who, err)
			}
		}
	}, withPolicy(func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"web": {{Name: []string{"web-*"}}}, "db": {{Name: []string{"db-*"}}}}
		d.Grants = append(d.Grants,
			policy.Grant{ID: "freezers", Who: []string{"ben"}, Actions: []policy.Action{policy.Freeze}},
			policy.Grant{ID: "web-freezers", Who: []string{"dee"}, Actions: []policy.Action{policy.Freeze}, Servers: []string{"web"}})
	}))
}
