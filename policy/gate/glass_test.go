package gate_test

import (
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// behindGlass denies updates by two guards, which a person may lift.
func behindGlass(d *policy.Document) {
	glass := &policy.Require{Approve: 1, From: "ops"}
	d.Guards = append(d.Guards,
		policy.Guard{ID: "freeze", Actions: []policy.Action{policy.Update}, Deny: "change freeze", BreakGlass: glass},
		policy.Guard{ID: "quiet", Actions: []policy.Action{policy.Update}, Deny: "the night's backup", BreakGlass: glass},
	)
}

// Whoever sees a request sees that glass was broken for it, and for what; first of what
// must be minded.
func TestWhereGlassWasBrokenItIsSaid(t *testing.T) {
	inWorld(t, func(w *world) {
		w.edit(db, func(s *sandbox.Server) { s.Name = "shop.example.com" })
		op := hostname(web, "shop.example.com")
		op.BreakGlass = true
		v := w.askAs(onPage("ana"), op)
		w.is(v, ledger.Pending, gate.OutcomePending)
		warnings := []string{
			"break-glass: it goes against the rule freeze, which denies it: change freeze",
			"break-glass: it goes against the rule quiet, which denies it: the night's backup",
			"another server already goes by the name shop.example.com",
		}
		if got := v.Warnings(); !slices.Equal(got, warnings) {
			t.Errorf("it warns of %q", got)
		}
		const broken = ", with break-glass against freeze and quiet"
		asked := w.events()[0].Detail
		for where, got := range map[string]string{"what it is": v.What(), "the trail": asked} {
			if !strings.HasSuffix(got, broken) {
				t.Errorf("%s is told as %q", where, got)
			}
		}
		w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
		w.is(w.approve("ben", v), ledger.Succeeded, gate.OutcomeSucceeded)
	}, withPolicy(behindGlass))
}

func TestWhereNoGlassWasBrokenNothingIsSaidOfIt(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.askAs(onPage("ana"), power(policy.Reboot, web))
		if strings.Contains(v.What(), "glass") || len(v.Warnings()) != 0 || strings.Contains(w.events()[0].Detail, "glass") {
			t.Errorf("it is told as %q, %q, and warns of %q", v.What(), w.events()[0].Detail, v.Warnings())
		}
	}, withPolicy(behindGlass))
}
