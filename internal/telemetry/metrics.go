package telemetry

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics are what the program counts, in Prometheus' form. No label holds an
// id, a name from outside or a secret: a rule is named as the policy file names
// it. It is safe for concurrent use.
type Metrics struct {
	registry      *registry
	apiCalls      counterVec
	apiSeconds    histogramVec
	apiRetries    counterVec
	lastCall      atomic.Pointer[callSeries]
	policyReloads counterVec
	policyStale   *metrics.Gauge
	tokenRefusals counterVec
	requests      requestMetrics
	ledger        ledgerMetrics
	slack         slackMetrics
}

// NewMetrics returns metrics of a registry of their own.
func NewMetrics(version, commit string) *Metrics {
	r := newRegistry()
	m := &Metrics{
		registry: r,
		apiCalls: r.counters("vpsops_api_calls_total", "Calls of the VPS.org API, by operation and by how they ended.",
			"operation", "outcome", "code"),
		apiSeconds: r.histograms("vpsops_api_call_duration_seconds", "How long calls of the VPS.org API took, with their retries.",
			[]float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60}, "operation"),
		apiRetries:    r.counters("vpsops_api_retries_total", "Reads of the VPS.org API that were sent again. Writes never are.", "operation"),
		policyReloads: r.counters("vpsops_policy_reloads_total", "Policy files read since the start, by whether they came into force.", "result"),
		policyStale:   r.gauge("vpsops_policy_stale", "1 while the policy file on disk is not fit to be used and the one before it is in force."),
		tokenRefusals: r.counters("vpsops_token_refusals_total", "Calls of MCP that brought a token and were not let in by it."),
		requests:      newRequestMetrics(r),
		ledger:        newLedgerMetrics(r),
		slack:         newSlackMetrics(r),
	}
	r.readGauges("vpsops_build_info", "Always 1; the labels say what runs.", []string{"version", "commit"}, func(show func(float64, ...string)) {
		show(1, version, commit)
	})
	for _, result := range []string{"in_force", "refused"} {
		m.policyReloads.with(result)
	}
	m.tokenRefusals.with()
	return m
}

// maxReaders is how many may read the metrics at once: each has the ledger
// counted.
const maxReaders = 4

// Handler serves the metrics in Prometheus' text format. Who is one too many at
// once is answered 503.
func (m *Metrics) Handler() http.Handler {
	readers := make(chan struct{}, maxReaders)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case readers <- struct{}{}:
			defer func() { <-readers }()
		default:
			http.Error(w, "others are reading the metrics, try again", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = m.registry.write(w) // who has gone needs none
	})
}

// callKind is what calls are counted by.
type callKind struct {
	operation, outcome string
	code               int
}

// callSeries is where a kind of call is counted. Most calls are of the kind of the one before, and to find these by their labels
// costs more than to count.
type callSeries struct {
	callKind
	calls   *metrics.Counter
	seconds *metrics.PrometheusHistogram
}

// APICall counts a call that has ended; code 0 means that no answer came.
func (m *Metrics) APICall(operation, outcome string, code, attempts int, took time.Duration) {
	last := m.lastCall.Load()
	if of := (callKind{operation, outcome, code}); last == nil || last.callKind != of {
		last = &callSeries{of, m.apiCalls.with(operation, outcome, strconv.Itoa(code)), m.apiSeconds.with(operation)}
		m.lastCall.Store(last)
	}
	last.calls.Inc()
	last.seconds.Update(took.Seconds())
	if attempts > 1 {
		m.apiRetries.with(operation).Add(attempts - 1)
	}
}

// TokenRefused counts a caller who was not let in by the token that they brought.
func (m *Metrics) TokenRefused() { m.tokenRefusals.with().Inc() }

// PolicyRead counts a policy file that was read after the start.
func (m *Metrics) PolicyRead(inForce bool) {
	if inForce {
		m.policyReloads.with("in_force").Inc()
		m.policyStale.Set(0)
		return
	}
	m.policyReloads.with("refused").Inc()
	m.policyStale.Set(1)
}
