package gate_test

import (
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// between asks for a reboot of which ben's and then ana's yes is wanted, and
// has the world change before the last one.
func (w *world) between(change func()) gate.View {
	w.Helper()
	v := w.approve("ben", w.ask(power(policy.Reboot, web)))
	w.is(v, ledger.Pending, gate.OutcomePending)
	change()
	return w.approve("ana", v)
}

func TestTheGrantIsLostBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.between(func() {
			w.setPolicy(func(d *policy.Document) { d.Grants[0].Actions = []policy.Action{policy.List, policy.Get} })
		})
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if !strings.Contains(v.Message(), policy.FloorNoGrant) {
			t.Errorf("%q does not name the rule", v.Message())
		}
		w.audited(v.ID, "ask", "vote", "vote", "state", "claim")
		w.sent()
	}, withPolicy(approvals(1)))
}

func TestAFreezeBeginsBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.between(func() {
			w.setPolicy(func(d *policy.Document) {
				d.Guards = append(d.Guards, policy.Guard{ID: "freeze", Actions: []policy.Action{policy.Reboot}, Deny: "change freeze"})
			})
		})
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if !strings.Contains(v.Message(), "change freeze") || !strings.Contains(v.Message(), "Rule: freeze") {
			t.Errorf("it is told as %q", v.Message())
		}
		w.sent()
	}, withPolicy(approvals(1)))
}

func TestTheAskerLeavesBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(func(d *policy.Document) {
			othersOnly(d)
			d.People["zoe"] = d.People["ana"] // ana's accounts are another person's now
			delete(d.People, "ana")
			d.Groups["ops"] = policy.Group{People: []string{"zoe", "ben", "cy"}}
		})
		if _, err := w.ballot.Vote(w.soon(), voter("ben"), yes(v)); err != nil {
			t.Fatal(err)
		}
		v = w.arrives(v)
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if want := "what holds now says no: the asker's account is another person's now. Rule: listed-persons."; !strings.HasSuffix(v.Message(), want) {
			t.Errorf("told is %q", v.Message())
		}
		w.sent()
	}, withPolicy(othersOnly))
}

// That person may be denied it besides: that is not why.
func TestTheAskersAccountIsOneOfWhomTheGrantsDoNotLet(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(func(d *policy.Document) {
			othersOnly(d)
			d.People["zoe"] = d.People["ana"]
			delete(d.People, "ana")
			d.Groups["ops"] = policy.Group{People: []string{"ben", "cy"}}
			d.Grants[0].Who = []string{"ops"}
		})
		if _, err := w.ballot.Vote(w.soon(), voter("ben"), yes(v)); err != nil {
			t.Fatal(err)
		}
		v = w.arrives(v)
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if strings.Contains(v.Message(), "no grant") || !strings.Contains(v.Message(), "another person's now") {
			t.Errorf("told is %q", v.Message())
		}
		w.sent()
	}, withPolicy(othersOnly))
}

// Nobody's account asked for it any more: what is missing has a subject all the same.
func TestWhatAnAskerIsToConfirmWhoIsNoLongerListed(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(func(d *policy.Document) {
			approvals(1)(d)
			delete(d.People, "ana")
			d.Groups["ops"] = policy.Group{People: []string{"ben", "cy", "dee"}}
		})
		const want = "the asker, who is no longer listed, must confirm (rule confirm)"
		if v = w.request(v.ID); len(v.Missing) == 0 || v.NeedLines()[0] != want || !strings.Contains(v.Message(), ", "+want) {
			t.Errorf("wanted is %q; %s", v.NeedLines(), v.Message())
		}
		v = w.approve("ben", v)
		w.is(v, ledger.Pending, gate.OutcomePending)
	}, withPolicy(approvals(1)))
}

func TestAVoterLeavesTheGroupBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.between(func() {
			w.setPolicy(func(d *policy.Document) {
				approvals(1)(d)
				d.Grants[0].Who = []string{policy.Everyone}
				d.Groups["ops"] = policy.Group{People: []string{"ana", "cy", "dee"}}
			})
		})
		w.is(v, ledger.Pending, gate.OutcomePending)
		w.sent()
		w.is(w.approve("cy", v), ledger.Succeeded, gate.OutcomeAccepted)
		w.sent("POST /servers/12345/reboot/")
	}, withPolicy(approvals(1)))
}

// What has to be asked for anew has its whole time. What was wanted before is wanted
// no longer than it was.
func TestHowLongARequestWaitsThatTheClaimSendsBack(t *testing.T) {
	twoEyes := func(change func(*policy.Require)) func(*policy.Document) {
		return func(d *policy.Document) {
			approvals(1)(d)
			change(d.Guards[len(d.Guards)-1].Require)
		}
	}
	for name, c := range map[string]struct {
		now  func(*policy.Document)
		left time.Duration
	}{
		"more people":    {twoEyes(func(r *policy.Require) { r.Approve = 2 }), 15 * time.Minute},
		"a surer sign":   {twoEyes(func(r *policy.Require) { r.Factor = policy.Passkey }), 15 * time.Minute},
		"the name typed": {twoEyes(func(r *policy.Require) { r.TypeName = true }), 15 * time.Minute},
		"a reason":       {twoEyes(func(r *policy.Require) { r.Reason = true }), 15 * time.Minute},
		"others besides": {func(d *policy.Document) { twoEyes(func(r *policy.Require) { r.From = "dee" })(d) }, 15 * time.Minute},
		"as before, of who is in": {func(d *policy.Document) {
			approvals(1)(d)
			d.Groups["ops"] = policy.Group{People: []string{"ana", "cy"}}
		}, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			l := &pausing{Ledger: ledger.NewMemory(), after: "state"}
			inWorld(t, func(w *world) {
				v := w.ask(power(policy.Reboot, web))
				if _, err := w.ballot.Vote(w.soon(), voter("ben"), gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: true}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				l.sleep = func() { w.setPolicy(c.now) }
				v = w.approve("ana", v)
				w.is(v, ledger.Pending, gate.OutcomePending)
				if left := time.Until(v.ExpiresAt); left != c.left {
					t.Errorf("it waits for %s more, want %s", left, c.left)
				}
				w.sent()
			}, withPolicy(approvals(1)), withLedger(l))
		})
	}
}

// The added need is wanted from then on, and what was given stays given.
func TestThePolicyGetsStricterBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(approvals(2))
		v = w.approve("ana", v)
		w.is(v, ledger.Pending, gate.OutcomePending)
		if len(v.Missing) != 1 || v.Missing[0].From != "ops" || v.Missing[0].Count != 2 {
			t.Errorf("%+v is missing", v.Missing)
		}
		if !strings.Contains(v.Message(), "2 of ops must approve (ben, cy)") {
			t.Errorf("it is told as %q", v.Message())
		}
		v = w.approve("ben", v)
		w.is(v, ledger.Pending, gate.OutcomePending)
		w.sent()
		v = w.approve("cy", v)
		w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
		w.audited(v.ID, "ask", "vote", "state", "claim", "vote", "vote", "state", "claim", "sending", "outcome")
		w.sent("POST /servers/12345/reboot/")
	})
}

func TestARequestThatIsOpenAnewExpiresAnew(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(approvals(1))
		v = w.approve("ana", v)
		w.is(v, ledger.Pending, gate.OutcomePending)
		changed, stop := w.ledger.Watch(v.ID)
		defer stop()
		for w.request(v.ID).State == ledger.Pending {
			<-changed // perhaps for what was seen already
		}
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
		if got := w.gate.Now(); got.Before(v.ExpiresAt) {
			t.Errorf("it expired at %s, before %s", got, v.ExpiresAt)
		}
	})
}

func TestThePolicyGetsLooserBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.setPolicy(nil) // no approval any more
		v = w.approve("ana", v)
		w.is(v, ledger.Pending, gate.OutcomePending)
		w.sent()
		w.is(w.approve("ben", v), ledger.Succeeded, gate.OutcomeAccepted)
	}, withPolicy(approvals(1)))
}

// Between the last vote and the claim the policy gets looser and a voter leaves
// the group: what was wanted when it was shown is wanted still.
func TestALooserPolicyDoesNotMakeUpForAVoterWhoLeft(t *testing.T) {
	paused := &pausing{Ledger: ledger.NewMemory(), after: "state"}
	inWorld(t, func(w *world) {
		paused.sleep = func() {
			w.setPolicy(func(d *policy.Document) {
				d.Grants[0].Who = []string{policy.Everyone}
				d.Groups["ops"] = policy.Group{People: []string{"ana", "cy", "dee"}}
			})
		}
		v := w.approve("ana", w.approve("ben", w.ask(power(policy.Reboot, web))))
		w.is(v, ledger.Pending, gate.OutcomePending)
		w.sent()
	}, withLedger(paused), withPolicy(approvals(1)))
}

// A vote in the ledger for another digest than the request's is no vote for it.
func TestAVoteForAnotherDigestIsNotCounted(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		err := w.ledger.Write(w.soon(), func(tx ledger.Tx) error {
			return tx.AddVote(ledger.Vote{RequestID: v.ID, Person: "ben", Factor: policy.PersonFactor, Approve: true, Digest: "another", At: time.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		w.is(w.approve("ana", v), ledger.Pending, gate.OutcomePending)
		w.sent()
	}, withPolicy(approvals(1)))
}

// What happens between the last vote and the claim.
func TestApprovedAndNotYetClaimed(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(w *world, v gate.View) error
		want ledger.State
		sent []string
	}{
		{"taken back", func(w *world, v gate.View) error {
			_, err := w.desk.Cancel(w.soon(), actor("ana"), v.ID)
			return err
		}, ledger.Cancelled, nil},
		{"another change asked for", func(w *world, _ gate.View) error {
			_, err := w.desk.Ask(w.soon(), actor("ana"), hostname(web, "b.example.com"))
			return err
		}, ledger.Superseded, nil},
		{"the same asked for", func(w *world, v gate.View) error {
			again, err := w.desk.Ask(w.soon(), actor("ana"), hostname(web, "a.example.com"))
			if again.ID != v.ID {
				w.Errorf("it is another request")
			}
			return err
		}, ledger.Succeeded, []string{"PATCH /servers/12345/"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			paused := &pausing{Ledger: ledger.NewMemory(), after: "state"}
			inWorld(t, func(w *world) {
				v := w.ask(hostname(web, "a.example.com"))
				paused.sleep = func() {
					paused.sleep = func() {}
					if err := tt.then(w, v); err != nil {
						t.Error(err)
					}
				}
				w.is(w.approve("ana", v), tt.want, map[bool]gate.Outcome{true: gate.OutcomeSucceeded, false: gate.OutcomeDenied}[tt.want == ledger.Succeeded])
				w.sent(tt.sent...)
			}, withLedger(paused))
		})
	}
}

// A process that was paused after its claim finds another attempt's claim in
// its place.
func TestAClaimThatAnotherTookUpSendsNothing(t *testing.T) {
	paused := &pausing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Stop, web))
		paused.sleep = func() {
			err := paused.Ledger.Write(w.soon(), func(tx ledger.Tx) error {
				r, err := tx.Request(v.ID)
				if err != nil {
					return err
				}
				r.Fence = "another attempt"
				_, err = tx.Update(r)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		if _, err := w.ballot.Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.is(w.request(v.ID), ledger.Executing, gate.OutcomePending) // the other's to end
		w.sent()
	}, withLedger(paused))
}

// Two processes on one ledger, one of them with another account's token or
// another API address: what was approved for one is not done by the other.
func TestAnotherAccountNeverClaims(t *testing.T) {
	for _, tt := range []struct{ name, address, account, fingerprint string }{
		{"the same name, another token", "http://127.0.0.1:8322/api/v1", "main", "account-2"},
		{"no account of that name", "http://127.0.0.1:8322/api/v1", "other", "account-1"},
		{"another API's address", "http://127.0.0.2:8322/api/v1", "main", "account-1"},
		{"another path of that address", "http://127.0.0.1:8322/api/v2", "main", "account-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				theirs := sandbox.New(sandbox.Options{Token: canary, Email: "other@example.com"})
				other := w.newGate(w.newAccountAt(tt.address, tt.account, tt.fingerprint, theirs))
				v := w.ask(power(policy.Reboot, web))
				if _, err := other.Ballot().Vote(w.soon(), voter("ana"), yes(v)); err != nil {
					t.Fatal(err)
				}
				v = w.arrives(v)
				switch {
				case v.State == ledger.Expired && v.EndedAt.Sub(v.ApprovedAt) == 5*time.Minute:
				case v.State != ledger.Invalidated:
					t.Errorf("it is %s after %s", v.State, v.EndedAt.Sub(v.ApprovedAt))
				}
				for _, r := range append(theirs.Requests(), w.sandbox.Requests()...) {
					if r.Method != "GET" {
						t.Errorf("sent: %s %s", r.Method, r.Path)
					}
				}
			})
		})
	}
}

// What a process with a stricter policy is voted through is decided by it.
func TestTheStricterOfTwoPoliciesHolds(t *testing.T) {
	inWorld(t, func(w *world) {
		doc := document()
		approvals(1)(&doc)
		strict, err := policy.New(doc)
		if err != nil {
			t.Fatal(err)
		}
		other := w.newGate(w.account, func(_ *world, c *gate.Config) { c.Policy = func() *policy.Policy { return strict } })
		v := w.ask(power(policy.Reboot, web))
		if _, err := other.Ballot().Vote(w.soon(), voter("ana"), yes(v)); err != nil {
			t.Fatal(err)
		}
		w.is(w.arrives(v), ledger.Pending, gate.OutcomePending)
		w.sent()
	})
}

// What changed since it was shown is looked at once more before anything is
// sent.
func TestTheServerIsNoLongerTheOneThatWasShown(t *testing.T) {
	del := deletion(web, "web-server-01")
	again := func(s *sandbox.Server) { s.CreatedAt = s.CreatedAt.AddDate(1, 0, 0) }
	for _, tt := range []struct {
		name   string
		op     gate.Operation
		change func(*sandbox.Server)
	}{
		{"renamed", del, func(s *sandbox.Server) { s.Name = "db-primary" }},
		{"made again under its id", del, again},
		{"with another address", del, func(s *sandbox.Server) { s.IPAddress = "203.0.113.99" }},
		{"without its address", del, func(s *sandbox.Server) { s.IPAddress = "" }},
		{"in another state", del, stopped},
		{"in another place", del, func(s *sandbox.Server) { s.Location = "us-east" }},
		{"on another plan", del, func(s *sandbox.Server) { s.Plan = sandbox.Plans()[2] }},
		{"with another system", del, func(s *sandbox.Server) { s.OS = sandbox.Systems()[5] }},
		{"with another hostname", del, func(s *sandbox.Server) { s.Hostname = "db01.example.com" }},
		{"without backups", del, func(s *sandbox.Server) { s.Backups = false }},
		{"restarted", power(policy.Reboot, web), func(s *sandbox.Server) { s.Status = sandbox.StatusRebooting }},
		{"stopped by another", power(policy.Stop, web), stopped},
		{"changed by another", hostname(web, "a.example.com"), func(s *sandbox.Server) { s.Hostname = "b.example.com" }},
		{"a reboot of one made again", power(policy.Reboot, web), again},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.ask(tt.op)
				w.edit(web, tt.change)
				v = w.approve("ana", v)
				w.is(v, ledger.Invalidated, gate.OutcomeDenied)
				w.audited(v.ID, "ask", "vote", "state", "claim", "outcome")
				w.sent()
			})
		})
	}
}

func TestTheServerIsGoneBeforeTheSend(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(deletion(web, "web-server-01"))
		w.sandbox.RemoveServer(web)
		w.is(w.approve("ana", v), ledger.Invalidated, gate.OutcomeDenied)
		w.sent()
	})
}

func TestAnotherServerTookTheNameBeforeTheSend(t *testing.T) {
	inWorld(t, func(w *world) {
		op := gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: "web-server-01"}}
		v := w.ask(op)
		w.edit(web, func(s *sandbox.Server) { s.Name = "old" })
		w.edit(db, func(s *sandbox.Server) { s.Name = "web-server-01" })
		w.is(w.approve("ana", v), ledger.Invalidated, gate.OutcomeDenied)
		w.sent()
	})
}

func TestThePriceChangedBeforeTheSend(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(creation("new-1"))
		w.faults(sandbox.Fault{Match: sandbox.Match{Path: "/api/v1/plans/*"}, Kind: sandbox.KindStatus, Status: 200, Body: `{"id": 1, "name": "Standard VPS", "price_monthly": "1200.00"}`})
		w.is(w.approve("ana", v), ledger.Invalidated, gate.OutcomeDenied)
		w.sent()
	})
}

func TestTheServerCannotBeReadBeforeTheSend(t *testing.T) {
	for name, op := range map[string]gate.Operation{
		"reboot": power(policy.Reboot, web), "delete": deletion(web, "web-server-01"), "create": creation("new-1"), "update": hostname(web, "a.example.com"),
	} {
		for _, status := range []int{401, 500} {
			t.Run(name, func(t *testing.T) {
				inWorld(t, func(w *world) {
					v := w.ask(op)
					w.faults(sandbox.Fault{Match: sandbox.Match{Method: "GET"}, Kind: sandbox.KindStatus, Status: status})
					v = w.approve("ana", v)
					w.is(v, ledger.Failed, gate.OutcomeFailed)
					if !strings.Contains(v.Message(), "nothing was sent") {
						t.Errorf("it is told as %q", v.Message())
					}
					w.sent()
				})
			})
		}
	}
}

func TestACreateWhoseListCannotBeRead(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(creation("new-1"))
		w.faults(sandbox.Fault{Match: sandbox.Match{Method: "GET", Path: "/api/v1/servers/"}, Kind: sandbox.KindStatus, Status: 500})
		w.is(w.approve("ana", v), ledger.Failed, gate.OutcomeFailed)
		w.sent()
	})
}

func TestAnApiOutOfReachIsToldAtTheAsk(t *testing.T) {
	inWorld(t, func(w *world) {
		w.faults(sandbox.Fault{Kind: sandbox.KindCutBefore})
		if _, err := w.desk.Ask(w.soon(), actor("ana"), power(policy.Reboot, web)); err == nil {
			t.Error("it was asked")
		}
		if rows := w.events(); len(rows) != 0 {
			t.Errorf("it was recorded: %+v", rows)
		}
	})
}

// A last look may take long, but a claim is good for a while only: past it the
// write does not begin.
func TestALeaseThatRanOutSendsNothing(t *testing.T) {
	for name, op := range map[string]gate.Operation{
		"stop": power(policy.Stop, web), "create": creation("new-1"), "delete": deletion(web, "web-server-01"),
		"update": hostname(web, "a.example.com"), "replace": replacement(web, "b", "b.example.com", true),
	} {
		t.Run(name, func(t *testing.T) {
			paused := &pausing{Ledger: ledger.NewMemory()}
			inWorld(t, func(w *world) {
				// The process sleeps right after it has written "sending".
				paused.sleep = func() { w.skew.Add(int64(20e9)) }
				v := w.approve("ana", w.ask(op))
				w.is(v, ledger.Failed, gate.OutcomeFailed)
				if !strings.Contains(v.Message(), "nothing was sent") {
					t.Errorf("it is told as %q", v.Message())
				}
				w.audited(v.ID, "ask", "vote", "state", "claim", "sending", "outcome")
				w.sent()
			}, withLedger(paused))
		})
	}
}

func TestARequestApprovedTooLongAgoIsNotClaimed(t *testing.T) {
	paused := &pausing{Ledger: ledger.NewMemory(), after: "state"}
	inWorld(t, func(w *world) {
		paused.sleep = func() { w.skew.Add(int64(5 * 60e9)) }
		v := w.approve("ana", w.ask(power(policy.Stop, web)))
		w.is(v, ledger.Expired, gate.OutcomeDenied)
		w.sent()
	}, withLedger(paused))
}

func TestAWriterWithoutATokenSendsNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		bare, err := vpsapi.NewWriter(vpsapi.Token{})
		if err != nil {
			t.Fatal(err)
		}
		a := w.account
		a.Writer = bare
		g := w.newGate(a)
		w.edit(web, stopped)
		v, err := g.Desk().Ask(w.soon(), actor("ana"), power(policy.Start, web))
		if err != nil {
			t.Fatal(err)
		}
		w.is(v, ledger.Failed, gate.OutcomeFailed)
		w.sent()
	})
}
