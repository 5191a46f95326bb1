// Package deploy_test holds what runs vpsops elsewhere to the schemas of those
// who read it. The schemas are in testdata; nothing is fetched.
package deploy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"vpsops/policy"
)

func compiled(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// documents are those of a YAML file, as a schema sees them.
func documents(t *testing.T, text []byte) (docs []any) {
	t.Helper()
	for part := range bytes.SplitSeq(text, []byte("\n---\n")) {
		asJSON, err := yaml.YAMLToJSON(part)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	return docs
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func fits(t *testing.T, name string, schema *jsonschema.Schema, docs []any) {
	t.Helper()
	for _, doc := range docs {
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestComposeFits(t *testing.T) {
	fits(t, "compose.yaml", compiled(t, "testdata/compose.schema.json"), documents(t, read(t, "compose.yaml")))
}

func TestKubernetesFits(t *testing.T) {
	schema := compiled(t, "testdata/kubernetes.schema.json")
	var k struct{ Resources []string }
	if err := yaml.Unmarshal(read(t, "kubernetes/kustomization.yaml"), &k); err != nil || len(k.Resources) < 4 {
		t.Fatalf("%v, %v", k, err)
	}
	for _, file := range k.Resources {
		fits(t, file, schema, documents(t, read(t, filepath.Join("kubernetes", file))))
	}
}

// TestASchemaFindsWhatIsMisspelt keeps the tests above from passing whatever
// stands in the files.
func TestASchemaFindsWhatIsMisspelt(t *testing.T) {
	for file, spoil := range map[string][2]string{
		"kubernetes/deployment.yaml": {"readinessProbe", "readynessProbe"},
		"kubernetes/disruption.yaml": {"minAvailable: 2", "minAvailable: [2]"},
		"kubernetes/network.yaml":    {"networking.k8s.io/v1", "networking.k8s.io/v1beta1"},
		"compose.yaml":               {"cap_drop", "cap_dropped"},
	} {
		schema := compiled(t, "testdata/kubernetes.schema.json")
		if file == "compose.yaml" {
			schema = compiled(t, "testdata/compose.schema.json")
		}
		text := strings.Replace(string(read(t, file)), spoil[0], spoil[1], 1)
		if schema.Validate(documents(t, []byte(text))[0]) == nil {
			t.Errorf("%s passes with %q", file, spoil[1])
		}
	}
}

func TestThePolicyToBeginWithLoads(t *testing.T) {
	if _, err := policy.Load("policy.yaml", read(t, "kubernetes/policy.yaml")); err != nil {
		t.Error(err)
	}
}

var (
	ourMetric = regexp.MustCompile(`vpsops_[a-z_]+`)
	suffixes  = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// TestDashboardAndAlertsUseMetricsThatExist compares with the names that a test
// of the program's holds.
func TestDashboardAndAlertsUseMetricsThatExist(t *testing.T) {
	known := ourMetric.FindAllString(string(read(t, "../internal/telemetry/testdata/metrics.txt")), -1)
	for _, file := range []string{"grafana/vpsops.json", "prometheus/alerts.yaml", "prometheus/alerts_test.yaml"} {
		used := ourMetric.FindAllString(string(read(t, file)), -1)
		if len(used) < 10 {
			t.Errorf("%s names %d metrics", file, len(used))
		}
		for _, name := range used {
			if !slices.Contains(known, name) && !slices.Contains(known, suffixes.ReplaceAllString(name, "")) {
				t.Errorf("%s: no metric is called %s", file, name)
			}
		}
	}
}

// TestTheDashboardShowsEveryMetric keeps one that is added from being forgotten.
func TestTheDashboardShowsEveryMetric(t *testing.T) {
	dashboard := string(read(t, "grafana/vpsops.json"))
	for _, name := range ourMetric.FindAllString(string(read(t, "../internal/telemetry/testdata/metrics.txt")), -1) {
		if !strings.Contains(dashboard, name) && name != "vpsops_budget_monthly_cents_total" {
			t.Errorf("nothing shows %s", name)
		}
	}
}

// dashboard is what of Grafana's dashboard we look at.
type dashboard struct {
	Panels []struct {
		ID      int
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr string }
	}
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	if err := json.Unmarshal(read(t, "grafana/vpsops.json"), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPanelsDoNotOverlap(t *testing.T) {
	d := readDashboard(t)
	seen := make(map[int]bool)
	for i, p := range d.Panels {
		if seen[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		seen[p.ID] = true
		for _, o := range d.Panels[:i] {
			a, b := p.GridPos, o.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%q lies over %q", p.Title, o.Title)
			}
		}
	}
}
