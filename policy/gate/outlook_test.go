package gate_test

import (
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
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
