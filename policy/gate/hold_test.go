package gate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

func onPage(name string) policy.Actor {
	return policy.Actor{Identity: identity(name), Front: policy.Page}
}

func lockWeb() gate.HoldOrder {
	return gate.HoldOrder{Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: ref(web), Because: "disk swap", For: time.Hour}
}

func (w *world) hold(o gate.HoldOrder) ledger.Hold {
	w.Helper()
	h, err := w.desk.Hold(w.soon(), onPage("ben"), o)
	if err != nil {
		w.Fatalf("hold: %v", err)
	}
	return h
}

// A server's name is whoever made it's to choose. What looks like a credential in it
// once it is written as JSON must not keep the server from being locked.
func TestAServerOfAnyNameCanBeLocked(t *testing.T) {
	inWorld(t, func(w *world) {
		w.edit(web, func(s *sandbox.Server) { s.Name = "\x1bearer aaaaaaaaaaaa" })
		h := w.hold(lockWeb())
		v := w.ask(power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if !strings.Contains(v.Message(), h.ID) {
			t.Errorf("it is refused by %q", v.Message())
		}
	})
}

func TestAHoldDeniesWhatItCovers(t *testing.T) {
	for name, c := range map[string]struct {
		order       gate.HoldOrder
		held, other gate.Operation // other is zero where nothing is left free
	}{
		"a server":   {lockWeb(), power(policy.Reboot, web), power(policy.Reboot, db)},
		"a set":      {gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeSet, Value: "east"}, power(policy.Stop, db), power(policy.Stop, web)},
		"into a set": {gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeSet, Value: "named"}, rename(web, "prod-1"), rename(web, "dev-1")},
		"an account": {gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAccount, Value: "main"}, creation("new-1"), gate.Operation{}},
		"all":        {gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll}, deletion(web, "web-server-01"), gate.Operation{}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				c.order.Because = "disk swap"
				h := w.hold(c.order)
				v := w.ask(c.held)
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				for _, want := range []string{h.ID, "ben", "disk swap"} {
					if !strings.Contains(v.Message(), want) {
						t.Errorf("the refusal %q does not say %q", v.Message(), want)
					}
				}
				if c.other.Action != "" {
					w.is(w.ask(c.other), ledger.Pending, gate.OutcomePending)
				}
				w.sent()
			}, withPolicy(func(d *policy.Document) {
				d.ServerSets = map[string][]policy.ServerMatch{"east": {{Location: []string{"us-east"}}}, "named": {{Name: []string{"prod-*"}}}}
			}))
		})
	}
}

func TestAHoldOnAPersonIsOnWhatTheyAsk(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "ana", Because: "laptop stolen"})
		w.is(w.ask(power(policy.Reboot, web)), ledger.Denied, gate.OutcomeDenied)
		w.is(w.askAs(actor("ben"), power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
	})
}

func TestAHoldBeginsBeforeTheClaim(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.between(func() { w.hold(lockWeb()) })
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		w.sent()
	}, withPolicy(approvals(1)))
}

func TestAHoldEndsByItselfOrIsLifted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hold(lockWeb())
		time.Sleep(time.Hour)
		w.is(w.ask(power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)

		second := w.hold(gate.HoldOrder{Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: ref(db), Because: "disk swap"})
		var denied *gate.DeniedError
		if _, err := w.desk.Lift(w.soon(), onPage("dee"), second.ID); !errors.As(err, &denied) {
			t.Errorf("somebody without a grant lifts it: %v", err)
		}
		w.is(w.ask(power(policy.Stop, db)), ledger.Denied, gate.OutcomeDenied)
		if _, err := w.desk.Lift(w.soon(), onPage("ana"), second.ID); err != nil {
			t.Errorf("somebody with the grant does not lift it: %v", err)
		}
		w.is(w.ask(power(policy.Stop, db)), ledger.Pending, gate.OutcomePending)
		if _, err := w.desk.Lift(w.soon(), onPage("ana"), second.ID); !errors.Is(err, gate.ErrNotFound) {
			t.Errorf("lifted twice: %v", err)
		}
	})
}

func TestAPersonDoesNotLiftAnothersFreezeOfThem(t *testing.T) {
	inWorld(t, func(w *world) {
		h := w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "ana", Because: "her assistant runs wild"})
		var denied *gate.DeniedError
		if w.desk.MayLift(onPage("ana"), h) || !w.desk.MayLift(onPage("ben"), h) {
			t.Error("it is offered to whom it is on, or not to its owner")
		}
		if _, err := w.desk.Lift(w.soon(), onPage("ana"), h.ID); !errors.As(err, &denied) || !strings.Contains(err.Error(), "who put it up") {
			t.Errorf("lifted by whom it is on: %v", err)
		}
		w.is(w.ask(power(policy.Reboot, web)), ledger.Denied, gate.OutcomeDenied)
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); err != nil {
			t.Errorf("not lifted by its owner: %v", err)
		}

		own := w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "ben", Because: "on leave"})
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), own.ID); err != nil {
			t.Errorf("somebody who froze themselves can't go on: %v", err)
		}
	})
}

func TestTheOwnerLiftsAHoldWithoutTheGrant(t *testing.T) {
	inWorld(t, func(w *world) {
		h := w.hold(lockWeb())
		w.setPolicy(func(d *policy.Document) { d.Grants[0].Actions = []policy.Action{policy.List, policy.Get} })
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); err != nil {
			t.Errorf("lift: %v", err)
		}
	})
}

func TestAHoldThatCannotBeMeantIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		var invalid *gate.InvalidError
		var denied *gate.DeniedError
		for name, o := range map[string]gate.HoldOrder{
			"no reason":         {Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: ref(web)},
			"for ever long":     {Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: ref(web), Because: "x", For: 365 * 24 * time.Hour},
			"an unknown set":    {Kind: ledger.FreezeHold, Scope: ledger.ScopeSet, Value: "nowhere", Because: "x"},
			"nobody":            {Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "zoe", Because: "x"},
			"all of an account": {Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Account: "main", Because: "x"},
			"an unknown kind":   {Kind: ledger.FreezeHold, Scope: "planet", Because: "x"},
		} {
			if _, err := w.desk.Hold(w.soon(), onPage("ben"), o); !errors.As(err, &invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.desk.Hold(w.soon(), onPage("dee"), lockWeb()); !errors.As(err, &denied) {
			t.Errorf("somebody without the grant: %v", err)
		}
		if holds, err := w.desk.Holds(w.soon(), onPage("ben")); err != nil || len(holds) != 0 {
			t.Errorf("holds = %v, %v", holds, err)
		}
	})
}

func TestReadOnlyTightensAndLoosensNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		h := w.hold(lockWeb())
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); err == nil {
			t.Error("a lock is lifted in read-only mode")
		}
	}, readOnly)
}

// However many freezes there are, and however long their reasons, a denial is
// recorded and told.
func TestAnAskUnderVeryManyHoldsIsDenied(t *testing.T) {
	because := strings.Repeat("🧊&", 250)
	freezes := func(w *world, n int) {
		for range n {
			w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: because})
		}
	}
	inWorld(t, func(w *world) {
		before := w.ask(power(policy.Reboot, web))
		freezes(w, 21)
		lock := lockWeb()
		lock.Because = because
		w.hold(lock)
		freezes(w, 39)

		for name, v := range map[string]gate.View{"an ask": w.askAs(actor("cy"), power(policy.Reboot, web)), "a claim": w.approve("ana", before)} {
			w.is(v, ledger.Denied, gate.OutcomeDenied)
			if !strings.Contains(v.Request.Message, "and 1 more lock and 55 more freezes") {
				t.Errorf("%s is told as %q", name, v.Request.Message)
			}
			if got := w.kinds(v.ID); len(got) == 0 {
				t.Errorf("%s stands nowhere in the trail", name)
			}
		}
		w.sent()
	})
}

// A few are all named, and nothing more is said.
func TestADenialNamesTheHoldsThereAre(t *testing.T) {
	for _, n := range []int{1, 5} {
		inWorld(t, func(w *world) {
			var named []string
			for range n {
				w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "an incident"})
				named = append(named, "everything is frozen by ben until it is lifted (an incident)")
			}
			if got, want := w.ask(power(policy.Reboot, web)).Request.Message, strings.Join(named, "; "); got != want {
				t.Errorf("it is told as %q, want %q", got, want)
			}
		})
	}
}

// So is one by very many rules of the policy with very long words.
func TestADenialByVeryManyLongRulesIsRecorded(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		w.audited(v.ID, "ask")
	}, withPolicy(func(d *policy.Document) {
		for i := range 100 {
			d.Guards = append(d.Guards, policy.Guard{ID: fmt.Sprintf("no-%d", i), Actions: []policy.Action{policy.Reboot}, Deny: strings.Repeat("not now, ", 100)})
		}
	}))
}

func TestAnAskThatIsFarTooLongIsRefused(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	for name, op := range map[string]gate.Operation{
		"a server": {Action: policy.Reboot, Server: gate.Ref{Text: long}},
		"a name":   deletion(web, long),
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				for _, who := range []string{"ana", "eve"} {
					_, err := w.desk.Ask(w.soon(), actor(who), op)
					var invalid *gate.InvalidError
					if !errors.As(err, &invalid) {
						t.Errorf("%s is told %v", who, err)
					}
				}
			})
		})
	}
}

// Nobody is asked about a lock, which only tightens: what a guard requires of it keeps
// none from being put up, and others from lifting it.
func TestARequirementOfLocksKeepsNoneFromBeingPutUp(t *testing.T) {
	inWorld(t, func(w *world) {
		h, err := w.desk.Hold(w.soon(), onPage("ana"), lockWeb())
		if err != nil {
			t.Fatal(err)
		}
		var denied *gate.DeniedError
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); !errors.As(err, &denied) || len(denied.Decision.Denied) == 0 || w.desk.MayLift(onPage("ben"), h) {
			t.Errorf("another lifts it: %v", err)
		}
		if _, err := w.desk.Lift(w.soon(), onPage("ana"), h.ID); err != nil {
			t.Errorf("who put it up can't lift it: %v", err)
		}
	}, withPolicy(func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{ID: "locks", Actions: []policy.Action{policy.Lock}, Require: &policy.Require{Approve: 1, From: policy.Everyone}})
	}))
}

// lockers lets dee lock the shop's server, and cy freeze.
func lockers(d *policy.Document) {
	d.ServerSets = map[string][]policy.ServerMatch{"shop": {{IDs: []string{"12345"}}}}
	d.Groups["ops"] = policy.Group{People: []string{"ana", "ben"}}
	d.Grants = append(d.Grants,
		policy.Grant{ID: "lock", Who: []string{"dee"}, Actions: []policy.Action{policy.Lock}, Servers: []string{"shop"}},
		policy.Grant{ID: "freeze", Who: []string{"cy"}, Actions: []policy.Action{policy.Freeze}})
}

func TestALockIsGrantedByTheServerAndAFreezeByItself(t *testing.T) {
	freeze := gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "an incident"}
	lockDB := lockWeb()
	lockDB.Server = ref(db)
	for name, c := range map[string]struct {
		who   string
		order gate.HoldOrder
		may   bool
	}{
		"a lock of the shop":               {"dee", lockWeb(), true},
		"a lock of another":                {"dee", lockDB, false},
		"a freeze by who may lock":         {"dee", freeze, false},
		"a freeze":                         {"cy", freeze, true},
		"a lock by who may freeze":         {"cy", lockWeb(), false},
		"a lock by a stranger":             {"eve", lockWeb(), false},
		"a lock by who may do all of them": {"ana", lockDB, true},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				h, err := w.desk.Hold(w.soon(), onPage(c.who), c.order)
				var denied *gate.DeniedError
				if (err == nil) != c.may || err != nil && !errors.As(err, &denied) {
					t.Errorf("got %v", err)
				}
				holds, err := w.desk.Holds(w.soon(), onPage("ana"))
				if err != nil || len(holds) != len(w.holdRows()) || c.may && (len(holds) != 1 || holds[0].ID != h.ID) {
					t.Errorf("in force are %+v, %v", holds, err)
				}
			}, withPolicy(lockers))
		})
	}
}

// holdRows are the rows that tell of what was put up.
func (w *world) holdRows() []ledger.Event {
	w.Helper()
	return slices.DeleteFunc(w.events(), func(e ledger.Event) bool { return e.Kind != "hold" })
}

func TestWhoMayListNoServersIsToldOfNoLocks(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hold(lockWeb())
		var denied *gate.DeniedError
		if holds, err := w.desk.Holds(w.soon(), onPage("eve")); len(holds) != 0 || !errors.As(err, &denied) {
			t.Errorf("told of %+v, %v", holds, err)
		}
	})
}

// Of several accounts a freeze of a set or a person may be limited to one.
func TestAFreezeOfOneAccount(t *testing.T) {
	order := func(scope ledger.HoldScope, value, account string) gate.HoldOrder {
		return gate.HoldOrder{Kind: ledger.FreezeHold, Scope: scope, Value: value, Account: account, Because: "an incident"}
	}
	for name, c := range map[string]struct {
		order       gate.HoldOrder
		main, other ledger.State // of a reboot in each; "" where the order is refused
	}{
		"a set everywhere":    {order(ledger.ScopeSet, "west", ""), ledger.Denied, ledger.Denied},
		"a set in one":        {order(ledger.ScopeSet, "west", "other"), ledger.Pending, ledger.Denied},
		"a person everywhere": {order(ledger.ScopePerson, "ana", ""), ledger.Denied, ledger.Denied},
		"a person in one":     {order(ledger.ScopePerson, "ana", "main"), ledger.Denied, ledger.Pending},
		"an account":          {order(ledger.ScopeAccount, "other", ""), ledger.Pending, ledger.Denied},
		"all, in one":         {order(ledger.ScopeAll, "", "main"), "", ""},
		"no such account":     {order(ledger.ScopeSet, "west", "nowhere"), "", ""},
		"no such set":         {order(ledger.ScopeSet, "north", ""), "", ""},
		"no such person":      {order(ledger.ScopePerson, "eve", ""), "", ""},
		"an account not here": {order(ledger.ScopeAccount, "nowhere", ""), "", ""},
		"no reason":           {gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: " "}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				both := w.newGate(w.account, func(w *world, c *gate.Config) {
					theirs := sandbox.New(sandbox.Options{Token: canary, Email: "other@example.com"})
					c.Accounts = append(c.Accounts, w.newAccountAt("http://127.0.0.1:8323/api/v1", "other", "account-2", theirs))
				}).Desk()
				_, err := both.Hold(w.soon(), onPage("ben"), c.order)
				if (err == nil) != (c.main != "") {
					t.Fatalf("got %v", err)
				}
				if err != nil {
					return
				}
				for account, want := range map[string]ledger.State{"main": c.main, "other": c.other} {
					op := power(policy.Reboot, web)
					op.Account = account
					v, err := both.Ask(w.soon(), actor("ana"), op)
					if err != nil || v.State != want {
						t.Errorf("in %s it is %s, %v", account, v.State, err)
					}
				}
			}, withPolicy(func(d *policy.Document) {
				d.ServerSets = map[string][]policy.ServerMatch{"west": {{Location: []string{"us-west"}}}}
			}))
		})
	}
}

func TestHowLongAHoldMayBe(t *testing.T) {
	const most = 90 * 24 * time.Hour
	for long, may := range map[time.Duration]bool{-1: false, 0: true, most: true, most + 1: false} {
		inWorld(t, func(w *world) {
			o := lockWeb()
			o.For = long
			h, err := w.desk.Hold(w.soon(), onPage("ben"), o)
			if (err == nil) != may || may && h.Until.IsZero() != (long == 0) {
				t.Errorf("for %s: until %s, %v", o.For, h.Until, err)
			}
		})
	}
}

func TestARefusalSaysWhatIsHeldAndUntilWhen(t *testing.T) {
	freeze := func(scope ledger.HoldScope, value, account string) gate.HoldOrder {
		return gate.HoldOrder{Kind: ledger.FreezeHold, Scope: scope, Value: value, Account: account, Because: "an incident"}
	}
	const always = " frozen by ben until it is lifted (an incident)"
	for want, order := range map[string]gate.HoldOrder{
		"this server is locked by ben until 2000-01-01T01:00:00Z (disk swap)": lockWeb(),
		"the servers of west are" + always:                                    freeze(ledger.ScopeSet, "west", ""),
		"the servers of west in the account main are" + always:                freeze(ledger.ScopeSet, "west", "main"),
		"what ana asks for is" + always:                                       freeze(ledger.ScopePerson, "ana", ""),
		"what ana asks for in the account main is" + always:                   freeze(ledger.ScopePerson, "ana", "main"),
		"the account main is" + always:                                        freeze(ledger.ScopeAccount, "main", ""),
		"everything is" + always:                                              freeze(ledger.ScopeAll, "", ""),
	} {
		inWorld(t, func(w *world) {
			w.hold(order)
			if got := w.ask(power(policy.Reboot, web)).Request.Message; got != want {
				t.Errorf("it is told as %q, want %q", got, want)
			}
		}, withPolicy(func(d *policy.Document) {
			d.ServerSets = map[string][]policy.ServerMatch{"west": {{Location: []string{"us-west"}}}}
		}))
	}
}

// Whoever could put a lock up may lift it.
func TestALockIsLiftedByWhoMayLockThatServer(t *testing.T) {
	inWorld(t, func(w *world) {
		lockDB := lockWeb()
		lockDB.Server = ref(db)
		ours, another := w.hold(lockWeb()), w.hold(lockDB)
		var denied *gate.DeniedError
		if _, err := w.desk.Lift(w.soon(), onPage("dee"), another.ID); !errors.As(err, &denied) {
			t.Errorf("of another server: %v", err)
		}
		if _, err := w.desk.Lift(w.soon(), onPage("cy"), ours.ID); !errors.As(err, &denied) {
			t.Errorf("by who may freeze: %v", err)
		}
		if _, err := w.desk.Lift(w.soon(), onPage("dee"), ours.ID); err != nil {
			t.Errorf("of the shop's: %v", err)
		}
	}, withPolicy(lockers))
}

func TestAFreezeIsLiftedByWhoeverCouldPutItUp(t *testing.T) {
	for name, o := range map[string]gate.HoldOrder{
		"of another person": {Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "ana", Because: "an incident"},
		"of all":            {Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "an incident"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if _, err := w.desk.Lift(w.soon(), onPage("cy"), w.hold(o).ID); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestTheHoldsOnAServerAreThoseThatKeepOneFromChangingIt(t *testing.T) {
	inWorld(t, func(w *world) {
		ours := w.hold(lockWeb())
		everything := w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAll, Because: "an incident"})
		w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "cy", Because: "on leave"})
		for id, want := range map[int64][]string{web: {ours.ID, everything.ID}, db: {everything.ID}} {
			s, err := w.account.Reader.GetServer(w.soon(), vpsapi.NumberID(id))
			if err != nil {
				t.Fatal(err)
			}
			on, err := w.desk.HoldsOn(w.soon(), onPage("ana"), "", s)
			if err != nil || !slices.EqualFunc(on, want, func(h gate.HoldInForce, id string) bool { return h.ID == id }) {
				t.Errorf("on %d are %+v, %v", id, on, err)
			}
		}
		var none *gate.NoAccountError
		if _, err := w.desk.HoldsOn(w.soon(), onPage("ana"), "nowhere", vpsapi.Server{}); !errors.As(err, &none) {
			t.Errorf("in no account: %v", err)
		}
	})
}
