//go:build deploy

package deploy_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// These have the tools that read the files judge them: Debian's promtool and
// systemd-analyze, and kustomize.

func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &out, &said)
	}
	return out.Bytes()
}

func TestAlertsFire(t *testing.T) {
	tool(t, "promtool", "check", "rules", "--lint-fatal", "prometheus/alerts.yaml")
	tool(t, "promtool", "test", "rules", "prometheus/alerts_test.yaml")
}

// TestPrometheusFindsVpsopsAsTheRulesSay has Prometheus read the settings at the
// head of the rules, on one machine and in Kubernetes.
func TestPrometheusFindsVpsopsAsTheRulesSay(t *testing.T) {
	rules := string(read(t, "prometheus/alerts.yaml"))
	head, _, _ := strings.Cut(rules, "\ngroups:")
	var settings []string
	for line := range strings.Lines(head) {
		setting, ok := strings.CutPrefix(line, "#   ")
		switch {
		case !ok:
		case strings.HasPrefix(setting, "rule_files:"):
			settings = append(settings, setting)
		default:
			settings[len(settings)-1] += setting
		}
	}
	if len(settings) != 2 {
		t.Fatalf("it shows %q", settings)
	}
	// Debian's promtool is built without Kubernetes.
	settings[1] = regexp.MustCompile(`kubernetes_sd_configs: .*`).ReplaceAllString(settings[1], `static_configs: [{targets: ["10.0.0.1:9321"]}]`)
	folder := t.TempDir()
	for name, text := range map[string]string{"alerts.yaml": rules, "0.yaml": settings[0], "1.yaml": settings[1]} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, "promtool", "check", "config", filepath.Join(folder, "0.yaml"), filepath.Join(folder, "1.yaml"))
}

// TestTheDashboardAsksWhatPrometheusUnderstands makes a rule of each of its
// expressions, with Grafana's variables filled in.
func TestTheDashboardAsksWhatPrometheusUnderstands(t *testing.T) {
	var rules strings.Builder
	rules.WriteString("groups: [{name: dashboard, rules: [")
	for _, p := range readDashboard(t).Panels {
		for i, target := range p.Targets {
			expr := strings.NewReplacer("$job", ".*", "$__rate_interval", "1m", "$__range", "6h").Replace(target.Expr)
			fmt.Fprintf(&rules, "{record: 'panel:%d:%d', expr: '%s'},", p.ID, i, expr)
		}
	}
	rules.WriteString("]}]\n")
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "promtool", "check", "rules", path)
}

// TestTheUnitIsWellFormedAndShutIn wants systemd's own score of how much a
// service may do to be low: 10 is everything, and Debian's own services have 9.
func TestTheUnitIsWellFormedAndShutIn(t *testing.T) {
	// It looks for the program, which is installed nowhere here.
	for _, unit := range []string{string(read(t, "systemd/vpsops.service")), withSlackAndSignIn(t, "systemd/vpsops.service")} {
		path := filepath.Join(t.TempDir(), "vpsops.service")
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(unit, "/usr/local/bin/vpsops", "/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
		tool(t, "systemd-analyze", "verify", "--man=no", path)
	}
	tool(t, "systemd-analyze", "security", "--offline=yes", "--threshold=15", "systemd/vpsops.service")
}

// TestKustomizeBuilds holds what kustomize makes of it to the schema, too.
func TestKustomizeBuilds(t *testing.T) {
	built := tool(t, "go", "run", "sigs.k8s.io/kustomize/kustomize/v5@"+os.Getenv("KUSTOMIZE"), "build", "kubernetes")
	docs := documents(t, built)
	fits(t, "kustomize", compiled(t, "testdata/kubernetes.schema.json"), docs)
	if len(docs) != 5 {
		t.Errorf("it made %d objects", len(docs))
	}
}
