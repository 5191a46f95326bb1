package tools_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// rules is a policy under which I may ask for some actions, and guards hold.
func rules(t *testing.T, actions, guards string) *policy.Policy {
	return mustLoad(t, `
version: 1
people: {me: {local: [me]}, sam: {local: [sam]}}
grants: [{id: mine, who: me, actions: [list, get, `+actions+`]}]
guards: [{id: ask, actions: [stop, reboot, delete, update], require: {confirm: asker}}`+guards+`]
`)
}

// A person says yes to what they were shown. Where it is no longer so, or no
// longer allowed, the assistant is told what has come of it, and nothing is sent.
func TestWhatHasChangedSinceTheAskIsNotCarriedOut(t *testing.T) {
	edited := func(edit func(*sandbox.Server)) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.api.EditServer(12345, edit) }
	}
	held := func(kind ledger.HoldKind, scope ledger.HoldScope) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			order := gate.HoldOrder{Kind: kind, Scope: scope, Because: "an incident"}
			if scope == ledger.ScopeServer {
				order.Server = gate.Ref{Text: "12345", IsID: true}
			}
			if _, err := w.gate.Desk().Hold(t.Context(), policy.Actor{Identity: me, Front: policy.Console}, order); err != nil {
				t.Fatal(err)
			}
		}
	}
	ruled := func(actions, guards string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.putInForce(rules(t, actions, guards)) }
	}
	for name, c := range map[string]struct {
		change         func(*testing.T, *world)
		outcome, state string
	}{
		"its name is another server's": {func(_ *testing.T, w *world) {
			w.api.RemoveServer(12345)
			w.api.EditServer(12346, func(s *sandbox.Server) { s.Name = "web-server-01" })
		}, "denied", "invalidated"},
		"made anew":      {edited(func(s *sandbox.Server) { s.CreatedAt = s.CreatedAt.AddDate(0, 0, 1) }), "denied", "invalidated"},
		"moved":          {edited(func(s *sandbox.Server) { s.IPAddress = "203.0.113.99" }), "denied", "invalidated"},
		"renamed":        {edited(func(s *sandbox.Server) { s.Name = "prod-db-1" }), "denied", "invalidated"},
		"in another way": {edited(func(s *sandbox.Server) { s.Status = "stopped" }), "denied", "invalidated"},
		"another plan":   {edited(func(s *sandbox.Server) { s.Plan.Name = "Huge" }), "denied", "invalidated"},
		"elsewhere":      {edited(func(s *sandbox.Server) { s.Location = "eu-west" }), "denied", "invalidated"},
		"locked":         {held(ledger.LockHold, ledger.ScopeServer), "denied", "denied"},
		"frozen":         {held(ledger.FreezeHold, ledger.ScopeAll), "denied", "denied"},
		"no grant":       {ruled("start", ""), "denied", "denied"},
		"forbidden":      {ruled("reboot", `, {id: no, actions: [reboot], deny: "not now"}`), "denied", "denied"},
		"others' yes":    {ruled("reboot", `, {id: two, actions: [reboot], require: {approve: 1, from: sam}}`), "pending", "pending"},
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, func(t *testing.T, connect dialer) {
				w := newWorld(t, inMemory, func(s *setup) { s.policy = rules(t, "reboot, lock, freeze", "") })
				client := connect(w, nil)
				asked := client.call("reboot_server", `{"server":"web-server-01"}`).want(t, "pending", "pending")
				v, err := w.gate.Desk().Request(t.Context(), actorMe, asked.RequestID)
				if err != nil {
					t.Fatal(err)
				}
				c.change(t, w)
				by := gate.Voter{Identity: me, Front: policy.Page, Factor: policy.PersonFactor, OwnOnly: true}
				// Whether the vote is still taken is the gate's to say.
				_, _ = w.gate.Ballot().Vote(t.Context(), by, gate.Verdict{RequestID: v.ID, Digest: v.Digest, Approve: true})
				found := client.call("get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, v.ID))
				if found.Outcome != c.outcome || found.State != c.state {
					t.Errorf("%s, %s: %s", found.Outcome, found.State, found.text)
				}
				w.wantWrites()
			})
		})
	}
}

// brokenLedger takes no writes, and where it is gone no reads, while it is
// broken.
type brokenLedger struct {
	ledger.Ledger
	problem atomic.Pointer[ledger.Problem]
}

func (l *brokenLedger) broken(gone bool) error {
	if p := l.problem.Load(); p != nil && (!gone || *p == ledger.Gone) {
		return &ledger.StoreError{Op: "write", Store: "/srv/ledger.db", Problem: *p, Err: errors.New(canary)}
	}
	return nil
}

func (l *brokenLedger) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	if err := l.broken(false); err != nil {
		return err
	}
	return l.Ledger.Write(ctx, fn)
}

func (l *brokenLedger) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	if err := l.broken(true); err != nil {
		return err
	}
	return l.Ledger.Read(ctx, fn)
}

// What can't be recorded is not done, also where it would need nobody's yes.
func TestWithoutItsLedgerNothingIsChangedAndReadsGoOn(t *testing.T) {
	for _, problem := range []ledger.Problem{ledger.ReadOnly, ledger.Full, ledger.Locked, ledger.Gone} {
		t.Run(string(problem), func(t *testing.T) {
			everywhere(t, func(t *testing.T, connect dialer) {
				broken := &brokenLedger{}
				w := newWorld(t, func(s *setup) {
					s.ledger = func(l ledger.Ledger) ledger.Ledger { broken.Ledger = l; return broken }
				})
				w.api.EditServer(12346, func(s *sandbox.Server) { s.Status = "stopped" })
				c := connect(w, yes)
				waiting := c.call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).want(t, "pending", "pending")
				broken.problem.Store(&problem)
				for tool, arguments := range changes {
					if tool == "start_server" {
						arguments = `{"server":12346}`
					}
					c.call(tool, arguments).want(t, "failed", "").holds(t, "The ledger", "("+string(problem)+")", "nothing is changed")
				}
				c.call("cancel_request", request(waiting.RequestID)).want(t, "failed", "").holds(t, "The ledger")
				c.call("list_servers", `{}`).holds(t, "web-server-01")
				c.call("get_server", `{"server":12345}`).holds(t, "web-server-01")
				w.wantWrites()
				broken.problem.Store(nil)
				c.call("get_request", request(waiting.RequestID)).holds(t, "Not done yet")
			})
		})
	}
}
