package gate_test

import (
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// What a stricter policy adds is said, and may be given, at once.
func TestWhatAStricterPolicyAddsIsAskedForAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.desk.Look(w.soon(), actor("ben"), v.ID); err == nil {
			t.Error("it is ben's business before anybody wants his vote")
		}
		w.setPolicy(approvals(2))
		v = w.request(v.ID)
		if got := strings.Join(v.NeedLines(), "; "); !strings.Contains(got, "ana must confirm") || !strings.Contains(got, "2 of ops must approve (ben, cy)") {
			t.Errorf("it says that it waits for %q", got)
		}
		for _, name := range []string{"ben", "cy"} {
			if c := w.ballot.Choices(voter(name), v); !c.Approve {
				t.Errorf("%s is not offered to approve: %s", name, c.WhyNot)
			}
			if waiting, err := w.ballot.Waiting(w.soon(), voter(name)); err != nil || len(waiting) != 1 {
				t.Errorf("%d requests wait for %s: %v", len(waiting), name, err)
			}
			w.is(w.approve(name, v), ledger.Pending, gate.OutcomePending)
		}
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	})
}

// Whoever votes under a lock votes in vain: a pending request says so as long as it
// stands, and of nothing else.
func TestAPendingRequestSaysWhatWouldDenyIt(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		if v.Barred != "" {
			t.Errorf("it would be denied by %q", v.Barred)
		}
		h := w.hold(lockWeb())
		if got := w.request(v.ID).Barred; !strings.Contains(got, "disk swap") || !strings.Contains(got, h.ID) {
			t.Errorf("under a lock it would be denied by %q", got)
		}
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); err != nil {
			t.Fatal(err)
		}
		if got := w.request(v.ID).Barred; got != "" {
			t.Errorf("once that is lifted it would be denied by %q", got)
		}
		w.setPolicy(func(d *policy.Document) { d.Guards = nil }) // then a delete is confirmed by no guard's word
		if got := w.ask(deletion(web, "web-server-01")).Barred; got != "" {
			t.Errorf("a delete that waits for its asker would be denied by %q", got)
		}
	})
}

// What was wanted when it was shown is wanted still.
func TestALooserPolicyTakesNothingOffARequest(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(nil)
		if got := w.request(v.ID).NeedLines(); len(got) != 2 {
			t.Errorf("it says that it waits for %q", got)
		}
	}, withPolicy(approvals(2)))
}

// What a policy adds after the end of a request makes it nobody's business.
func TestWhatIsOverIsNoBusinessOfWhomALaterPolicyAsks(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), no(v)); err != nil {
			t.Fatal(err)
		}
		w.setPolicy(approvals(2))
		if _, err := w.desk.Look(w.soon(), onPage("ben"), v.ID); err == nil {
			t.Error("it is ben's business, whom nobody asked")
		}
	})
}
