package telemetry

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vpsops/policy/ledger"
)

// The kinds of a ledger's transaction.
const (
	kindRead  = "read"
	kindWrite = "write"
)

// ledgerMetrics tell how the ledger does.
type ledgerMetrics struct {
	seconds *prometheus.HistogramVec
	faults  *prometheus.CounterVec
	rows    *prometheus.CounterVec
}

func newLedgerMetrics() ledgerMetrics {
	return ledgerMetrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vpsops_ledger_transaction_duration_seconds", Help: "How long transactions of the ledger took, with waiting for their turn.",
			Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10},
		}, []string{"kind"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vpsops_ledger_faults_total", Help: "Transactions that the ledger's file or database could not make.",
		}, []string{"kind", "problem"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vpsops_audit_rows_total", Help: "Rows of the audit trail that this process wrote, by what they tell.",
		}, []string{"kind"}),
	}
}

func (l ledgerMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{l.seconds, l.faults, l.rows}
}

func (m *Metrics) transaction(kind string, took time.Duration, err error) {
	m.ledger.seconds.WithLabelValues(kind).Observe(took.Seconds())
	var fault *ledger.StoreError
	if errors.As(err, &fault) {
		m.ledger.faults.WithLabelValues(kind, string(fault.Problem)).Inc()
	}
}
