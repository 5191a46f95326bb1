package gate_test

import (
	"slices"
	"strings"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
	"vpsops/vpsapi/sandbox"
)

// grantedShop has dee do the actions to web-server-01 and to no other server.
func grantedShop(actions ...policy.Action) func(*policy.Document) {
	return func(d *policy.Document) {
		d.ServerSets = map[string][]policy.ServerMatch{"shop": {{IDs: []string{"12345"}}}}
		d.Grants = append(d.Grants, policy.Grant{ID: "shop", Who: []string{"dee"}, Actions: actions, Servers: []string{"shop"}})
	}
}

func backups(id int64, on bool) gate.Operation {
	return gate.Operation{Action: policy.Update, Server: ref(id), Update: &vpsapi.UpdateServerParams{BackupsEnabled: &on}}
}

// Whoever may change one server must not find out about another by asking for
// changes of it.
func TestAServerOutsideTheGrantsIsNotToldOf(t *testing.T) {
	inWorld(t, func(w *world) {
		w.edit(db, func(s *sandbox.Server) { s.Status = "stopped" })
		asks := map[string]gate.Operation{
			"a delete under another name": deletion(db, "x"),
			"a delete under its name":     deletion(db, "db-server-01"),
			"a start":                     power(policy.Start, db),
			"a stop":                      power(policy.Stop, db),
			"a reboot":                    byID(policy.Reboot, db),
			"a rename to its name":        rename(db, "db-server-01"),
			"its hostname":                hostname(db, "db01.example.com"),
			"backups as they are":         backups(db, true),
			"backups as they are not":     backups(db, false),
		}
		for name, op := range asks {
			before := len(w.sandbox.Requests())
			v := w.askAs(actor("dee"), op)
			w.is(v, ledger.Denied, gate.OutcomeDenied)
			const all = "; no grant covers this; an administrator can add one; it would go for a server of shop, or if one of those asks whom a grant lets: ana, ben, cy. Rule: no-grant."
			if want := "Denied: " + string(op.Action) + " 12346" + all; v.Message() != want {
				t.Errorf("%s: told %q, want %q", name, v.Message(), want)
			}
			w.audited(v.ID, "ask")
			reads := slices.DeleteFunc(w.sandbox.Requests()[before:], func(r sandbox.Request) bool { return !strings.HasSuffix(r.Path, "/servers/12346/") })
			if len(reads) > 1 {
				t.Errorf("%s: the server was read %d times", name, len(reads))
			}
			told, err := w.desk.Own(w.soon(), actor("dee"), 1)
			if err != nil || told[0].Shown.Server != nil || told[0].Shown.After != nil || strings.Contains(string(told[0].Request.Shown), "db-server") {
				t.Errorf("%s: their list tells %+v, %v", name, told[0].Shown, err)
			}
		}
		w.sent()
	}, withPolicy(grantedShop(policy.Actions()...)))
}

func TestAnIDOutsideTheGrantsIsNotToldForAName(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.askAs(actor("dee"), gate.Operation{Action: policy.Reboot, Server: gate.Ref{Text: "db-server-01"}})
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		history, err := w.desk.History(w.soon(), actor("dee"), v.ID)
		if err != nil || len(history) != 1 || strings.Contains(history[0].Detail, "12346") {
			t.Errorf("the history is %+v, %v", history, err)
		}
		seen, err := w.desk.Look(w.soon(), actor("dee"), v.ID)
		if err != nil || v.ServerID != "" || seen.ServerID != "" || strings.Contains(v.Message(), "12346") {
			t.Errorf("told %q, then server %q, %v", v.Message(), seen.ServerID, err)
		}
		trail, err := w.desk.Trail(w.soon(), actor("ana"), "", "12346", 10)
		if err != nil || len(trail) != 1 || trail[0].RequestID != v.ID {
			t.Errorf("whoever looks after the server finds %+v, %v", trail, err)
		}
	}, withPolicy(grantedShop(policy.Actions()...)))
}

// Who may see a server is told which one was meant, and why not.
func TestADenialNamesAServerThatMayBeSeen(t *testing.T) {
	for _, seen := range []policy.Action{policy.List, policy.Get} {
		t.Run(string(seen), func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.askAs(actor("dee"), power(policy.Reboot, db))
				w.is(v, ledger.Denied, gate.OutcomeDenied)
				if !strings.Contains(v.Message(), "reboot db-server-01 (id 12346)") {
					t.Errorf("told %q", v.Message())
				}
			}, withPolicy(func(d *policy.Document) {
				grantedShop(policy.Reboot)(d)
				d.Grants = append(d.Grants, policy.Grant{ID: "see", Who: []string{"dee"}, Actions: []policy.Action{seen}})
			}))
		})
	}
}

func TestALockTellsNoMoreThanTheGrants(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hold(gate.HoldOrder{Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: ref(web), Because: "moving house"})
		v := w.askAs(actor("dee"), power(policy.Reboot, web))
		w.is(v, ledger.Denied, gate.OutcomeDenied)
		if !strings.HasPrefix(v.Message(), "Denied: reboot 12345; ") || !strings.Contains(v.Message(), "moving house") {
			t.Errorf("told %q", v.Message())
		}
	}, withPolicy(grantedShop(policy.Reboot)))
}
