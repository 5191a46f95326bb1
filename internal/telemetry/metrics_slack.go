package telemetry

import (
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// slackMetrics tell how Slack and we hear each other.
type slackMetrics struct {
	ack     histogramVec
	sockets *metrics.Gauge
}

func newSlackMetrics(r *registry) slackMetrics {
	return slackMetrics{
		ack: r.histograms("vpsops_slack_ack_duration_seconds", "From a delivery of Slack's to its acknowledgement. Slack gives up after three seconds.",
			[]float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3}, "kind"),
		sockets: r.gauge("vpsops_slack_socket_connections", "Socket Mode connections that stand."),
	}
}

// SlackAck tells how long a delivery took to be acknowledged. kind is what
// came in, such as "command" or "interaction": one of a closed set, never
// Slack's own words.
func (m *Metrics) SlackAck(kind string, took time.Duration) {
	m.slack.ack.with(kind).Update(took.Seconds())
}

// SocketConnections tells how many Socket Mode connections stand now.
func (m *Metrics) SocketConnections(n int) { m.slack.sockets.Set(float64(n)) }
