package gate_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// failsOnce is a ledger that cannot write the first row of a kind.
type failsOnce struct {
	ledger.Ledger
	kind   string
	failed atomic.Bool
}

func (f *failsOnce) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	return f.Ledger.Write(ctx, func(tx ledger.Tx) error { return fn(&failsOnceTx{tx, f}) })
}

type failsOnceTx struct {
	ledger.Tx
	f *failsOnce
}

func (t *failsOnceTx) Audit(e ledger.Event) error {
	if e.Kind == t.f.kind && !t.f.failed.Swap(true) {
		return errDisk
	}
	return t.Tx.Audit(e)
}

func TestAClaimThatCouldNotBeWrittenIsMadeAgain(t *testing.T) {
	broken := &failsOnce{Ledger: ledger.NewMemory(), kind: "claim"}
	inWorld(t, func(w *world) {
		w.is(w.approve("ana", w.ask(power(policy.Reboot, web))), ledger.Succeeded, gate.OutcomeAccepted)
		if !broken.failed.Load() {
			t.Error("nothing failed")
		}
		w.sent("POST /servers/12345/reboot/")
	}, withLedger(broken))
}

// What goes well is no error to whoever reads the log.
func TestACarriedOutRequestIsLoggedAsNoFault(t *testing.T) {
	inWorld(t, func(w *world) {
		w.gate.Resume()
		w.is(w.approve("ana", w.ask(deletion(web, "web-server-01"))), ledger.Succeeded, gate.OutcomeSucceeded)
		overdue := w.ask(power(policy.Reboot, db))
		time.Sleep(time.Hour)
		w.is(w.request(overdue.ID), ledger.Expired, gate.OutcomeDenied)
		if log := w.logged.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("the log says %s", log)
		}
	})
}

func TestAnApprovalThatIsOverdueIsNotClaimed(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.left(v, func(r *ledger.Request) { r.State, r.ExpiresAt = ledger.Approved, time.Now().Add(-time.Minute) })
		w.gate.Resume()
		time.Sleep(time.Minute)
		w.is(w.request(v.ID), ledger.Expired, gate.OutcomeDenied)
		if log := w.logged.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("the log says %s", log)
		}
		w.sent()
	})
}

func TestWhatHasChangedSinceItWasShownIsNamed(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.edit(web, func(s *sandbox.Server) { s.Hostname = "moved.example.com" })
		after := w.approve("ana", v)
		w.is(after, ledger.Invalidated, gate.OutcomeDenied)
		said := after.Request.Message
		if !strings.Contains(said, `and is "moved.example.com"`) || strings.Contains(said, "plan was") || strings.Contains(said, "name was \"web") && !strings.Contains(said, "hostname was") {
			t.Errorf("it says %q", said)
		}
		w.sent()
	})
}

// A way around the policy's no is told; around the gate's own there is none.
func TestADenialSaysWhatWouldHelpWhereSomethingWould(t *testing.T) {
	const way = "it would go"
	onPage := func(d *policy.Document) {
		d.Guards = append(d.Guards, policy.Guard{
			ID: "not-by-assistants", Actions: []policy.Action{policy.Reboot}, Through: []policy.Front{policy.MCP}, Deny: "people do this",
		})
	}
	ask := func(t *testing.T, settings ...setting) (said string) {
		inWorld(t, func(w *world) {
			v := w.ask(power(policy.Reboot, web))
			w.is(v, ledger.Denied, gate.OutcomeDenied)
			said = v.Request.Message
		}, settings...)
		return said
	}
	if said := ask(t, withPolicy(onPage)); !strings.Contains(said, "people do this; "+way) {
		t.Errorf("the policy's no says %q", said)
	}
	if said := ask(t, withPolicy(onPage), readOnly); strings.Contains(said, way) {
		t.Errorf("the gate's no says %q", said)
	}
}

func TestABudgetOfPricesIsCountedAtTheClaim(t *testing.T) {
	price := sandbox.Plans()[0].PriceMonthly
	cents, err := price.Float64()
	if err != nil {
		t.Fatal(err)
	}
	spend := policy.Budget{Actions: []policy.Action{policy.Create}, MaxMonthlyPrice: policy.Cents(cents * 150), Per: time.Hour}
	inWorld(t, func(w *world) {
		w.is(w.approve("ana", w.ask(creation("first"))), ledger.Succeeded, gate.OutcomeAccepted)
		second := w.ask(creation("second"))
		w.is(second, ledger.Denied, gate.OutcomeDenied)
		if !slices.ContainsFunc(second.Rules, func(r policy.Rule) bool { return r.ID == "cap" }) {
			t.Errorf("it is denied by %v", second.Rules)
		}
		w.sent("POST /servers/")
	}, withPolicy(budget(spend)))
}

func TestASweepThatFailsIsLoggedAndTriedAgain(t *testing.T) {
	broken := &failing{Ledger: ledger.NewMemory()}
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.left(v, func(r *ledger.Request) { r.State, r.ExpiresAt = ledger.Approved, time.Now().Add(time.Hour) })
		broken.arm(1, false)
		w.gate.Resume()
		time.Sleep(10 * time.Second)
		if log := w.logged.String(); !strings.Contains(log, "could not be looked through") {
			t.Errorf("the log says %s", log)
		}
		broken.mend()
		time.Sleep(10 * time.Second)
		w.is(w.request(v.ID), ledger.Pending, gate.OutcomePending) // it was taken up: it has no votes
	}, withLedger(broken))
}
