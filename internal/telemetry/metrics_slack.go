package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// slackMetrics tell how Slack and we hear each other.
type slackMetrics struct {
	ack     *prometheus.HistogramVec
	sockets prometheus.Gauge
}

func newSlackMetrics() slackMetrics {
	return slackMetrics{
		ack: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vpsops_slack_ack_duration_seconds", Help: "From a delivery of Slack's to its acknowledgement. Slack gives up after three seconds.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3},
		}, []string{"kind"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "vpsops_slack_socket_connections", Help: "Socket Mode connections that stand.",
		}),
	}
}

func (s slackMetrics) all() []prometheus.Collector { return []prometheus.Collector{s.ack, s.sockets} }

// SlackAck tells how long a delivery took to be acknowledged. kind is what
// came in, such as "command" or "interaction": one of a closed set, never
// Slack's own words.
func (m *Metrics) SlackAck(kind string, took time.Duration) {
	m.slack.ack.WithLabelValues(kind).Observe(took.Seconds())
}

// SocketConnections tells how many Socket Mode connections stand now.
func (m *Metrics) SocketConnections(n int) { m.slack.sockets.Set(float64(n)) }
