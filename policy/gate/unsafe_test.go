package gate_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

func unsafeReboots(d *policy.Document) {
	d.Guards = nil
	d.Grants = append(d.Grants, policy.Grant{ID: "loose", Who: []string{"ops"}, Actions: []policy.Action{policy.Reboot}, UnsafeAllow: true})
}

// proved is what the trail proves of all that was done.
func (w *world) proved() ledger.Report {
	w.Helper()
	var export bytes.Buffer
	err := w.ledger.Read(w.Context(), func(tx ledger.ReadTx) error {
		rows, err := tx.Trail(ledger.EventFilter{})
		lines := json.NewEncoder(&export)
		for _, row := range rows {
			if err := lines.Encode(row); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	report, err := ledger.VerifyExport(&export, ledger.VerifyOptions{})
	if err != nil {
		w.Fatal(err)
	}
	return report
}

func TestTheTrailTellsWhatAGrantLetRunWithoutAYes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.is(w.arrives(w.ask(power(policy.Reboot, web))), ledger.Succeeded, gate.OutcomeAccepted)
		w.is(w.approve("ana", w.ask(power(policy.Stop, db))), ledger.Succeeded, gate.OutcomeAccepted)
		r := w.proved()
		if !r.OK() || r.Executions != 2 || !maps.Equal(r.Unsafe, map[string]int{"loose": 1}) {
			t.Errorf("%+v", r)
		}
	}, withPolicy(unsafeReboots))
}
