package telemetry_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"vpsops/internal/telemetry"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

var update = flag.Bool("update", false, "write the metrics' names as they are now")

// TestMetricsKeepTheirNames holds names, kinds and labels: dashboards and alert
// rules elsewhere are made of them.
func TestMetricsKeepTheirNames(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	m.APICall("get server", "ok", 200, 2, time.Second)
	m.PolicyRead(true)
	m.SlackAck("command", time.Millisecond)
	m.SocketConnections(1)
	m.WatchRequests(func() (map[ledger.State]int, error) { return map[ledger.State]int{ledger.Pending: 2}, nil })
	m.WatchPolicy(func() string { return "0123456789ab" })
	m.WatchBudgets(func() []policy.Budget { return []policy.Budget{{ID: "deletes", Max: 3, Per: time.Hour}} })
	stand := newStand(t, m)
	stand.everything()

	got := namesOf(t, m)
	if *update {
		if err := os.WriteFile("testdata/metrics.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the metrics are now (go test ./internal/telemetry -update, and mend deploy/):\n%s", got)
	}
}

// namesOf writes each of our metrics in a line. Go's and the process's own have
// their libraries' names.
func namesOf(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(scrape(m)))
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if !strings.HasPrefix(name, "vpsops_") {
			continue
		}
		labels := make(map[string]bool)
		for _, metric := range families[name].GetMetric() {
			for _, l := range metric.GetLabel() {
				labels[l.GetName()] = true
			}
		}
		if families[name].GetHelp() == "" {
			t.Errorf("%s doesn't say what it is for", name)
		}
		fmt.Fprintf(&lines, "%s %s {%s}\n", strings.ToLower(families[name].GetType().String()), name, strings.Join(slices.Sorted(maps.Keys(labels)), ", "))
	}
	return lines.String()
}

func scrape(m *telemetry.Metrics) string {
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}
