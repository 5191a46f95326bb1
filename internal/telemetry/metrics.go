package telemetry

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are what the program counts, in Prometheus' form. No label holds an
// id, a name from outside or a secret: a rule is named as the policy file names
// it. It is safe for concurrent use.
type Metrics struct {
	registry      *prometheus.Registry
	apiCalls      *prometheus.CounterVec
	apiSeconds    *prometheus.HistogramVec
	apiRetries    *prometheus.CounterVec
	lastCall      atomic.Pointer[callSeries]
	policyReloads *prometheus.CounterVec
	policyStale   prometheus.Gauge
	requests      requestMetrics
	ledger        ledgerMetrics
	slack         slackMetrics
}

// NewMetrics returns metrics of a registry of their own.
func NewMetrics(version, commit string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		apiCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vpsops_api_calls_total", Help: "Calls of the VPS.org API, by operation and by how they ended.",
		}, []string{"operation", "outcome", "code"}),
		apiSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vpsops_api_call_duration_seconds", Help: "How long calls of the VPS.org API took, with their retries.",
			Buckets: []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60},
		}, []string{"operation"}),
		apiRetries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vpsops_api_retries_total", Help: "Reads of the VPS.org API that were sent again. Writes never are.",
		}, []string{"operation"}),
		policyReloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vpsops_policy_reloads_total", Help: "Policy files read since the start, by whether they came into force.",
		}, []string{"result"}),
		policyStale: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "vpsops_policy_stale", Help: "1 while the policy file on disk is not fit to be used and the one before it is in force.",
		}),
		requests: newRequestMetrics(),
		ledger:   newLedgerMetrics(),
		slack:    newSlackMetrics(),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "vpsops_build_info", Help: "Always 1; the labels say what runs."}, []string{"version", "commit"})
	info.WithLabelValues(version, commit).Set(1)
	m.registry.MustRegister(m.apiCalls, m.apiSeconds, m.apiRetries, m.policyReloads, m.policyStale, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.requests.all()...)
	m.registry.MustRegister(m.ledger.all()...)
	m.registry.MustRegister(m.slack.all()...)
	for _, result := range []string{"in_force", "refused"} {
		m.policyReloads.WithLabelValues(result)
	}
	return m
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
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
	calls   prometheus.Counter
	seconds prometheus.Observer
}

// APICall counts a call that has ended; code 0 means that no answer came.
func (m *Metrics) APICall(operation, outcome string, code, attempts int, took time.Duration) {
	last := m.lastCall.Load()
	if of := (callKind{operation, outcome, code}); last == nil || last.callKind != of {
		last = &callSeries{of, m.apiCalls.WithLabelValues(operation, outcome, strconv.Itoa(code)), m.apiSeconds.WithLabelValues(operation)}
		m.lastCall.Store(last)
	}
	last.calls.Inc()
	last.seconds.Observe(took.Seconds())
	if attempts > 1 {
		m.apiRetries.WithLabelValues(operation).Add(float64(attempts - 1))
	}
}

// PolicyRead counts a policy file that was read after the start.
func (m *Metrics) PolicyRead(inForce bool) {
	if inForce {
		m.policyReloads.WithLabelValues("in_force").Inc()
		m.policyStale.Set(0)
		return
	}
	m.policyReloads.WithLabelValues("refused").Inc()
	m.policyStale.Set(1)
}
