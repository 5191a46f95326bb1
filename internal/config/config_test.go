package config_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vpsops/internal/config"
)

const someKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func load(t *testing.T, env config.Environ) *config.Config {
	t.Helper()
	cfg, err := config.Load(t.Context(), env)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return cfg
}

func TestDefaults(t *testing.T) {
	cfg := load(t, nil)
	if len(cfg.Accounts) != 0 {
		t.Errorf("accounts without a token: %v", cfg.Accounts)
	}
	for name, c := range map[string]struct{ got, want string }{
		"API":          {cfg.APIURL.String(), "https://admin.vps.org/api/v1"},
		"listen":       {cfg.Listen, "127.0.0.1:8321"},
		"admin listen": {cfg.AdminListen, "127.0.0.1:9321"},
		"browser":      {string(cfg.OpenBrowser), "auto"},
		"log format":   {cfg.LogFormat, ""},
		"log level":    {cfg.LogLevel.String(), "INFO"},
		"policy":       {cfg.PolicyFile, ""},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", name, c.got, c.want)
		}
	}
	if cfg.Person == "" {
		t.Error("nobody sits at this machine")
	}
	if cfg.ReadOnly || cfg.PublicURL != nil || cfg.OAuth != nil || cfg.OIDC != nil || cfg.Slack.On() || len(cfg.Warnings) != 0 {
		t.Errorf("something is on that nobody set: %+v", cfg)
	}
}

func TestEverythingSet(t *testing.T) {
	cfg := load(t, config.Environ{
		"VPS_API_TOKENS":            "prod:vps_one, staging:vps:two",
		"VPS_API_URL":               "http://localhost:8322/api/v1/",
		"VPSOPS_LISTEN":             ":0",
		"VPSOPS_ADMIN_LISTEN":       "[::1]:9000",
		"VPSOPS_PUBLIC_URL":         "https://Ops.Example.com:443/",
		"VPSOPS_ALLOWED_ORIGINS":    "https://chat.example.com, http://app.localhost:3000",
		"VPSOPS_ALLOWED_HOSTS":      "Ops.example.com,127.0.0.1:8321,[::1]:8321",
		"VPSOPS_POLICY":             "policy.yaml",
		"VPSOPS_STORE":              "postgres://vpsops:pw@db.internal/vpsops",
		"VPSOPS_KEY":                someKey,
		"VPSOPS_READ_ONLY":          "true",
		"VPSOPS_PERSON":             "ana",
		"VPSOPS_OPEN_BROWSER":       "never",
		"VPSOPS_OAUTH_ISSUER":       "https://id.example.com/",
		"VPSOPS_OAUTH_AUDIENCE":     "https://ops.example.com/mcp",
		"VPSOPS_OIDC_ISSUER":        "https://id.example.com",
		"VPSOPS_OIDC_CLIENT_ID":     "ops",
		"VPSOPS_OIDC_CLIENT_SECRET": "hush",
		"SLACK_BOT_TOKEN":           "xoxb-1",
		"SLACK_APP_TOKEN":           "xapp-1",
		"SLACK_SIGNING_SECRET":      "signing",
		"SLACK_TEAM_IDS":            "T024BE7LD, E0123",
		"SLACK_APP_ID":              "A1",
		"SLACK_APPROVALS_CHANNEL":   "C1",
		"SLACK_AUDIT_CHANNEL":       "G1",
		"SLACK_API_URL":             "http://127.0.0.1:8323/api/",
		"VPSOPS_LOG_LEVEL":          "WARN",
		"VPSOPS_LOG_FORMAT":         "json",
	})
	for name, c := range map[string]struct{ got, want string }{
		"first account":  {cfg.Accounts[0].Name + "=" + cfg.Accounts[0].Token.Reveal(), "prod=vps_one"},
		"second account": {cfg.Accounts[1].Name + "=" + cfg.Accounts[1].Token.Reveal(), "staging=vps:two"},
		"API":            {cfg.APIURL.String(), "http://localhost:8322/api/v1"},
		"listen":         {cfg.Listen, ":0"},
		"admin listen":   {cfg.AdminListen, "[::1]:9000"},
		"public URL":     {cfg.PublicURL.String(), "https://ops.example.com"},
		"origins":        {strings.Join(cfg.AllowedOrigins, " "), "https://chat.example.com http://app.localhost:3000"},
		"hosts":          {strings.Join(cfg.AllowedHosts, " "), "ops.example.com 127.0.0.1:8321 [::1]:8321"},
		"policy":         {cfg.PolicyFile, "policy.yaml"},
		"store":          {cfg.Store.PostgresURL.Reveal(), "postgres://vpsops:pw@db.internal/vpsops"},
		"person":         {cfg.Person, "ana"},
		"browser":        {string(cfg.OpenBrowser), "never"},
		"OAuth issuer":   {cfg.OAuth.Issuer, "https://id.example.com/"},
		"OAuth audience": {cfg.OAuth.Audience, "https://ops.example.com/mcp"},
		"OIDC":           {cfg.OIDC.Issuer + " " + cfg.OIDC.ClientID + " " + cfg.OIDC.ClientSecret.Reveal(), "https://id.example.com ops hush"},
		"Slack secrets": {
			cfg.Slack.BotToken.Reveal() + " " + cfg.Slack.AppToken.Reveal() + " " + cfg.Slack.SigningSecret.Reveal(),
			"xoxb-1 xapp-1 signing",
		},
		"Slack ids": {
			strings.Join(append(cfg.Slack.TeamIDs, cfg.Slack.AppID, cfg.Slack.ApprovalsChannel, cfg.Slack.AuditChannel), " "),
			"T024BE7LD E0123 A1 C1 G1",
		},
		"Slack URL":  {cfg.Slack.APIURL.String(), "http://127.0.0.1:8323/api"},
		"log level":  {cfg.LogLevel.String(), slog.LevelWarn.String()},
		"log format": {cfg.LogFormat, "json"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", name, c.got, c.want)
		}
	}
	if !cfg.ReadOnly {
		t.Error("read-only was set and isn't")
	}
	if key, err := cfg.Key(); err != nil || len(key.Bytes()) != config.KeySize || key.Bytes()[31] != 31 {
		t.Errorf("key %d bytes, error %v", len(key.Bytes()), err)
	}
	if len(cfg.Warnings) != 0 {
		t.Errorf("warnings: %q", cfg.Warnings)
	}
}

func TestOneTokenIsTheDefaultAccount(t *testing.T) {
	cfg := load(t, config.Environ{"VPS_API_TOKEN": "vps_one"})
	if len(cfg.Accounts) != 1 || cfg.Accounts[0].Name != config.DefaultAccount || cfg.Accounts[0].Token.Reveal() != "vps_one" {
		t.Errorf("accounts %v", cfg.Accounts)
	}
}

func TestEmptyVariablesAreUnset(t *testing.T) {
	cfg := load(t, config.Environ{"VPSOPS_LISTEN": "", "VPSOPS_READ_ONLY": "", "VPS_API_TOKEN": "", "VPS_API_TOKEN_FILE": "", "VPSOPS_KEY": ""})
	if cfg.Listen != "127.0.0.1:8321" || cfg.ReadOnly || len(cfg.Accounts) != 0 {
		t.Errorf("an empty variable was taken for a value: %+v", cfg)
	}
}

func TestVariablesFromFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cfg := load(t, config.Environ{
		"VPS_API_TOKEN_FILE":    write("token", "vps_one\r\n"),
		"VPSOPS_READ_ONLY_FILE": write("read-only", "true\n"),
	})
	if got := cfg.Accounts[0].Token.Reveal(); got != "vps_one" {
		t.Errorf("token %q", got)
	}
	if !cfg.ReadOnly {
		t.Error("a file's true was not read")
	}

	missing, empty, huge := filepath.Join(dir, "missing"), write("empty", "\n"), write("huge", strings.Repeat("x", 70_000))
	wantFaults(t, config.Environ{
		"VPS_API_TOKEN":           "vps_one",
		"VPS_API_TOKEN_FILE":      missing,
		"VPSOPS_KEY_FILE":         missing,
		"SLACK_BOT_TOKEN_FILE":    empty,
		"VPSOPS_POLICY_FILE":      huge,
		"VPSOPS_LISTEN_FILE":      write("listen", "8321"),
		"SLACK_APP_TOKEN_FILE":    write("app-token", "xoxb-secret"),
		"VPSOPS_LOG_FORMAT_FILE":  write("format", "json"),
		"VPSOPS_ADMIN_LISTEN":     "127.0.0.1:0",
		"VPSOPS_OPEN_BROWSER":     "never",
		"VPSOPS_ALLOWED_HOSTS":    "a.example",
		"VPSOPS_ALLOWED_ORIGINS":  "https://a.example",
		"SLACK_APPROVALS_CHANNEL": "C1",
	},
		`VPS_API_TOKEN and VPS_API_TOKEN_FILE are both set, and only one may be; for example VPS_API_TOKEN=vps_0123456789abcdef`,
		`VPSOPS_POLICY_FILE names "`+huge+`", which holds more than 64 KiB; for example VPSOPS_POLICY_FILE=/run/secrets/vpsops_policy`,
		`VPSOPS_KEY_FILE names "`+missing+`", which can't be read (no such file or directory); for example VPSOPS_KEY_FILE=/run/secrets/vpsops_key`,
		`SLACK_BOT_TOKEN_FILE names "`+empty+`", which is empty; for example SLACK_BOT_TOKEN_FILE=/run/secrets/slack_bot_token`,
		`VPSOPS_LISTEN_FILE is "8321", not host:port; for example VPSOPS_LISTEN=127.0.0.1:8321`,
		`SLACK_APP_TOKEN_FILE doesn't begin with xapp-: another kind of token; for example SLACK_APP_TOKEN=xapp-1-A0123456789-abcdef`,
	)
}

func TestAnUnreadableFileIsOneFault(t *testing.T) {
	wantFaults(t, config.Environ{"VPSOPS_OIDC_ISSUER": "https://id.example.com", "VPSOPS_OIDC_CLIENT_ID_FILE": os.DevNull},
		`VPSOPS_OIDC_CLIENT_ID_FILE names "`+os.DevNull+`", which is a device, and a regular file is needed; for example VPSOPS_OIDC_CLIENT_ID_FILE=/run/secrets/vpsops_oidc_client_id`)
}

// wantFaults compares the whole message, line by line.
func wantFaults(t *testing.T, env config.Environ, want ...string) {
	t.Helper()
	cfg, err := config.Load(t.Context(), env)
	faults, ok := errors.AsType[*config.Error](err)
	if !ok {
		t.Fatalf("Load gave %v, want a *config.Error", err)
	}
	if cfg != nil {
		t.Error("a configuration came with the error")
	}
	if len(faults.Faults) != len(want) {
		t.Errorf("%d faults, want %d", len(faults.Faults), len(want))
	}
	got := strings.Split(err.Error(), "\n")
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing line: %s", want[i])
		case i >= len(want):
			t.Errorf("extra line: %s", got[i])
		case got[i] != want[i]:
			t.Errorf("line %d:\n got %s\nwant %s", i+1, got[i], want[i])
		}
	}
}

func TestEveryFaultInOneRun(t *testing.T) {
	wantFaults(t, config.Environ{
		"VPS_API_URL":         "http://admin.vps.org/api/v1",
		"VPSOPS_LISTEN":       "8321",
		"VPSOPS_READ_ONLY":    "yes",
		"VPSOPS_LOG_LEVEL":    "loud",
		"VPSOPS_OPEN_BROWSER": "sometimes",
	},
		`VPS_API_URL is "http://admin.vps.org/api/v1", which isn't https (http is taken for this machine alone); for example VPS_API_URL=https://admin.vps.org/api/v1`,
		`VPSOPS_LISTEN is "8321", not host:port; for example VPSOPS_LISTEN=127.0.0.1:8321`,
		`VPSOPS_READ_ONLY is "yes", neither true nor false; for example VPSOPS_READ_ONLY=true`,
		`VPSOPS_OPEN_BROWSER is "sometimes", not one of auto, never, always; for example VPSOPS_OPEN_BROWSER=never`,
		`VPSOPS_LOG_LEVEL is "loud", not one of debug, info, warn, error; for example VPSOPS_LOG_LEVEL=debug`,
	)
}

func TestUnknownNamesAreWarnedOf(t *testing.T) {
	cfg := load(t, config.Environ{
		"VPSOPS_READONLY":      "",
		"VPSOPS_LISTNE":        "x",
		"VPSOP_PERSON":         "x",
		"VPS_LISTEN":           "x",
		"vpsops_log_level":     "x",
		"VPS_API_TOKEN_FLIE":   "x",
		"VPSOPS_KEYS_FILE":     "x",
		"VPSOPS_COLOUR_SCHEME": "x",
		"VPSX":                 "x",
		"HOME":                 "/root",
	})
	want := []string{
		"VPSOPS_COLOUR_SCHEME isn't a variable of vpsops and has no effect",
		"VPSOPS_KEYS_FILE isn't a variable of vpsops and has no effect; did you mean VPSOPS_KEY_FILE?",
		"VPSOPS_LISTNE isn't a variable of vpsops and has no effect; did you mean VPSOPS_LISTEN?",
		"VPSOPS_READONLY isn't a variable of vpsops and has no effect; did you mean VPSOPS_READ_ONLY?",
		"VPSOP_PERSON isn't a variable of vpsops and has no effect; did you mean VPSOPS_PERSON?",
		"VPS_API_TOKEN_FLIE isn't a variable of vpsops and has no effect; did you mean VPS_API_TOKEN_FILE?",
		"VPS_LISTEN isn't a variable of vpsops and has no effect; did you mean VPSOPS_LISTEN?",
		"vpsops_log_level isn't a variable of vpsops and has no effect; did you mean VPSOPS_LOG_LEVEL?",
	}
	if !slices.Equal(cfg.Warnings, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(cfg.Warnings, "\n"), strings.Join(want, "\n"))
	}
}

// Under a misspelt name of what restricts, more would be done than was meant.
func TestWhatSeemsToRestrictIsNotPassedOver(t *testing.T) {
	for _, name := range []string{"VPSOPS_READONLY", "VPSOP_READ_ONLY", "VPS_READ_ONLY", "vpsops_read_only", "VPSOPS_REDA_ONLY"} {
		wantFaults(t, config.Environ{name: "true"},
			name+" isn't a variable of vpsops, and seems to be meant for VPSOPS_READ_ONLY, without which more may be done; for example VPSOPS_READ_ONLY=true")
		if cfg := load(t, config.Environ{name: "true", "VPSOPS_READ_ONLY": "true"}); len(cfg.Warnings) != 1 {
			t.Errorf("%s beside the right name: warnings %q", name, cfg.Warnings)
		}
	}
	wantFaults(t, config.Environ{"VPSOPS_POLICIES": "policy.yaml"},
		"VPSOPS_POLICIES isn't a variable of vpsops, and seems to be meant for VPSOPS_POLICY, without which more may be done; for example VPSOPS_POLICY=/etc/vpsops/policy.yaml")
}

func TestATokenThatExpiresWithinHoursIsWarnedOf(t *testing.T) {
	cfg := load(t, config.Environ{"SLACK_BOT_TOKEN": "xoxe.xoxb-1-x", "SLACK_APP_TOKEN": "xapp-1"})
	if len(cfg.Warnings) != 1 || !strings.Contains(cfg.Warnings[0], "expires within hours") {
		t.Errorf("warnings %q", cfg.Warnings)
	}
}

func TestHalfOfSlackIsWarnedOf(t *testing.T) {
	for _, env := range []config.Environ{
		{"SLACK_BOT_TOKEN": "xoxb-1"},
		{"SLACK_APP_TOKEN": "xapp-1"},
		{"SLACK_SIGNING_SECRET": "abc"},
	} {
		if cfg := load(t, env); len(cfg.Warnings) != 1 {
			t.Errorf("%v: warnings %q", env, cfg.Warnings)
		}
	}
}
