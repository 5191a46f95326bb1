package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"vpsops/internal/telemetry"
	"vpsops/policy/ledger"
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

func TestALabelHoldsWhateverItIsGiven(t *testing.T) {
	m := telemetry.NewMetrics("v1", "abc")
	m.WatchPolicy(func() string { return "a\"b\\c\nd{e}=\u00e9,\xff" })
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(scrape(m)))
	if err != nil {
		t.Fatal(err)
	}
	label := families["vpsops_policy_info"].GetMetric()[0].GetLabel()[0]
	if want := "a\"b\\c\nd{e}=\u00e9,\uFFFD"; label.GetName() != "hash" || label.GetValue() != want {
		t.Errorf("it is %v", label)
	}
}

func TestTheProcessIsSeenToo(t *testing.T) {
	text := scrape(telemetry.NewMetrics("v1", "abc"))
	for _, line := range []string{"# TYPE go_goroutines gauge\ngo_goroutines ", "# TYPE go_memstats_heap_alloc_bytes gauge\n"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q", line)
		}
	}
}

func TestMetricsAreReadByAFewAtOnce(t *testing.T) {
	m := telemetry.NewMetrics("v1", "abc")
	counting, goOn := make(chan struct{}), make(chan struct{})
	m.WatchRequests(func() (map[ledger.State]int, error) {
		counting <- struct{}{}
		<-goOn
		return nil, nil
	})
	handler := m.Handler()
	read := func() int {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		return answer.Code
	}
	codes := make(chan int)
	const few = 4
	for range few {
		go func() { codes <- read() }()
		<-counting
	}
	if code := read(); code != http.StatusServiceUnavailable {
		t.Errorf("one more got %d", code)
	}
	close(goOn)
	for range few {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one got %d", code)
		}
	}
}
