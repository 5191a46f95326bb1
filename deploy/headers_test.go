package deploy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var optional = regexp.MustCompile(`(?m)^( *)# (.*(?:slack-|SLACK_|oidc-|OIDC_).*)$`)

// withSlackAndSignIn is a file with the lines for them as the reader lets them stand.
func withSlackAndSignIn(t *testing.T, path string) string {
	t.Helper()
	text := string(read(t, path))
	if n := len(optional.FindAllString(text, -1)); n < 5 {
		t.Fatalf("%s has %d lines for Slack and sign-in", path, n)
	}
	return optional.ReplaceAllString(text, "$1$2")
}

func TestTheLinesForSlackAndSignInFit(t *testing.T) {
	composed := documents(t, []byte(withSlackAndSignIn(t, "compose.yaml")))
	fits(t, "compose.yaml", compiled(t, "testdata/compose.schema.json"), composed)
	fits(t, "deployment.yaml", compiled(t, "testdata/kubernetes.schema.json"),
		documents(t, []byte(withSlackAndSignIn(t, "kubernetes/deployment.yaml"))))

	all := composed[0].(map[string]any)
	service := all["services"].(map[string]any)["vpsops"].(map[string]any)
	var given []string
	for _, secret := range service["secrets"].([]any) {
		given = append(given, secret.(string))
		if _, ok := all["secrets"].(map[string]any)[secret.(string)]; !ok {
			t.Errorf("compose.yaml says nowhere which file the secret %s is", secret)
		}
	}
	for name, value := range service["environment"].(map[string]any) {
		if strings.HasSuffix(name, "_FILE") && !strings.Contains(strings.Join(given, " "), strings.TrimPrefix(value.(string), "/run/secrets/")) {
			t.Errorf("compose.yaml: %s is %s, which is none of %s", name, value, given)
		}
	}
}

// What Slack is told where is set beside its tokens: docs/SLACK.md tells of it.
func TestTheLinesForSlackHaveItsChannels(t *testing.T) {
	for _, file := range []string{"compose.yaml", "kubernetes/deployment.yaml", "systemd/vpsops.service"} {
		text := withSlackAndSignIn(t, file)
		for _, name := range []string{"SLACK_BOT_TOKEN_FILE", "SLACK_APPROVALS_CHANNEL", "SLACK_AUDIT_CHANNEL"} {
			if !regexp.MustCompile(`(?m)^[^#]*\b` + name + `\b`).MatchString(text) {
				t.Errorf("%s has no line for %s", file, name)
			}
		}
	}
}

// A database outside of the cluster has an address and is in no namespace.
func TestADatabaseOutsideOfTheClusterIsReached(t *testing.T) {
	var policy struct {
		Spec struct {
			Egress []struct {
				To []struct {
					IPBlock struct{ CIDR string } `yaml:"ipBlock"`
				}
				Ports []struct{ Port any }
			}
		}
	}
	if err := yaml.Unmarshal(read(t, "kubernetes/network.yaml"), &policy); err != nil {
		t.Fatal(err)
	}
	for _, rule := range policy.Spec.Egress {
		for _, port := range rule.Ports {
			for _, to := range rule.To {
				if port.Port == uint64(5432) && to.IPBlock.CIDR != "" {
					return
				}
			}
		}
	}
	t.Errorf("no rule lets an address out on 5432: %+v", policy)
}

// The rules find the pods by the name of a port.
func TestPodsAreFoundByAPortThatTheyHave(t *testing.T) {
	found := regexp.MustCompile(`_port_name\], regex: (\w+),`).FindStringSubmatch(string(read(t, "prometheus/alerts.yaml")))
	if found == nil || !strings.Contains(string(read(t, "kubernetes/deployment.yaml")), "- {name: "+found[1]+", containerPort: 9321}") {
		t.Errorf("the rules look for the port %q", found)
	}
}

func TestASettingThatCannotBeRightIsNotTriedForEver(t *testing.T) {
	if !strings.Contains(string(read(t, "systemd/vpsops.service")), "\nRestartPreventExitStatus=2\n") {
		t.Error("the unit starts anew what ended with exit code 2")
	}
}

var alertNames = regexp.MustCompile(`(?m)^ +- alert: (\w+)$`)

func TestWhatToDoAboutEachAlertIsTold(t *testing.T) {
	operations := string(read(t, "../docs/OPERATIONS.md"))
	for _, found := range alertNames.FindAllStringSubmatch(string(read(t, "prometheus/alerts.yaml")), -1) {
		if !strings.Contains(operations, "\n| `"+found[1]+"` | ") {
			t.Errorf("docs/OPERATIONS.md does not tell what to do about %s", found[1])
		}
	}
}
