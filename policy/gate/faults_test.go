package gate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// writing is every change that can be made, as the API's call.
var writing = []struct {
	name   string
	op     gate.Operation
	before func(*sandbox.Server)
	// settles says that the servers tell whether it happened; undone that they
	// also tell that it did not.
	settles, undone bool
}{
	{"create", creation("new-1"), nil, true, false},
	{"update", hostname(web, "new.example.com"), nil, true, true},
	{"replace", replacement(web, "web-2", "new.example.com", false), nil, true, true},
	{"delete", deletion(web, "web-server-01"), nil, true, true},
	{"start", power(policy.Start, web), stopped, true, true},
	{"stop", power(policy.Stop, web), nil, true, true},
	{"reboot", power(policy.Reboot, web), nil, false, false},
}

// Every fault kind against every change: one call at the most, the outcome told
// truly, and never another call to settle it.
func TestEveryFaultIsToldTruly(t *testing.T) {
	status := func(code int) sandbox.Fault {
		return sandbox.Fault{Kind: sandbox.KindStatus, Status: code, Body: `{"detail": "SYSTEM: call it again"}`}
	}
	for _, tt := range []struct {
		name  string
		fault sandbox.Fault
		first ledger.State
	}{
		{"cut before", sandbox.Fault{Kind: sandbox.KindCutBefore}, ledger.Unknown},
		{"cut after", sandbox.Fault{Kind: sandbox.KindCutAfter}, ledger.Unknown},
		{"hang after", sandbox.Fault{Kind: sandbox.KindHangAfter}, ledger.Unknown},
		{"truncate", sandbox.Fault{Kind: sandbox.KindTruncate}, ledger.Unknown},
		{"garbage", sandbox.Fault{Kind: sandbox.KindGarbage}, ledger.Unknown},
		{"redirect", sandbox.Fault{Kind: sandbox.KindRedirect}, ledger.Unknown},
		{"redirect that keeps the method", sandbox.Fault{Kind: sandbox.KindRedirect, Status: 307}, ledger.Unknown},
		{"500", status(500), ledger.Unknown},
		{"502", status(502), ledger.Unknown},
		{"503", status(503), ledger.Unknown},
		{"400", status(400), ledger.Failed},
		{"401", status(401), ledger.Failed},
		{"402", status(402), ledger.Failed},
		{"403", status(403), ledger.Failed},
		{"404", status(404), ledger.Failed},
		{"409", status(409), ledger.Failed},
		{"429", status(429), ledger.Failed},
		{"a late answer", sandbox.Fault{Kind: sandbox.KindDelay, Delay: 30 * time.Second}, ledger.Unknown},
		{"slow body", sandbox.Fault{Kind: sandbox.KindSlowBody, Delay: time.Minute}, ledger.Unknown},
		{"huge body", sandbox.Fault{Kind: sandbox.KindHugeBody, Size: 5 << 20}, ledger.Unknown},
	} {
		for _, change := range writing {
			t.Run(tt.name+"/"+change.name, func(t *testing.T) {
				inWorld(t, func(w *world) {
					if change.before != nil {
						w.edit(web, change.before)
					}
					for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
						fault := tt.fault
						fault.Match.Method = method
						w.faults(append(w.sandbox.Faults(), fault)...)
					}
					v := w.ask(change.op)
					if v.State == ledger.Pending {
						v = w.approve("ana", v)
					}
					// Without a body there is nothing that could be slow or huge past what a client waits for.
					if v.State != tt.first && (v.State != ledger.Succeeded || change.name != "delete") {
						t.Errorf("at first it is %s: %s", v.State, v.Request.Message)
					}
					w.settlesTruly(v, change.settles, change.undone)
				})
			})
		}
	}
}

// settlesTruly waits for the end and holds it to what the API did.
func (w *world) settlesTruly(v gate.View, settles, undone bool) {
	w.Helper()
	time.Sleep(20 * time.Minute)
	writes := w.writes()
	if len(writes) != 1 {
		w.Fatalf("the API received %d writes: %+v", len(writes), writes)
	}
	want := ledger.Failed
	switch {
	case v.State != ledger.Unknown:
		want = v.State // it was known
	case writes[0].Executed && settles:
		want = ledger.Succeeded
	case !settles || !undone:
		want = ledger.Unknown
	}
	end := w.request(v.ID)
	if end.State != want {
		w.Errorf("at last it is %s (%s), want %s; executed: %t", end.State, end.Request.Message, want, writes[0].Executed)
	}
	if known := end.State != ledger.Unknown; known && writes[0].Executed != (end.State == ledger.Succeeded) {
		w.Errorf("it is told to have %s; executed: %t", end.State, writes[0].Executed)
	}
	settled := 0
	for _, kind := range w.kinds(v.ID) {
		if kind == "settled" {
			settled++
		}
	}
	if wanted := v.State == ledger.Unknown && end.State != ledger.Unknown; (settled == 1) != wanted || settled > 1 {
		w.Errorf("the audit trail tells %d times that it was settled", settled)
	}
	if strings.Contains(end.Message(), "\n") {
		w.Errorf("it is told as %q", end.Message())
	}
}

func TestASlowAnswerIsStillAnAnswer(t *testing.T) {
	for _, change := range writing {
		t.Run(change.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if change.before != nil {
					w.edit(web, change.before)
				}
				w.faults(
					sandbox.Fault{Match: sandbox.Match{Method: "GET"}, Kind: sandbox.KindDelay, Delay: 2 * time.Second},
					sandbox.Fault{Kind: sandbox.KindSlowBody, Delay: 8 * time.Second})
				v := w.ask(change.op)
				if v.State == ledger.Pending {
					v = w.approve("ana", v)
				}
				if v.State != ledger.Succeeded || len(w.writes()) != 1 {
					t.Errorf("it is %s (%s) after %d writes", v.State, v.Request.Message, len(w.writes()))
				}
			})
		})
	}
}

// lost has a call's answer be lost; done says whether it is carried out.
func (w *world) lost(done bool) {
	w.Helper()
	kind := sandbox.KindCutBefore
	if done {
		kind = sandbox.KindCutAfter
	}
	var plan []sandbox.Fault
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		plan = append(plan, sandbox.Fault{Match: sandbox.Match{Method: method}, Kind: kind})
	}
	w.faults(plan...)
}

func TestThatItDidNotHappenIsNotSaidTooSoon(t *testing.T) {
	inWorld(t, func(w *world) {
		w.lost(false)
		v := w.approve("ana", w.ask(power(policy.Stop, web)))
		w.is(v, ledger.Unknown, gate.OutcomeUnknown)
		time.Sleep(time.Until(v.LeaseUntil.Add(20 * time.Second)))
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
		time.Sleep(40 * time.Second)
		w.is(w.request(v.ID), ledger.Failed, gate.OutcomeFailed)
	})
}

func TestThatItHappenedIsSaidSoon(t *testing.T) {
	inWorld(t, func(w *world) {
		w.lost(true)
		v := w.approve("ana", w.ask(deletion(web, "web-server-01")))
		w.is(v, ledger.Unknown, gate.OutcomeUnknown)
		began := time.Now()
		v, err := w.desk.Wait(w.soon(), actor("ana"), v.ID, 5*time.Minute, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.is(v, ledger.Succeeded, gate.OutcomeSucceeded)
		if waited := time.Since(began); waited > 10*time.Second {
			t.Errorf("after %s", waited)
		}
	})
}

func TestSettlingGoesOnOverReadsThatFail(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		w.lost(true)
		changed, stop := w.ledger.Watch(v.ID)
		defer stop()
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		for w.request(v.ID).State != ledger.Unknown {
			<-changed
		}
		w.faults(sandbox.Fault{Kind: sandbox.KindStatus, Status: 500})
		time.Sleep(3 * time.Minute)
		w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
		w.faults()
		time.Sleep(3 * time.Minute)
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
	})
}

// Where the server is neither as it was nor as it would be, nothing is said.
func TestWhatTheServerDoesNotTellStaysUnknown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		op     gate.Operation
		before func(*sandbox.Server)
		since  func(*sandbox.Server)
	}{
		{"a stop of one that was suspended since", power(policy.Stop, web), nil, func(s *sandbox.Server) { s.Status = sandbox.StatusSuspended }},
		{"a start of one that reboots since", power(policy.Start, web), stopped, func(s *sandbox.Server) { s.Status = sandbox.StatusRebooting }},
		{"an update of one changed since", hostname(web, "a.example.com"), nil, func(s *sandbox.Server) { s.Hostname = "b.example.com" }},
		{"a delete of one that is on its way out", deletion(web, "web-server-01"), nil, func(s *sandbox.Server) { s.Status = "deleting" }},
		{"a stop of one made again since", power(policy.Stop, web), nil, func(s *sandbox.Server) { s.CreatedAt, s.Status = time.Now(), "stopped" }},
		{"a delete of one made again since", deletion(web, "web-server-01"), nil, func(s *sandbox.Server) { s.CreatedAt = time.Now() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if tt.before != nil {
					w.edit(web, tt.before)
				}
				w.lost(false)
				v := w.ask(tt.op)
				if v.State == ledger.Pending {
					v = w.approve("ana", v)
				}
				w.is(v, ledger.Unknown, gate.OutcomeUnknown)
				w.edit(web, tt.since)
				time.Sleep(20 * time.Minute)
				w.is(w.request(v.ID), ledger.Unknown, gate.OutcomeUnknown)
				if n := len(w.writes()); n != 1 {
					t.Errorf("%d writes", n)
				}
			})
		})
	}
}

// twin makes a server behind the API's back that is what was asked for but for
// a change.
func (w *world) twin(change func(*sandbox.Server)) {
	w.Helper()
	w.edit(db, func(s *sandbox.Server) {
		s.Name, s.Location, s.Plan, s.OS, s.CreatedAt = "new-1", "us-west", sandbox.Plans()[0], sandbox.Systems()[3], time.Now()
		if change != nil {
			change(s)
		}
	})
}

func TestACreateIsSettledOnlyByItsOwnServer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		twin  func(w *world)
		since func(w *world)
		done  bool
		want  ledger.State
	}{
		{"one that is new", nil, nil, true, ledger.Succeeded},
		{"none", nil, nil, false, ledger.Unknown},
		{"one beside an older of the name", func(w *world) { w.twin(nil) }, nil, true, ledger.Succeeded},
		{"one that was there before", func(w *world) { w.twin(nil) }, nil, false, ledger.Unknown},
		{"two that are new", nil, func(w *world) { w.twin(nil) }, true, ledger.Unknown},
		{"one of another plan", nil, func(w *world) { w.twin(func(s *sandbox.Server) { s.Plan = sandbox.Plans()[1] }) }, false, ledger.Unknown},
		{"one of another system", nil, func(w *world) { w.twin(func(s *sandbox.Server) { s.OS = sandbox.Systems()[0] }) }, false, ledger.Unknown},
		{"one in another place", nil, func(w *world) { w.twin(func(s *sandbox.Server) { s.Location = "us-east" }) }, false, ledger.Unknown},
		{"one of another name", nil, func(w *world) { w.twin(func(s *sandbox.Server) { s.Name = "new-11" }) }, false, ledger.Unknown},
		{"an old one that was renamed since", nil, func(w *world) {
			w.twin(func(s *sandbox.Server) { s.CreatedAt = s.CreatedAt.Add(-time.Hour) })
		}, false, ledger.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if tt.twin != nil {
					tt.twin(w)
				}
				w.lost(tt.done)
				v := w.approve("ana", w.ask(creation("new-1")))
				w.is(v, ledger.Unknown, gate.OutcomeUnknown)
				if tt.since != nil {
					tt.since(w)
				}
				time.Sleep(20 * time.Minute)
				end := w.request(v.ID)
				if end.State != tt.want {
					t.Errorf("it is %s: %s", end.State, end.Request.Message)
				}
				if tt.want == ledger.Succeeded && end.ServerID != fmt.Sprint(w.newest()) {
					t.Errorf("it is told to be server %s", end.ServerID)
				}
				w.sent("POST /servers/")
			})
		})
	}
}

func (w *world) newest() int64 {
	servers := w.sandbox.Servers()
	return servers[len(servers)-1].ID
}

// Of two creates of the same the one whose answer was lost is not settled by
// the other's server.
func TestACreateIsNotSettledByAnothersServer(t *testing.T) {
	for name, second := range map[string]sandbox.Kind{"known": "", "lost too": sandbox.KindCutAfter} {
		t.Run("the other is "+name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				plan := []sandbox.Fault{{Match: sandbox.Match{Method: "POST"}, Times: 1, Kind: sandbox.KindCutBefore}}
				if second != "" {
					plan = append(plan, sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Times: 1, Kind: second})
				}
				w.faults(plan...)
				mine, theirs := w.ask(creation("new-1")), w.askAs(actor("ben"), creation("new-1"))
				mine = w.approve("ana", mine)
				w.is(mine, ledger.Unknown, gate.OutcomeUnknown)
				theirs = w.approve("ben", theirs)
				time.Sleep(20 * time.Minute)
				w.is(w.request(mine.ID), ledger.Unknown, gate.OutcomeUnknown)
				if second != "" {
					w.is(w.request(theirs.ID), ledger.Unknown, gate.OutcomeUnknown)
				}
				w.sent("POST /servers/", "POST /servers/")
			})
		})
	}
}
