package gate_test

import (
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// askOf asks of a gate that shares the world's ledger.
func (w *world) askOf(g *gate.Gate, account string) gate.View {
	w.Helper()
	op := power(policy.Reboot, web)
	op.Account = account
	v, err := g.Desk().Ask(w.soon(), actor("cy"), op)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// listed is what is said of the one hold in force by a gate.
func (w *world) listed(g *gate.Gate) gate.HoldInForce {
	w.Helper()
	holds, err := g.Desk().Holds(w.soon(), onPage("ben"))
	if err != nil || len(holds) != 1 {
		w.Fatalf("%d are listed: %v", len(holds), err)
	}
	return holds[0]
}

// An account may be called otherwise after a restart, or have its token exchanged. A
// lock or a freeze put up in it holds on; and one by an older version, which wrote no
// token's fingerprint, in every account that it may be.
func TestAHoldOutlivesTheRenamingOfItsAccount(t *testing.T) {
	freeze := gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopeAccount, Value: "main", Because: "disk swap"}
	limited := gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "cy", Account: "main", Because: "laptop stolen"}
	type account struct{ name, token string }
	for name, c := range map[string]struct {
		now     []account
		keyless bool   // the hold is an older version's
		held    string // the accounts in which it holds
		remark  string
	}{
		"another name":                   {[]account{{"default", "account-1"}}, false, "default", "the account main is called default here"},
		"another name of several":        {[]account{{"prod", "account-1"}, {"staging", "account-2"}}, false, "prod", "is called prod here"},
		"another token":                  {[]account{{"main", "account-9"}}, false, "main", ""},
		"another beside it":              {[]account{{"main", "account-1"}, {"staging", "account-2"}}, false, "main", ""},
		"names exchanged":                {[]account{{"main", "account-2"}, {"staging", "account-1"}}, false, "main staging", "now that of staging, so both are held"},
		"another's account":              {[]account{{"staging", "account-2"}}, false, "", "it holds nothing here"},
		"older, another name":            {[]account{{"default", "account-1"}}, true, "default", "no account main here now"},
		"older, another name of more":    {[]account{{"prod", "account-1"}, {"staging", "account-2"}}, true, "prod staging", "no account main here now"},
		"older, its name and another's":  {[]account{{"main", "account-1"}, {"staging", "account-2"}}, true, "main", ""},
		"the same token under two names": {[]account{{"main", "account-1"}, {"copy", "account-1"}}, false, "main", ""},
	} {
		for kind, order := range map[string]gate.HoldOrder{"lock": lockWeb(), "freeze": freeze, "freeze limited": limited} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				inWorld(t, func(w *world) {
					h := w.hold(order)
					if h.AccountKey == "" {
						t.Error("it is not bound to the account's token")
					}
					if c.keyless {
						w.withoutKey(h)
					}
					g := w.newGate(w.account, func(_ *world, config *gate.Config) {
						config.Accounts = nil
						for _, a := range c.now {
							config.Accounts = append(config.Accounts, w.newAccount(a.name, a.token, sandbox.New(sandbox.Options{Token: canary})))
						}
					})
					for _, a := range c.now {
						v := w.askOf(g, a.name)
						held := strings.Contains(" "+c.held+" ", " "+a.name+" ")
						if denied := v.State == ledger.Denied; denied != held {
							t.Errorf("in %s it is denied %t: %s", a.name, denied, v.Message())
						}
						if held && (!strings.Contains(v.Message(), c.remark) || c.remark != "" && !strings.Contains(v.Message(), `in the chat by "un`)) {
							t.Errorf("in %s the refusal %q does not say %q and how to lift it", a.name, v.Message(), c.remark)
						}
						if g.Desk().IsOf(h, a.name) != held && !c.keyless {
							t.Errorf("it is not told whether it is of %s", a.name)
						}
					}
					if got := w.listed(g).Remark; !strings.Contains(got, c.remark) || (got == "") != (c.remark == "") {
						t.Errorf("it is listed with %q", got)
					}
					if _, err := g.Desk().Lift(w.soon(), onPage("ben"), h.ID); err != nil {
						t.Errorf("it is not lifted: %v", err)
					}
				})
			})
		}
	}
}

// withoutKey makes a hold one that an older version put up.
func (w *world) withoutKey(h ledger.Hold) {
	w.Helper()
	h.AccountKey = ""
	if err := w.ledger.Write(w.soon(), func(tx ledger.Tx) error {
		if err := tx.LiftHold(h.ID); err != nil {
			return err
		}
		return tx.AddHold(h)
	}); err != nil {
		w.Fatal(err)
	}
}

// Whoever is called otherwise now is not free for that: who it is nobody knows, so
// everybody is held until it is lifted.
func TestAFreezeOfAPersonWhoIsNotListedHoldsEverybody(t *testing.T) {
	inWorld(t, func(w *world) {
		h := w.hold(gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.ScopePerson, Value: "cy", For: time.Hour, Because: "laptop stolen"})
		w.is(w.ask(power(policy.Reboot, web)), ledger.Pending, gate.OutcomePending)
		w.setPolicy(func(d *policy.Document) {
			d.People["cyrus"] = d.People["cy"]
			delete(d.People, "cy")
			d.Groups["ops"] = policy.Group{People: []string{"ana", "ben", "cyrus"}}
		})
		for _, who := range []string{"cy", "ana"} {
			v := w.askAs(actor(who), power(policy.Stop, db))
			w.is(v, ledger.Denied, gate.OutcomeDenied)
			for _, want := range []string{h.ID, "the policy lists no cy now", "what anybody asks for", `"unfreeze person:cy"`} {
				if !strings.Contains(v.Message(), want) {
					t.Errorf("the refusal %q does not say %q", v.Message(), want)
				}
			}
		}
		if amiss, err := w.gate.Amiss(w.soon()); err != nil || len(amiss) != 1 {
			t.Errorf("who looks after it is told of %d: %v", len(amiss), err)
		}
		if _, err := w.desk.Lift(w.soon(), onPage("ben"), h.ID); err != nil {
			t.Errorf("it is not lifted: %v", err)
		}
		w.is(w.askAs(actor("ana"), power(policy.Stop, db)), ledger.Pending, gate.OutcomePending)
	})
}
