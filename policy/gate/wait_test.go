package gate_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// accepted is a reboot that the API took, of a server that never arrives.
func (w *world) accepted() gate.View {
	w.Helper()
	v := w.approve("ana", w.ask(power(policy.Reboot, web)))
	w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
	w.edit(web, func(s *sandbox.Server) { s.Status, s.Becomes = sandbox.StatusRebooting, "" })
	return v
}

func (w *world) waits(v gate.View, limit time.Duration) gate.View {
	w.Helper()
	v, err := w.desk.Wait(w.soon(), actor("ana"), v.ID, limit, nil)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// isGone wants it told that the server is no more, and never that the change is
// done.
func (w *world) isGone(v gate.View) {
	w.Helper()
	w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
	if !v.Gone() || !v.Settled() || v.ServerStatus != "gone" || !v.SettledAt.IsZero() {
		w.Errorf("the server is %q, settled at %s", v.ServerStatus, v.SettledAt)
	}
	said := v.Message()
	for _, want := range []string{"Accepted: ", "The server is gone now", "who or what deleted it is not known", "list_servers", "audit trail"} {
		if !strings.Contains(said, want) {
			w.Errorf("it lacks %q: %s", want, said)
		}
	}
	if strings.Contains(said, "Done") || strings.Contains(said, "on its way") {
		w.Errorf("it says %s", said)
	}
}

// A server that vanished is the success of a delete alone, and nobody waits on
// for it.
func TestAServerThatIsGoneWhileItIsWaitedFor(t *testing.T) {
	for name, op := range map[string]gate.Operation{
		"start": power(policy.Start, web), "stop": power(policy.Stop, web), "reboot": power(policy.Reboot, web), "create": creation("new-1"),
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if op.Action == policy.Start {
					w.edit(web, stopped)
				}
				v := w.ask(op)
				if v.State == ledger.Pending {
					v = w.approve("ana", v)
				}
				w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
				id, err := strconv.ParseInt(v.ServerID, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				w.sandbox.RemoveServer(id)
				began := time.Now()
				limit := 5 * time.Second
				if op.Action == policy.Create {
					limit = 75 * time.Second // nobody has seen it: it may be that the API lags
				}
				w.isGone(w.waits(v, 2*time.Minute))
				if waited := time.Since(began); waited > limit {
					t.Errorf("it waited %s", waited)
				}
				w.isGone(w.request(v.ID))
				w.isGone(w.waits(v, 50*time.Second))
			})
		})
	}
}

func TestAServerThatIsGoneWhenItIsLookedAt(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		w.sandbox.RemoveServer(web)
		w.isGone(w.request(v.ID))
		w.sandbox.ClearRequests()
		if err := w.ballot.Follow(w.soon(), v.ID); err != nil || len(w.sandbox.Requests()) > 0 {
			t.Errorf("it is followed yet, with %d reads: %v", len(w.sandbox.Requests()), err)
		}
	})
}

// lost404 has the next reads of the server find none.
func (w *world) lost404(times int) {
	w.Helper()
	w.missing(strconv.Itoa(web), times)
}

func (w *world) missing(id string, times int) {
	w.Helper()
	w.faults(sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet, Path: "/api/v1/servers/" + id + "/"}, Times: times, Kind: sandbox.KindStatus, Status: http.StatusNotFound})
}

func TestOne404IsNotBelieved(t *testing.T) {
	for name, look := range map[string]func(w *world, v gate.View) gate.View{
		"waited for": func(w *world, v gate.View) gate.View { return w.waits(v, 2*time.Minute) },
		"looked at":  func(w *world, v gate.View) gate.View { return w.request(v.ID) },
		"followed for others": func(w *world, v gate.View) gate.View {
			if err := w.ballot.Follow(w.soon(), v.ID); err != nil {
				w.Fatal(err)
			}
			return w.request(v.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.accepted()
				w.lost404(1)
				arrives := func() { w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusActive }) }
				if name == "looked at" {
					w.is(look(w, v), ledger.Succeeded, gate.OutcomeAccepted)
					if v = w.request(v.ID); v.ServerStatus != "rebooting" {
						t.Errorf("the server is %q", v.ServerStatus)
					}
					arrives()
				} else {
					time.AfterFunc(20*time.Second, arrives)
				}
				v = look(w, v)
				w.is(v, ledger.Succeeded, gate.OutcomeSucceeded)
				if v.ServerStatus != "active" {
					t.Errorf("the server is %q", v.ServerStatus)
				}
			})
		})
	}
}

// Two 404s may be wrong, too: what the ledger has of it is not the end.
func TestAServerThatComesBackIsSeenToArrive(t *testing.T) {
	for name, look := range map[string]func(w *world, v gate.View) gate.View{
		"waited for": func(w *world, v gate.View) gate.View { return w.waits(v, 2*time.Minute) },
		"looked at":  func(w *world, v gate.View) gate.View { return w.request(v.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.accepted()
				w.lost404(2)
				w.isGone(w.request(v.ID))
				w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusActive })
				w.is(look(w, v), ledger.Succeeded, gate.OutcomeSucceeded)
			})
		})
	}
}

// Versions before took a server that was gone for one that had arrived, and may
// serve the same ledger.
func TestWhatWasTakenForDoneOfAServerThatIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		err := w.ledger.Write(t.Context(), func(tx ledger.Tx) error {
			r, err := tx.Request(v.ID)
			if err != nil {
				return err
			}
			r.ServerStatus, r.SettledAt = "gone", time.Now()
			_, err = tx.Update(r)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if v, err = w.desk.Look(t.Context(), actor("ana"), v.ID); err != nil || v.Outcome != gate.OutcomeAccepted || strings.Contains(v.Message(), "Done") {
			t.Errorf("%s, %v", v.Message(), err)
		}
		v = w.request(v.ID)
		w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
		if v.Gone() || !v.SettledAt.IsZero() || v.ServerStatus != "rebooting" {
			t.Errorf("%s", v.Message())
		}
	})
}

// Where a server rests elsewhere nobody is told that it is on its way; where that
// can't be told from its status, it may be.
func TestAServerElsewhereIsToldAsItStands(t *testing.T) {
	for _, tt := range []struct {
		action policy.Action
		status string
		astray bool
		says   string
	}{
		{policy.Reboot, "suspended", true, "The server is suspended: that is not where a reboot leads (active)"},
		{policy.Reboot, "stopped", true, "The server is stopped: that is not where a reboot leads (active)"},
		{policy.Start, "stopped", true, "The server is stopped: that is not where a start leads (active)"},
		{policy.Stop, "active", true, "The server is active: that is not where a stop leads (stopped)"},
		{policy.Stop, "suspended", true, "The server is suspended: that is not where a stop leads (stopped)"},
		{policy.Stop, "rebooting", false, "The server is rebooting and still on its way"},
		{policy.Reboot, "haunted", false, "The server is haunted and still on its way"},
		{policy.Start, "provisioning", false, "The server is provisioning and still on its way"},
	} {
		t.Run(fmt.Sprint(tt.action, " ", tt.status), func(t *testing.T) {
			inWorld(t, func(w *world) {
				if tt.action == policy.Start {
					w.edit(web, stopped)
				}
				v := w.ask(power(tt.action, web))
				if v.State == ledger.Pending {
					v = w.approve("ana", v)
				}
				w.edit(web, func(s *sandbox.Server) { s.Status, s.Becomes = tt.status, "" })
				v = w.waits(v, 50*time.Second)
				w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
				said := v.Message()
				if v.Astray() != tt.astray || v.Settled() || !strings.Contains(said, tt.says) || tt.astray && strings.Contains(said, "still on its way") {
					t.Errorf("astray %t: %s", v.Astray(), said)
				}
				w.edit(web, func(s *sandbox.Server) {
					if s.Status = sandbox.StatusActive; tt.action == policy.Stop {
						s.Status = sandbox.StatusStopped
					}
				})
				w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
			})
		})
	}
}

func TestAServerThatNeverArrives(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		began := time.Now()
		w.is(w.waits(v, 50*time.Second), ledger.Succeeded, gate.OutcomeAccepted)
		if waited := time.Since(began); waited != 50*time.Second {
			t.Errorf("it waited %s", waited)
		}
	})
}

// Who waits while something is broken waits; nothing is asked over and over.
func TestWaitingIsPatientWithWhatFails(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	for _, tt := range []struct {
		name   string
		damage func(w *world)
	}{
		{"the ledger takes no writes", func(w *world) {
			w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusActive })
			w.gate.Ledger = unwritable{w.ledger}
		}},
		{"the token is refused", func(w *world) {
			w.faults(sandbox.Fault{Kind: sandbox.KindStatus, Status: 401})
		}},
		{"the account is no more", func(w *world) { w.gate.Accounts = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.accepted()
				tt.damage(w)
				w.sandbox.ClearRequests()
				began := time.Now()
				w.is(w.waits(v, 50*time.Second), ledger.Succeeded, gate.OutcomeAccepted)
				if waited := time.Since(began); waited != 50*time.Second {
					t.Errorf("it waited %s", waited)
				}
				if n := len(w.sandbox.Requests()); n > 60 {
					t.Errorf("the API was read %d times", n)
				}
				if lines := strings.Count(w.logged.String(), "could not be watched"); lines > 60 {
					t.Errorf("it was logged %d times", lines)
				}
				w.gate.Ledger = w.ledger
			}, withLedger(broken))
		})
	}
}

// An expiry that cannot be written is written when the ledger is back.
func TestAnExpiryOutlivesALedgerThatFails(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		broken.arm(1, false)
		time.Sleep(20 * time.Minute)
		broken.mend()
		changed, stop := w.ledger.Watch(v.ID)
		defer stop()
		select {
		case <-changed:
		case <-time.After(5 * time.Minute):
			t.Error("it never expired")
		}
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
	}, withLedger(broken))
}
