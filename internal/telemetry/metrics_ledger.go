package telemetry

import (
	"errors"
	"time"

	"vpsops/policy/ledger"
)

// The kinds of a ledger's transaction.
const (
	kindRead  = "read"
	kindWrite = "write"
)

// ledgerMetrics tell how the ledger does.
type ledgerMetrics struct {
	seconds histogramVec
	faults  counterVec
	rows    counterVec
}

func newLedgerMetrics(r *registry) ledgerMetrics {
	return ledgerMetrics{
		seconds: r.histograms("vpsops_ledger_transaction_duration_seconds", "How long transactions of the ledger took, with waiting for their turn.",
			[]float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}, "kind"),
		faults: r.counters("vpsops_ledger_faults_total", "Transactions that the ledger's file or database could not make.", "kind", "problem"),
		rows:   r.counters("vpsops_audit_rows_total", "Rows of the audit trail that this process wrote, by what they tell.", "kind"),
	}
}

func (m *Metrics) transaction(kind string, took time.Duration, err error) {
	m.ledger.seconds.with(kind).Update(took.Seconds())
	var fault *ledger.StoreError
	if errors.As(err, &fault) {
		m.ledger.faults.with(kind, string(fault.Problem)).Inc()
	}
}
