package gate_test

import (
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

func stopped(s *sandbox.Server) { s.Status = sandbox.StatusStopped }

// Every change, from the ask to where the server arrives.
func TestEachActionIsSentOnceAndToldToItsEnd(t *testing.T) {
	for _, tt := range []struct {
		name    string
		op      gate.Operation
		before  func(*sandbox.Server)
		state   ledger.State // after the ask
		outcome gate.Outcome // after the vote
		sent    string
		status  string // the server's, at last
	}{
		{"start", power(policy.Start, web), stopped, ledger.Succeeded, gate.OutcomeAccepted, "POST /servers/12345/start/", "active"},
		{"stop", power(policy.Stop, web), nil, ledger.Pending, gate.OutcomeAccepted, "POST /servers/12345/stop/", "stopped"},
		{"reboot", power(policy.Reboot, web), nil, ledger.Pending, gate.OutcomeAccepted, "POST /servers/12345/reboot/", "active"},
		{"create", creation("new-1"), nil, ledger.Pending, gate.OutcomeAccepted, "POST /servers/", "active"},
		{"update", hostname(web, "new.example.com"), nil, ledger.Pending, gate.OutcomeSucceeded, "PATCH /servers/12345/", "active"},
		{"replace", replacement(web, "web-2", "new.example.com", false), nil, ledger.Pending, gate.OutcomeSucceeded, "PUT /servers/12345/", "active"},
		{"delete", deletion(web, "web-server-01"), nil, ledger.Pending, gate.OutcomeSucceeded, "DELETE /servers/12345/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if tt.before != nil {
					w.edit(web, tt.before)
				}
				v := w.ask(tt.op)
				if v.State != tt.state {
					t.Fatalf("after the ask it is %s: %s", v.State, v.Message())
				}
				rows := []string{"ask", "claim", "sending", "outcome"}
				if v.State == ledger.Pending {
					w.sent()
					v = w.approve("ana", v)
					rows = []string{"ask", "vote", "state", "claim", "sending", "outcome"}
				}
				w.is(v, ledger.Succeeded, tt.outcome)
				w.audited(v.ID, rows...)
				end, err := w.desk.Wait(w.soon(), actor("ana"), v.ID, 10*time.Minute, nil)
				if err != nil {
					t.Fatal(err)
				}
				w.is(end, ledger.Succeeded, gate.OutcomeSucceeded)
				if tt.outcome == gate.OutcomeAccepted && end.ServerStatus != tt.status {
					t.Errorf("the server is told to be %q", end.ServerStatus)
				}
				if end.ServerID == "" {
					t.Error("it is not told which server it was")
				}
				w.sent(tt.sent)
			})
		})
	}
}

func TestWaitingTellsOfEveryChange(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		go func() {
			time.Sleep(time.Minute)
			_, _ = w.ballot.Vote(w.Context(), voter("ana"), yes(v))
		}()
		var seen []gate.Outcome
		began := time.Now()
		end, err := w.desk.Wait(w.soon(), actor("ana"), v.ID, 5*time.Minute, func(v gate.View) { seen = append(seen, v.Outcome) })
		if err != nil {
			t.Fatal(err)
		}
		w.is(end, ledger.Succeeded, gate.OutcomeSucceeded)
		if len(seen) < 2 || seen[0] != gate.OutcomePending || seen[len(seen)-1] != gate.OutcomeAccepted {
			t.Errorf("it told of %q", seen)
		}
		if waited := time.Since(began); waited > 2*time.Minute {
			t.Errorf("it waited %s", waited)
		}
	})
}

func TestWaitingEndsWithItsTime(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		began := time.Now()
		v, err := w.desk.Wait(w.soon(), actor("ana"), v.ID, 50*time.Second, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.is(v, ledger.Pending, gate.OutcomePending)
		if waited := time.Since(began); waited != 50*time.Second {
			t.Errorf("it waited %s", waited)
		}
	})
}

func TestARequestsServerIsLookedAtAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.approve("ana", w.ask(power(policy.Reboot, web)))
		w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
		time.Sleep(time.Minute)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
	})
}
