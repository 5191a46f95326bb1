// Package slack_test holds the Slack app's manifest against Slack's own schema
// and against what the bot needs.
package slack_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dlclark/regexp2/v2"
	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"vpsops/slackbot/webhook"
)

// manifest is what we look at beyond the schema.
type manifest struct {
	Features struct {
		Commands []struct {
			Command string `yaml:"command"`
			URL     string `yaml:"url"`
			Escape  bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
		Home struct {
			Tab bool `yaml:"home_tab_enabled"`
		} `yaml:"app_home"`
	} `yaml:"features"`
	OAuth struct {
		Scopes map[string][]string `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Interactivity struct {
			On      bool   `yaml:"is_enabled"`
			URL     string `yaml:"request_url"`
			Options string `yaml:"message_menu_options_url"`
		} `yaml:"interactivity"`
		Events struct {
			URL string   `yaml:"request_url"`
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		SocketMode bool `yaml:"socket_mode_enabled"`
	} `yaml:"settings"`
}

func read(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// load holds a manifest against Slack's schema, and reads it.
func load(t *testing.T, raw []byte) (m manifest) {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema(t).Validate(value); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// schema is the one that Slack publishes for manifests of the first major
// version (github.com/slackapi/manifest-schema).
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) {
		re, err := regexp2.Compile(pattern, regexp2.ECMAScript)
		return ecmaScript{re}, err
	})
	s, err := c.Compile("testdata/manifest-schema-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ecmaScript is a pattern as JSON Schema means it: Slack's look ahead, which Go's
// don't.
type ecmaScript struct{ *regexp2.Regexp }

func (e ecmaScript) MatchString(s string) bool {
	ok, err := e.Regexp.MatchString(s)
	return ok && err == nil
}

func TestTheManifestAsksForWhatTheBotUsesAndNoMore(t *testing.T) {
	m := load(t, read(t))
	want := map[string][]string{
		"bot":          {"commands", "chat:write", "users:read", "usergroups:read"},
		"bot_optional": {"channels:read", "groups:read"},
	}
	if !maps.EqualFunc(m.OAuth.Scopes, want, slices.Equal) {
		t.Errorf("the scopes are %v", m.OAuth.Scopes)
	}
	if want := []string{"app_home_opened", "subteam_members_changed"}; !slices.Equal(m.Settings.Events.Bot, want) {
		t.Errorf("the events are %v", m.Settings.Events.Bot)
	}
	if c := m.Features.Commands; len(c) != 1 || c[0].Command != "/vps" || !c[0].Escape || c[0].URL != "" {
		t.Errorf("the commands are %+v", c)
	}
	if !m.Settings.SocketMode || !m.Settings.Interactivity.On || !m.Features.Home.Tab {
		t.Errorf("something is turned off: %+v", m)
	}
}

func TestEveryScopeAndEventSaysWhatItIsFor(t *testing.T) {
	item := regexp.MustCompile(`^ +- [a-z_:]+( # \S.*)?$`)
	items := 0
	for _, line := range strings.Split(string(read(t)), "\n") {
		m := item.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if items++; m[1] == "" {
			t.Errorf("no reason: %s", line)
		}
	}
	if items != 8 {
		t.Errorf("%d scopes and events", items)
	}
}

// What the comments say turns it into an app that Slack reaches over HTTP.
func TestTheManifestCanBeTurnedToHTTP(t *testing.T) {
	raw := regexp.MustCompile(`(?m)^( +)# (\w+: https://vpsops\.example\.com/)`).ReplaceAll(read(t), []byte("$1$2"))
	raw = bytes.Replace(raw, []byte("socket_mode_enabled: true"), []byte("socket_mode_enabled: false"), 1)
	m := load(t, raw)
	const at = "https://vpsops.example.com"
	got := []string{m.Features.Commands[0].URL, m.Settings.Interactivity.URL, m.Settings.Interactivity.Options, m.Settings.Events.URL}
	want := []string{at + webhook.CommandsPath, at + webhook.InteractionsPath, at + webhook.InteractionsPath, at + webhook.EventsPath}
	if !slices.Equal(got, want) || m.Settings.SocketMode {
		t.Errorf("the addresses are %q", got)
	}
}

func TestTheSchemaIsStrict(t *testing.T) {
	for name, bad := range map[string]string{
		"a misspelt key":    "display_information: {name: x}\nsetings: {}",
		"no name":           "display_information: {}",
		"an address of FTP": "display_information: {name: x}\nsettings: {interactivity: {is_enabled: true, request_url: 'ftp://x'}}",
	} {
		asJSON, err := yaml.YAMLToJSON([]byte(bad))
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(asJSON, &value); err != nil {
			t.Fatal(err)
		}
		if schema(t).Validate(value) == nil {
			t.Errorf("%s: passes", name)
		}
	}
}
