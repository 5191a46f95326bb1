package telemetry_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpsops/internal/telemetry"
)

func TestMetricsTellWhatHappened(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	m.APICall("get server", "done", 200, 3, 40*time.Millisecond)
	m.APICall("delete server", "unknown", 0, 1, time.Second)
	for range 2 { // each in turn, as it ended
		m.APICall("list servers", "ok", 200, 1, time.Second)
		m.APICall("list servers", "failed", 503, 1, time.Second)
		m.APICall("list servers", "failed", 0, 1, time.Second)
		m.APICall("list servers", "refused", 503, 1, time.Second)
	}
	m.PolicyRead(true)
	m.PolicyRead(false)
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`vpsops_api_calls_total{code="200",operation="get server",outcome="done"} 1`,
		`vpsops_api_calls_total{code="0",operation="delete server",outcome="unknown"} 1`,
		`vpsops_api_calls_total{code="200",operation="list servers",outcome="ok"} 2`,
		`vpsops_api_calls_total{code="503",operation="list servers",outcome="failed"} 2`,
		`vpsops_api_calls_total{code="0",operation="list servers",outcome="failed"} 2`,
		`vpsops_api_calls_total{code="503",operation="list servers",outcome="refused"} 2`,
		`vpsops_api_call_duration_seconds_count{operation="list servers"} 8`,
		`vpsops_api_retries_total{operation="get server"} 2`,
		`vpsops_api_call_duration_seconds_count{operation="delete server"} 1`,
		`vpsops_policy_reloads_total{result="in_force"} 1`,
		`vpsops_policy_reloads_total{result="refused"} 1`,
		`vpsops_policy_stale 1`,
		`vpsops_build_info{commit="abc",version="v1.2.3"} 1`,
	} {
		if !strings.Contains(answer.Body.String(), line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}
