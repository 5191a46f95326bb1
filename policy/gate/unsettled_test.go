package gate_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// lostAnswer has the API answer the next write by what doesn't tell whether it was
// done.
func (w *world) lostAnswer() {
	w.Helper()
	w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Times: 1, Kind: sandbox.KindStatus, Status: 502},
		sandbox.Fault{Match: sandbox.Match{Method: "PATCH"}, Times: 1, Kind: sandbox.KindStatus, Status: 502},
		sandbox.Fault{Match: sandbox.Match{Method: "DELETE"}, Times: 1, Kind: sandbox.KindStatus, Status: 502})
}

func TestWhatMayHaveBeenDoneIsShownToWhoIsAskedForItAgain(t *testing.T) {
	const server = "of this server, ID, may have been done: look at the server before it is done twice"
	for name, tt := range map[string]struct {
		op, else_ gate.Operation
		want      string
	}{
		"create": {creation("newone"), creation("other"), "an earlier create of this name, ID, may have been done: look before you pay twice"},
		"reboot": {power(policy.Reboot, web), power(policy.Reboot, db), "an earlier reboot " + server},
		"stop":   {power(policy.Stop, web), power(policy.Reboot, web), "an earlier stop " + server},
		"update": {hostname(web, "a.example.com"), hostname(db, "a.example.com"), "an earlier update " + server},
		"delete": {deletion(web, "web-server-01"), deletion(db, "db-server-01"), "an earlier delete " + server},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				first := w.ask(tt.op)
				w.lostAnswer()
				first = w.approve("ana", first)
				w.is(first, ledger.Unknown, gate.OutcomeUnknown)
				want := strings.ReplaceAll(tt.want, "ID", first.ID)
				for _, who := range []string{"ana", "ben"} {
					v := w.askAs(actor(who), tt.op)
					if v.ID == first.ID || v.State != ledger.Pending || !slices.Equal(v.Warnings(), []string{want}) {
						t.Errorf("%s is shown %q of a request that is %s, want %q", who, v.Warnings(), v.State, want)
					}
					if v.Digest == first.Digest {
						t.Error("the vote is for what was shown first")
					}
				}
				if v := w.ask(tt.else_); len(v.Warnings()) > 0 {
					t.Errorf("of another: %q", v.Warnings())
				}
			})
		})
	}
}

// An ask that was open before the answer was lost shows nothing of it: asked again,
// it is a new one.
func TestAnOpenAskIsAnotherOnceItMayBeTheSecond(t *testing.T) {
	inWorld(t, func(w *world) {
		open := w.askAs(actor("ben"), creation("newone"))
		w.lostAnswer()
		w.is(w.approve("ana", w.ask(creation("newone"))), ledger.Unknown, gate.OutcomeUnknown)
		again := w.askAs(actor("ben"), creation("newone"))
		if again.ID == open.ID || len(again.Warnings()) != 1 {
			t.Errorf("it is the same request: %q", again.Warnings())
		}
		w.is(w.request(open.ID), ledger.Superseded, gate.OutcomeDenied)
	})
}

func TestWhatIsBeingDoneIsShownToWhoIsAskedForItAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.ask(creation("newone"))
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Times: 1, Kind: sandbox.KindDelay, Delay: 5 * time.Second})
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(first)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		v := w.askAs(actor("ben"), creation("newone"))
		want := "an earlier create of this name, " + first.ID + ", is being carried out: look before you pay twice"
		if !slices.Equal(v.Warnings(), []string{want}) {
			t.Errorf("shown is %q, want %q", v.Warnings(), want)
		}
		w.arrives(first)
	})
}

// What nobody will ever find out about is no warning for ever.
func TestADayLaterWhatMayHaveBeenDoneIsForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.ask(power(policy.Reboot, web))
		w.lostAnswer()
		w.is(w.approve("ana", first), ledger.Unknown, gate.OutcomeUnknown)
		time.Sleep(23 * time.Hour)
		if v := w.ask(power(policy.Reboot, web)); len(v.Warnings()) != 1 {
			t.Errorf("shown before is %q", v.Warnings())
		}
		time.Sleep(time.Hour + time.Second)
		if v := w.ask(power(policy.Reboot, web)); len(v.Warnings()) > 0 {
			t.Errorf("shown is %q", v.Warnings())
		}
	})
}
