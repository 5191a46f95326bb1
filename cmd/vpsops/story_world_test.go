package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/slackbot/fakeslack"
)

// canary is the API token of every story: it may be nowhere but in the
// configuration and on its way to the API.
const canary = "vps_canary_5e0c91d2"

// patience is when a story that waits is given up. It only ends what hangs.
const patience = 60 * time.Second

// world is what stands around a story.
type world struct {
	t     testing.TB
	state string // $XDG_STATE_HOME

	processes map[string]*process
	client    *assistant
	browser   *browser
	seat      *seat
	issuer    *authorizationServer
	collector *traceCollector
	slack     *fakeslack.Slack

	mu      sync.Mutex
	spoken  []utterance
	secrets []string // that nothing may show, beside the canary and the keys
}

// utterance is something that the program showed to somebody.
type utterance struct{ where, text string }

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// newWorld gives a story a machine of its own: no settings, no state, free
// ports, and the fullest log.
func newWorld(env *testscript.Env) error {
	w := &world{
		t:         env.T().(testing.TB),
		state:     filepath.Join(env.WorkDir, ".state"),
		processes: map[string]*process{},
		browser:   newBrowser(),
	}
	env.Values[worldKey{}] = w
	home := filepath.Join(env.WorkDir, ".home")
	for name, value := range map[string]string{
		"HOME": home, "XDG_STATE_HOME": w.state, "VPSOPS_PERSON": "ana",
		"VPSOPS_LISTEN": "127.0.0.1:0", "VPSOPS_ADMIN_LISTEN": "127.0.0.1:0",
		"VPSOPS_OPEN_BROWSER": "never", "VPSOPS_LOG_LEVEL": "debug", "VPSOPS_LOG_FORMAT": "json",
		"VPS_API_TOKEN": canary, "TOKEN": canary,
	} {
		env.Setenv(name, value)
	}
	env.Defer(w.end)
	return os.Mkdir(home, 0o700)
}

// end ends what still runs and looks for secrets in all that was shown.
func (w *world) end() {
	if w.client != nil {
		w.client.close()
	}
	for _, p := range w.processes {
		p.kill()
		p.speak(w)
	}
	w.browser.close()
	if w.issuer != nil {
		w.issuer.Close()
	}
	if w.collector != nil {
		w.collector.Close()
	}
	if w.slack != nil {
		if err := w.slack.Close(); err != nil {
			w.t.Error(err)
		}
	}
	secrets := append(w.keys(), append(w.secrets, canary)...)
	for _, u := range w.spoken {
		for _, secret := range secrets {
			if strings.Contains(u.text, secret) {
				w.t.Errorf("%s holds a secret:\n%s", u.where, u.text)
			}
		}
	}
}

// keys are the contents of the key files that the story's programs made.
func (w *world) keys() []string {
	paths, err := filepath.Glob(filepath.Join(w.state, "*", "*.key"))
	if err != nil {
		w.t.Error(err)
	}
	var keys []string
	for _, path := range paths {
		key, err := os.ReadFile(path)
		if err != nil || len(key) < 16 {
			w.t.Errorf("the key %s cannot be used: %q, %v", path, key, err)
			continue
		}
		keys = append(keys, strings.TrimSpace(string(key)))
	}
	return keys
}

// heard notes what the program showed, for the search for secrets.
func (w *world) heard(where, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spoken = append(w.spoken, utterance{where, text})
}

// settings are the variables of a story that a process of it is given, beside
// its surroundings.
var settings = []string{
	"PATH", "HOME", "XDG_STATE_HOME", "TMPDIR", "SYSTEMROOT", "GOCOVERDIR",
	"VPS_API_TOKEN", "VPS_API_TOKEN_FILE", "VPS_API_TOKENS", "VPS_API_TOKENS_FILE", "VPS_API_URL",
	"VPSOPS_LISTEN", "VPSOPS_POLICY", "VPSOPS_STORE", "VPSOPS_ADMIN_LISTEN", "VPSOPS_PUBLIC_URL", "VPSOPS_PERSON", "VPSOPS_READ_ONLY", "VPSOPS_KEY",
	"VPSOPS_OAUTH_ISSUER", "VPSOPS_OAUTH_AUDIENCE", "VPSOPS_OIDC_ISSUER", "VPSOPS_OIDC_CLIENT_ID", "VPSOPS_OIDC_CLIENT_SECRET",
	"SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_TEAM_IDS", "SLACK_APP_ID",
	"SLACK_APPROVALS_CHANNEL", "SLACK_AUDIT_CHANNEL",
	"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT_FILE", "OTEL_EXPORTER_OTLP_HEADERS_FILE", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_EXPORTER",
	"VPSOPS_OPEN_BROWSER", "VPSOPS_LOG_LEVEL", "VPSOPS_LOG_FORMAT",
	aheadVariable, slowedVariable,
}

func environ(ts *testscript.TestScript) []string {
	var vars []string
	for _, name := range settings {
		if value := ts.Getenv(name); value != "" {
			vars = append(vars, name+"="+value)
		}
	}
	return vars
}

func patiently() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// arguments fails the story unless there are between least and most of them.
func arguments(ts *testscript.TestScript, args []string, least, most int, usage string) {
	if len(args) < least || most >= 0 && len(args) > most {
		ts.Fatalf("usage: %s", usage)
	}
}

func noNegation(ts *testscript.TestScript, neg bool) {
	if neg {
		ts.Fatalf("this command takes no !")
	}
}

func show(ts *testscript.TestScript, format string, args ...any) {
	_, err := fmt.Fprintf(ts.Stdout(), format, args...)
	ts.Check(err)
}
