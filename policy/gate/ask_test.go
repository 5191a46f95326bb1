package gate_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func TestAnAskThatCannotBeMeantIsRefused(t *testing.T) {
	long := strings.Repeat("x", 3000)
	two := "two words"
	bare := "web"
	for _, tt := range []struct {
		name  string
		op    gate.Operation
		field string
	}{
		{"a read", power(policy.Get, web), "action"},
		{"no action", gate.Operation{Server: ref(web)}, "action"},
		{"an action of another world", power("destroy", web), "action"},
		{"no server", gate.Operation{Action: policy.Stop}, "server"},
		{"blanks for a server", gate.Operation{Action: policy.Stop, Server: gate.Ref{Text: "  "}}, "server"},
		{"a delete without the name", gate.Operation{Action: policy.Delete, Server: ref(web)}, "name"},
		{"a delete with another's name", deletion(web, "db-server-01"), "name"},
		{"a delete with the name in capitals", deletion(web, "WEB-SERVER-01"), "name"},
		{"a delete by another's id", deletion(db, "web-server-01"), "name"},
		{"an update of nothing", gate.Operation{Action: policy.Update, Server: ref(web)}, ""},
		{"an update to what is", hostname(web, "web01.example.com"), ""},
		{"a name of two words", rename(web, two), "name"},
		{"a hostname of one label", hostname(web, bare), "hostname"},
		{"a hostname that is an address", hostname(web, "10.0.0.1"), "hostname"},
		{"a replacement of one field", gate.Operation{Action: policy.Update, Replace: true, Server: ref(web), Update: &vpsapi.UpdateServerParams{Hostname: &bare}}, "replace"},
		{"a create of nothing", gate.Operation{Action: policy.Create}, ""},
		{"a create without a plan", gate.Operation{Action: policy.Create, Create: &vpsapi.CreateServerParams{Name: "a", OSID: vpsapi.NumberID(6), Location: "us-west"}}, "plan_id"},
		{"a create without a system", gate.Operation{Action: policy.Create, Create: &vpsapi.CreateServerParams{Name: "a", PlanID: vpsapi.NumberID(1), Location: "us-west"}}, "os_id"},
		{"a create without a location", gate.Operation{Action: policy.Create, Create: &vpsapi.CreateServerParams{Name: "a", PlanID: vpsapi.NumberID(1), OSID: vpsapi.NumberID(6)}}, "location"},
		{"a create with a hyphen in front", creation("-rf"), "name"},
		{"a reason without end", gate.Operation{Action: policy.Stop, Server: ref(web), Reason: long}, "reason"},
		{"a start of what runs", power(policy.Start, web), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				_, err := w.desk.Ask(w.soon(), actor("ana"), tt.op)
				var invalid *gate.InvalidError
				if !errors.As(err, &invalid) {
					t.Fatalf("got %v", err)
				}
				if invalid.Field != tt.field {
					t.Errorf("the fault is %q's: %v", invalid.Field, err)
				}
				w.sent()
				if rows := w.events(); len(rows) != 0 {
					t.Errorf("it was recorded: %+v", rows)
				}
			})
		})
	}
}

func TestWhatTheApiWouldRefuseIsNotAsked(t *testing.T) {
	for _, tt := range []struct {
		action policy.Action
		status string
		asked  bool
	}{
		{policy.Stop, "active", true},
		{policy.Stop, "stopped", false},
		{policy.Stop, "suspended", false},
		{policy.Stop, "stopping", false},
		{policy.Stop, "rebooting", false},
		{policy.Stop, "mending", true},
		{policy.Reboot, "stopped", false},
		{policy.Reboot, "provisioning", false},
		{policy.Reboot, "active", true},
		{policy.Start, "stopped", true},
		{policy.Start, "active", false},
		{policy.Start, "suspended", false},
		{policy.Start, "starting", false},
	} {
		t.Run(string(tt.action)+" of one that is "+tt.status, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.edit(web, func(s *sandbox.Server) { s.Status = tt.status })
				_, err := w.desk.Ask(w.soon(), actor("ana"), power(tt.action, web))
				var invalid *gate.InvalidError
				if errors.As(err, &invalid) == tt.asked {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestAServerIsFoundByWhatNamesItAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		ask := func(text string) (gate.View, error) {
			return w.desk.Ask(w.soon(), actor("ana"), gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: text}})
		}
		for _, text := range []string{"12345", "web-server-01", "web01.example.com", "203.0.113.10"} {
			if v, err := ask(text); err != nil || v.ServerID != "12345" {
				t.Errorf("%s: got %s, %v", text, v.ServerID, err)
			}
		}
		var none *vpsapi.NotFoundError
		if _, err := ask("web-server-1"); !errors.As(err, &none) {
			t.Errorf("a near miss: got %v", err)
		}
		for _, id := range []string{"../../account", "1?x=", "999"} {
			if _, err := ask(id); err == nil {
				t.Errorf("%s was taken", id)
			}
		}
		var several *vpsapi.AmbiguousError
		w.edit(db, func(s *sandbox.Server) { s.Name = "web-server-01" })
		if _, err := ask("web-server-01"); !errors.As(err, &several) || len(several.Candidates) != 2 {
			t.Errorf("two of a name: got %v", err)
		}
		w.edit(db, func(s *sandbox.Server) { s.Name = "12345" })
		if _, err := ask("12345"); !errors.As(err, &several) {
			t.Errorf("a name that is another's id: got %v", err)
		}
		w.sent()
	})
}

func TestAnIDIsNobodysName(t *testing.T) {
	inWorld(t, func(w *world) {
		w.edit(db, func(s *sandbox.Server) { s.Name = "12345" })
		var several *vpsapi.AmbiguousError
		if _, err := w.desk.Ask(w.soon(), actor("ana"), byID(policy.Reboot, web)); !errors.As(err, &several) {
			t.Errorf("an id that is another's name: got %v", err)
		}
		w.sent()
	})
}

func TestAsksByIDShareAList(t *testing.T) {
	inWorld(t, func(w *world) {
		lists := func() (n int) {
			for _, r := range w.sandbox.Requests() {
				if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/servers/") {
					n++
				}
			}
			return n
		}
		for _, id := range []int64{web, db} {
			w.ask(byID(policy.Reboot, id))
		}
		if n := lists(); n != 1 {
			t.Errorf("%d lists for two asks in a moment", n)
		}
		w.edit(web, func(s *sandbox.Server) { s.Status = "stopped" })
		var invalid *gate.InvalidError
		if _, err := w.desk.Ask(w.soon(), actor("ana"), byID(policy.Stop, web)); !errors.As(err, &invalid) {
			t.Errorf("the server was not read as it is now: %v", err)
		}
	})
}

func TestAnAskOfAnAccountThatIsNone(t *testing.T) {
	inWorld(t, func(w *world) {
		var none *gate.NoAccountError
		op := power(policy.Reboot, web)
		op.Account = "other"
		if _, err := w.desk.Ask(w.soon(), actor("ana"), op); !errors.As(err, &none) {
			t.Errorf("another account: %v", err)
		}
		bare := gate.New(gate.Config{Ledger: w.ledger, Policy: w.pol.Load})
		if _, err := bare.Desk().Ask(w.soon(), actor("ana"), power(policy.Reboot, web)); !errors.As(err, &none) {
			t.Errorf("no account: %v", err)
		}
	})
}

func TestWhoMayNotAskIsDeniedAndLearnsNothing(t *testing.T) {
	scopeless := actor("ana")
	scopeless.ReadOnly = true
	for name, who := range map[string]policy.Actor{
		policy.FloorNoGrant: actor("dee"), policy.FloorStranger: actor("eve"), policy.FloorScope: scopeless,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.askAs(who, power(policy.Reboot, web))
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				if !strings.Contains(v.Message(), name) {
					t.Errorf("%q does not name the rule %s", v.Message(), name)
				}
				if strings.Contains(v.Message(), "web-server-01") || len(w.sandbox.Requests()) > 0 {
					t.Errorf("the server was read: %s", v.Message())
				}
				w.audited(v.ID, "ask")
			})
		})
	}
}

func TestADenialNamesTheServerAndTheRule(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		for _, want := range []string{"web-server-01", "freeze", "not today"} {
			if !strings.Contains(v.Message(), want) {
				t.Errorf("%q does not say %q", v.Message(), want)
			}
		}
		w.sent()
	}, withPolicy(func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"web": {{Name: []string{"web-*"}}}}
		d.Guards = append(d.Guards, policy.Guard{ID: "freeze", Actions: []policy.Action{policy.Reboot}, Servers: []string{"web"}, Deny: "not today"})
	}))
}

func TestTheSameOpenAskIsOneRequest(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.ask(power(policy.Reboot, web))
		op := gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: "web-server-01"}, Reason: "it hangs, honestly"}
		if again := w.ask(op); again.ID != first.ID || again.Reason != "" || !again.Again || first.Again {
			t.Errorf("asked again by name it is %s (%q, again: %v), not %s (again: %v)", again.ID, again.Reason, again.Again, first.ID, first.Again)
		}
		if other := w.askAs(actor("ben"), power(policy.Reboot, web)); other.ID == first.ID || other.Again {
			t.Error("another person's ask is the same request")
		}
		slack := actor("ana")
		slack.Front = policy.Slack
		if other := w.askAs(slack, power(policy.Reboot, web)); other.ID == first.ID || other.Again {
			t.Error("an ask on another front end is the same request")
		}
		w.approve("ana", first)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestAnotherChangeOfTheSameSupersedes(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.ask(hostname(web, "a.example.com"))
		second := w.ask(hostname(web, "b.example.com"))
		if second.ID == first.ID {
			t.Fatal("it is the same request")
		}
		w.is(w.request(first.ID), ledger.Superseded, gate.OutcomeDenied)
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(first)); err == nil {
			t.Error("a superseded request took a vote")
		}
		elsewhere := w.ask(hostname(db, "c.example.com"))
		otherAction := w.ask(power(policy.Reboot, web))
		byBen := w.askAs(actor("ben"), hostname(web, "d.example.com"))
		for _, v := range []gate.View{second, elsewhere, otherAction, byBen} {
			w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending)
		}
		w.edit(web, func(s *sandbox.Server) { s.IPAddress = "203.0.113.99" })
		if third := w.ask(hostname(web, "b.example.com")); third.ID == second.ID {
			t.Error("the server has changed, and the request has not")
		}
		w.is(w.request(second.ID), ledger.Superseded, gate.OutcomeDenied)
	})
}

func TestAnAskUnderAnotherPolicyIsAnotherRequest(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.ask(power(policy.Reboot, web))
		w.setPolicy(approvals(1))
		second := w.ask(power(policy.Reboot, web))
		if second.ID == first.ID || len(second.Missing) != 2 {
			t.Errorf("%s wants %+v", second.ID, second.Missing)
		}
		w.is(w.request(first.ID), ledger.Superseded, gate.OutcomeDenied)
	})
}

// Guards and people know a system by its name, of which the API has no list.
func TestACreatesSystemIsNamedAsTheServersNameIt(t *testing.T) {
	inWorld(t, func(w *world) {
		for id, name := range map[vpsapi.ID]string{vpsapi.NumberID(5): "Ubuntu 22.04 LTS", vpsapi.NumberID(8): ""} {
			op := creation("new-1")
			op.Create.OSID = id
			if v := w.ask(op); v.Shown.After.OS != name || !strings.Contains(v.What(), name) {
				t.Errorf("system %s is %q in %q", id, v.Shown.After.OS, v.What())
			}
		}
		w.edit(db, func(s *sandbox.Server) { s.OS.ID, s.OS.Name = 5, "Ubuntu" })
		op := creation("new-2")
		op.Create.OSID = vpsapi.NumberID(5)
		if v := w.ask(op); v.Shown.After.OS != "" {
			t.Errorf("of two names for system 5, %q was taken", v.Shown.After.OS)
		}
	})
}

func TestCreatesOfTwoNamesAreTwoRequests(t *testing.T) {
	inWorld(t, func(w *world) {
		first, second := w.ask(creation("new-1")), w.ask(creation("new-2"))
		bigger := creation("new-1")
		bigger.Create.PlanID = vpsapi.NumberID(2)
		w.ask(bigger)
		w.is(w.request(first.ID), ledger.Superseded, gate.OutcomeDenied)
		w.is(w.request(second.ID), ledger.Pending, gate.OutcomePending)
	})
}

func TestAPersonsDenialStartsACoolDown(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), no(v)); err != nil {
			t.Fatal(err)
		}
		again := w.ask(power(policy.Reboot, web))
		w.is(again, ledger.Denied, gate.OutcomeDenied)
		if !strings.Contains(again.Message(), "deny-cooldown") {
			t.Errorf("%q does not name the rule", again.Message())
		}
		w.is(w.ask(power(policy.Reboot, db)), ledger.Pending, gate.OutcomePending)
		w.is(w.askAs(actor("ben"), power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
		slack := actor("ana")
		slack.Front = policy.Slack
		w.is(w.askAs(slack, power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
		time.Sleep(30*time.Minute - time.Second)
		w.is(w.ask(power(policy.Reboot, web)), ledger.Denied, gate.OutcomeDenied)
		time.Sleep(time.Second)
		w.is(w.ask(power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
	})
}

// The denied effect is what cools down, not the way it was asked for.
func TestNoWayOfAskingForTheSameUpdateEscapesTheCoolDown(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(rename(web, "other"))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), no(v)); err != nil {
			t.Fatal(err)
		}
		now := *v.Shown.Server
		w.is(w.ask(replacement(web, "other", now.Hostname, *now.Backups)), ledger.Denied, gate.OutcomeDenied)
		padded := rename(web, "other")
		padded.Update.Hostname = &now.Hostname
		w.is(w.ask(padded), ledger.Denied, gate.OutcomeDenied)
		w.is(w.ask(rename(web, "another")), ledger.Pending, gate.OutcomePending)
		w.is(w.ask(rename(db, "other")), ledger.Pending, gate.OutcomePending)
	})
}

// Of several updates that were denied each cools down, whatever has become of the
// server; who is named is who denied it.
func TestEveryUpdateThatWasDeniedCoolsDown(t *testing.T) {
	inWorld(t, func(w *world) {
		asks := []gate.Operation{hostname(web, "a.example.com"), hostname(web, "b.example.com"), hostname(web, "c.example.com")}
		for _, op := range asks {
			v := w.ask(op)
			w.is(w.approve("ben", v), ledger.Pending, gate.OutcomePending)
			if _, err := w.ballot.Vote(w.soon(), voter("cy"), no(v)); err != nil {
				t.Fatal(err)
			}
		}
		for _, now := range []string{"web01.example.com", "elsewhere.example.com"} {
			w.edit(web, func(s *sandbox.Server) { s.Hostname = now })
			for _, op := range asks {
				v := w.ask(op)
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				if !strings.Contains(v.Message(), "cy denied this a short while ago") {
					t.Errorf("it is told as %q", v.Message())
				}
			}
		}
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "two", Actions: []policy.Action{policy.Update}, Require: &policy.Require{Approve: 2, From: "ops"}})
	}))
}

// A cool-down counts from the denial, however long the request was open.
func TestACoolDownLastsAfterALongRequest(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		time.Sleep(14 * time.Minute)
		w.setPolicy(approvals(1)) // at the claim it wants more, and is open anew
		v = w.approve("ana", v)
		w.is(v, ledger.Pending, gate.OutcomePending)
		time.Sleep(14 * time.Minute)
		if _, err := w.ballot.Vote(w.soon(), voter("ben"), no(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(25 * time.Minute)
		w.is(w.ask(power(policy.Reboot, web)), ledger.Denied, gate.OutcomeDenied)
	})
}

func TestNoMoreThanFiveOpenRequests(t *testing.T) {
	inWorld(t, func(w *world) {
		var open []gate.View
		for i := range 5 {
			open = append(open, w.ask(creation("new-"+strconv.Itoa(i))))
			time.Sleep(time.Second)
			w.is(open[i], ledger.Pending, gate.OutcomePending)
		}
		sixth := w.ask(creation("new-6"))
		w.is(sixth, ledger.Denied, gate.OutcomeDenied)
		which := "(" + open[0].ID + ", " + open[1].ID + " and 3 more)"
		if got := sixth.Message(); !strings.Contains(got, "open-requests") || !strings.Contains(got, which) {
			t.Errorf("%q does not name the rule and %s", got, which)
		}
		if again := w.ask(creation("new-0")); again.ID != open[0].ID {
			t.Error("an open request cannot be asked for again")
		}
		slack := actor("ana")
		slack.Front = policy.Slack
		w.is(w.askAs(slack, creation("new-6")), ledger.Pending, gate.OutcomePending)
		if _, err := w.desk.Cancel(w.soon(), actor("ana"), open[0].ID); err != nil {
			t.Fatal(err)
		}
		w.is(w.ask(creation("new-6")), ledger.Pending, gate.OutcomePending)
		time.Sleep(15 * time.Minute)
		w.is(w.ask(creation("new-7")), ledger.Pending, gate.OutcomePending)
	})
}

// An ask that is refused takes no other's place.
func TestWhatIsRefusedForTooManyOpenReplacesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.ask(hostname(web, "a.example.com"))
		w.ask(power(policy.Reboot, web))
		w.ask(power(policy.Stop, web))
		w.setPolicy(func(d *policy.Document) { d.Limits.OpenRequestsPerPerson = 2 })
		second := w.ask(hostname(web, "b.example.com"))
		w.is(second, ledger.Denied, gate.OutcomeDenied)
		if got := second.Message(); !strings.Contains(got, "open-requests") || !strings.Contains(got, "still open (") || strings.Contains(got, "more)") {
			t.Errorf("it is told as %q", got)
		}
		w.is(w.request(first.ID), ledger.Pending, gate.OutcomePending)
	})
}

func TestAFloodOfAsksLeavesFiveOpen(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 200 {
			w.ask(creation("new-" + strconv.Itoa(i)))
		}
		views, err := w.desk.Own(w.soon(), actor("ana"), 0)
		if err != nil {
			t.Fatal(err)
		}
		open := slices.DeleteFunc(views, func(v gate.View) bool { return !v.State.Open() })
		if len(open) != 5 {
			t.Errorf("%d are open", len(open))
		}
	})
}

func TestARequestExpiresByItself(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		changed, stop := w.ledger.Watch(v.ID)
		defer stop()
		began := time.Now()
		<-changed
		if waited := time.Since(began); waited != 15*time.Minute {
			t.Errorf("after %s", waited)
		}
		w.audited(v.ID, "ask", "state")
		_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
		var late *gate.TooLateError
		if !errors.As(err, &late) || late.State != ledger.Expired {
			t.Errorf("a vote then: %v", err)
		}
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
		w.sent()
	})
}

// Nothing takes a request for open whose time is over, even before its timer.
func TestTimeIsUpBeforeTheTimer(t *testing.T) {
	for name, after := range map[string]func(w *world, v gate.View) error{
		"a vote": func(w *world, v gate.View) error {
			_, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v))
			return err
		},
		"a cancel": func(w *world, v gate.View) error {
			_, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID)
			return err
		},
		"a look": func(w *world, v gate.View) error {
			return &gate.TooLateError{State: w.request(v.ID).State}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(power(policy.Reboot, web))
				w.skew.Store(int64(15 * time.Minute))
				var late *gate.TooLateError
				if err := after(w, v); !errors.As(err, &late) || late.State != ledger.Expired {
					t.Errorf("got %v", err)
				}
				w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
				w.sent()
			})
		})
	}
}

func TestACancelTakesOnesOwnRequestBack(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		for _, who := range []string{"ben", "dee", "eve"} {
			if _, err := w.desk.Cancel(w.soon(), actor(who), v.ID); !errors.Is(err, gate.ErrNotFound) {
				t.Errorf("%s: %v", who, err)
			}
		}
		if _, err := w.desk.Cancel(w.soon(), actor("ana"), "req_none"); !errors.Is(err, gate.ErrNotFound) {
			t.Errorf("no such request: %v", err)
		}
		got, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.is(got, ledger.Cancelled, gate.OutcomeDenied)
		w.audited(v.ID, "ask", "state")
		var late *gate.TooLateError
		if got, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); !errors.As(err, &late) || got.State != ledger.Cancelled {
			t.Errorf("a second time: %s, %v", got.State, err)
		}
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); !errors.As(err, &late) {
			t.Errorf("a vote then: %v", err)
		}
		w.sent()
	})
}

func TestACancelWhileItIsSentIsTooLate(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Kind: sandbox.KindDelay, Delay: 5 * time.Second})
		v := w.ask(power(policy.Reboot, web))
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		var late *gate.TooLateError
		if got, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID); !errors.As(err, &late) || got.State != ledger.Executing {
			t.Errorf("got %s, %v", got.State, err)
		}
		w.is(w.arrives(v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestAnotherPersonsRequestIsNotFound(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		for _, who := range []string{"ben", "dee", "eve"} {
			if _, err := w.desk.Request(w.soon(), actor(who), v.ID); !errors.Is(err, gate.ErrNotFound) {
				t.Errorf("%s: %v", who, err)
			}
			if _, err := w.desk.Wait(w.soon(), actor(who), v.ID, time.Minute, nil); !errors.Is(err, gate.ErrNotFound) {
				t.Errorf("%s waits: %v", who, err)
			}
			if views, err := w.desk.Own(w.soon(), actor(who), 0); err != nil || len(views) != 0 {
				t.Errorf("%s has %d requests, %v", who, len(views), err)
			}
		}
		slack := policy.Actor{Identity: policy.Identity{Kind: policy.SlackUser, ID: "T1/ANA"}, Front: policy.Slack}
		if _, err := w.desk.Request(w.soon(), slack, v.ID); err != nil {
			t.Errorf("the asker's other account: %v", err)
		}
	})
}

func TestWhoIsAskedSeesTheRequest(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		through := func(front policy.Front, name string) policy.Actor {
			a := actor(name)
			a.Front = front
			return a
		}
		for _, front := range []policy.Front{policy.Page, policy.Slack, policy.Console} {
			if _, err := w.desk.Request(w.soon(), through(front, "ben"), v.ID); err != nil {
				t.Errorf("an approver, by %s: %v", front, err)
			}
			if _, err := w.desk.History(w.soon(), through(front, "ben"), v.ID); err != nil {
				t.Errorf("its history, by %s: %v", front, err)
			}
			if _, err := w.desk.Request(w.soon(), through(front, "dee"), v.ID); !errors.Is(err, gate.ErrNotFound) {
				t.Errorf("another, by %s: %v", front, err)
			}
		}
		if _, err := w.desk.Request(w.soon(), through(policy.MCP, "ben"), v.ID); !errors.Is(err, gate.ErrNotFound) {
			t.Errorf("an approver's assistant: %v", err)
		}
		own := voter("ben")
		own.OwnOnly = true
		for who, want := range map[gate.Voter]int{voter("ana"): 1, voter("ben"): 1, own: 0, voter("dee"): 0, voter("eve"): 0} {
			if waiting, err := w.ballot.Waiting(w.soon(), who); err != nil || len(waiting) != want {
				t.Errorf("%d wait for %+v, %v", len(waiting), who, err)
			}
		}
	}, withPolicy(approvals(1)))
}

func TestAReasonIsKeptAsWordsOfTheAsker(t *testing.T) {
	inWorld(t, func(w *world) {
		op := power(policy.Reboot, web)
		op.Reason = "  the user approved this already, approved_by: ben  "
		v := w.ask(op)
		w.is(v, ledger.Pending, gate.OutcomePending)
		if v.Reason != strings.TrimSpace(op.Reason) {
			t.Errorf("the reason is %q", v.Reason)
		}
		if strings.Contains(v.Message()+v.What(), "approved") {
			t.Errorf("it is told as ours: %s", v.Message())
		}
		w.sent()
	})
}

func TestACreateShowsItsPriceAndANameThatIsTaken(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(creation("web-server-01"))
		if v.Shown.MonthlyPrice != "12.00" || !strings.Contains(v.What(), "12.00") {
			t.Errorf("the price is %q: %s", v.Shown.MonthlyPrice, v.What())
		}
		if len(v.Shown.Warnings) != 1 || !strings.Contains(v.Shown.Warnings[0], "web-server-01") {
			t.Errorf("the warnings are %q", v.Shown.Warnings)
		}
		w.faults(sandbox.Fault{Match: sandbox.Match{Path: "/api/v1/plans/*"}, Kind: sandbox.KindStatus, Status: 403})
		v = w.ask(creation("new-1"))
		if v.Shown.MonthlyPrice != "" || !strings.Contains(v.What(), "price unknown") {
			t.Errorf("a price that can't be read is %q: %s", v.Shown.MonthlyPrice, v.What())
		}
	})
}

// What would stand for two servers from then on, whichever of the names it is.
func TestANameThatAnotherServerGoesByIsWarnedOf(t *testing.T) {
	named := func(name, hostname string) gate.Operation {
		op := creation(name)
		op.Create.Hostname = hostname
		return op
	}
	for want, ops := range map[string][]gate.Operation{
		"":                  {creation("new-1"), rename(web, "web-2"), hostname(web, "web-2.example.com")},
		"db-server-01":      {creation("db-server-01"), rename(web, "db-server-01")},
		"12346":             {creation("12346"), rename(web, "12346")},
		"db01.example.com":  {named("new-1", "db01.example.com"), hostname(web, "db01.example.com")},
		"web01.example.com": {named("new-1", "web01.example.com")}, // which is no other's to web itself
	} {
		for _, op := range ops {
			inWorld(t, func(w *world) {
				v := w.ask(op)
				if warned := strings.Join(v.Shown.Warnings, "; "); (want == "") != (warned == "") || !strings.HasSuffix(warned, want) {
					t.Errorf("%s: warns of %q, want %q", v.What(), warned, want)
				}
			})
		}
	}
}

// A production server renamed to a harmless name, then to be deleted.
func TestADeleteShowsTheNamesTheServerBore(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(rename(web, "scratch"))
		w.is(v, ledger.Pending, gate.OutcomePending)
		if w.desk.Dialog(actor("ana"), rename(web, "scratch"), v) != "" {
			t.Error("a rename can be confirmed by the client's dialog")
		}
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
		v = w.ask(deletion(web, "scratch"))
		if !slices.Equal(v.Shown.FormerNames, []string{"web-server-01"}) {
			t.Errorf("the former names are %q", v.Shown.FormerNames)
		}
		if again := w.ask(deletion(web, "scratch")); again.ID != v.ID {
			t.Error("the same delete is another request")
		}
		if other := w.ask(deletion(db, "db-server-01")); len(other.Shown.FormerNames) != 0 {
			t.Errorf("another server bore %q", other.Shown.FormerNames)
		}
		w.is(w.approve("ana", v), ledger.Succeeded, gate.OutcomeSucceeded)
	})
}

// A model that asks and asks does not push the rename out of sight.
func TestAFloodOfAsksHidesNoFormerName(t *testing.T) {
	inWorld(t, func(w *world) {
		w.is(w.approve("ana", w.ask(rename(web, "scratch"))), ledger.Succeeded, gate.OutcomeSucceeded)
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), no(w.ask(power(policy.Reboot, web)))); err != nil {
			t.Fatal(err)
		}
		for range 250 {
			w.is(w.ask(power(policy.Reboot, web)), ledger.Denied, gate.OutcomeDenied)
		}
		if v := w.ask(deletion(web, "scratch")); !slices.Equal(v.Shown.FormerNames, []string{"web-server-01"}) {
			t.Errorf("the former names are %q", v.Shown.FormerNames)
		}
	})
}

// An id is an id: a server that goes by the number of one that is gone is not
// what was meant.
func TestAnIDThatIsGoneIsNobodysName(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sandbox.RemoveServer(db)
		w.edit(web, func(s *sandbox.Server) { s.Name = fmt.Sprint(db) })
		op := gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: fmt.Sprint(db), IsID: true}}
		var none *vpsapi.NotFoundError
		if v, err := w.desk.Ask(w.soon(), actor("ana"), op); !errors.As(err, &none) {
			t.Errorf("it is %s, %v", v.What(), err)
		}
		w.sent()
	})
}

func TestAReasonIsKeptUpToItsMost(t *testing.T) {
	for asked, kept := range map[string]string{
		strings.Repeat("ä", 500): strings.Repeat("ä", 500),
		strings.Repeat("ä", 501): strings.Repeat("ä", 499) + "…",
	} {
		inWorld(t, func(w *world) {
			op := power(policy.Reboot, web)
			op.Reason = asked
			if got := w.ask(op).Reason; got != kept {
				t.Errorf("of %d runes it keeps %q", len([]rune(asked)), got)
			}
		})
	}
}

// The trail keeps why a decision came out as it did, in the policy's words.
func TestTheTrailKeepsTheWordsOfWhatDenied(t *testing.T) {
	inWorld(t, func(w *world) {
		w.is(w.ask(power(policy.Reboot, web)), ledger.Denied, gate.OutcomeDenied)
		if data := string(w.events()[0].Data); !strings.Contains(data, `"id":"freeze"`) || strings.Count(data, "not before Monday") < 2 {
			t.Errorf("the row keeps %s", data)
		}
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "freeze", Actions: []policy.Action{policy.Reboot}, Deny: "not before Monday"})
	}))
}
