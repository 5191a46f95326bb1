package config

import (
	"iter"
	"reflect"
	"strings"
)

// environment is every variable as it is written: its name, default, and an
// example that is right. Decoding into text never fails, so that one run can
// report every fault.
type environment struct {
	APIToken  string `env:"VPS_API_TOKEN" example:"vps_0123456789abcdef"`
	APITokens string `env:"VPS_API_TOKENS" example:"prod:vps_0123456789abcdef,staging:vps_fedcba9876543210"`
	APIURL    string `env:"VPS_API_URL,default=https://admin.vps.org/api/v1" example:"https://admin.vps.org/api/v1"`

	Listen         string `env:"VPSOPS_LISTEN,default=127.0.0.1:8321" example:"127.0.0.1:8321"`
	AdminListen    string `env:"VPSOPS_ADMIN_LISTEN,default=127.0.0.1:9321" example:"127.0.0.1:9321"`
	PublicURL      string `env:"VPSOPS_PUBLIC_URL" example:"https://vpsops.example.com"`
	AllowedOrigins string `env:"VPSOPS_ALLOWED_ORIGINS" example:"https://chat.example.com,https://app.example.com"`
	AllowedHosts   string `env:"VPSOPS_ALLOWED_HOSTS" example:"vpsops.example.com,vpsops.internal:8321"`

	Policy   string `env:"VPSOPS_POLICY" example:"/etc/vpsops/policy.yaml"`
	Store    string `env:"VPSOPS_STORE" example:"/var/lib/vpsops/ledger.db"`
	Key      string `env:"VPSOPS_KEY" example:"$(openssl rand -base64 32)"`
	ReadOnly string `env:"VPSOPS_READ_ONLY,default=false" example:"true"`
	Person   string `env:"VPSOPS_PERSON" example:"ana"`

	OpenBrowser string `env:"VPSOPS_OPEN_BROWSER,default=auto" example:"never"`

	OAuthIssuer      string `env:"VPSOPS_OAUTH_ISSUER" example:"https://id.example.com"`
	OAuthAudience    string `env:"VPSOPS_OAUTH_AUDIENCE" example:"https://vpsops.example.com/mcp"`
	OIDCIssuer       string `env:"VPSOPS_OIDC_ISSUER" example:"https://id.example.com"`
	OIDCClientID     string `env:"VPSOPS_OIDC_CLIENT_ID" example:"vpsops"`
	OIDCClientSecret string `env:"VPSOPS_OIDC_CLIENT_SECRET" example:"0123456789abcdef"`

	SlackBotToken         string `env:"SLACK_BOT_TOKEN" example:"xoxb-0123456789-abcdef"`
	SlackAppToken         string `env:"SLACK_APP_TOKEN" example:"xapp-1-A0123456789-abcdef"`
	SlackSigningSecret    string `env:"SLACK_SIGNING_SECRET" example:"0123456789abcdef0123456789abcdef"`
	SlackTeamIDs          string `env:"SLACK_TEAM_IDS" example:"T024BE7LD,T0OTHER"`
	SlackAppID            string `env:"SLACK_APP_ID" example:"A0123456789"`
	SlackApprovalsChannel string `env:"SLACK_APPROVALS_CHANNEL" example:"C0123456789"`
	SlackAuditChannel     string `env:"SLACK_AUDIT_CHANNEL" example:"C9876543210"`
	SlackAPIURL           string `env:"SLACK_API_URL" example:"http://127.0.0.1:8323/api/"`

	LogLevel  string `env:"VPSOPS_LOG_LEVEL,default=info" example:"debug"`
	LogFormat string `env:"VPSOPS_LOG_FORMAT" example:"json"`
}

// isSecret tells whether a variable, as it is set, holds what others should not know.
func isSecret(variable string) bool {
	switch strings.TrimSuffix(variable, fileSuffix) {
	case oneToken, severalTokens, "VPSOPS_STORE", "VPSOPS_KEY", "VPSOPS_OIDC_CLIENT_SECRET",
		"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET":
		return true
	}
	return false
}

// exampleOf returns a right value for a variable, and "" for a name that is
// none's.
func exampleOf(name string) string {
	for f := range fields() {
		if f.name == name {
			return f.example
		}
	}
	return ""
}

type field struct{ name, example string }

// fields yields the variables in their order above.
func fields() iter.Seq[field] {
	return func(yield func(field) bool) {
		t := reflect.TypeFor[environment]()
		for i := range t.NumField() {
			tag := t.Field(i).Tag
			name, _, _ := strings.Cut(tag.Get("env"), ",")
			if !yield(field{name: name, example: tag.Get("example")}) {
				return
			}
		}
	}
}

func (e *environment) parse(p *parser) *Config {
	cfg := &Config{
		Accounts:       p.accounts(e.APIToken, e.APITokens),
		APIURL:         p.apiURL("VPS_API_URL", e.APIURL),
		Listen:         p.address("VPSOPS_LISTEN", e.Listen),
		AdminListen:    p.address("VPSOPS_ADMIN_LISTEN", e.AdminListen),
		PublicURL:      p.origin("VPSOPS_PUBLIC_URL", e.PublicURL),
		AllowedOrigins: p.origins("VPSOPS_ALLOWED_ORIGINS", e.AllowedOrigins),
		AllowedHosts:   p.hosts("VPSOPS_ALLOWED_HOSTS", e.AllowedHosts),
		PolicyFile:     p.path("VPSOPS_POLICY", e.Policy),
		Store:          p.store("VPSOPS_STORE", e.Store),
		ReadOnly:       p.boolean("VPSOPS_READ_ONLY", e.ReadOnly),
		Person:         p.person("VPSOPS_PERSON", e.Person),
		OpenBrowser:    OpenBrowser(p.oneOf("VPSOPS_OPEN_BROWSER", e.OpenBrowser, "auto", "never", "always")),
		OAuth:          p.oauth(e),
		OIDC:           p.oidc(e),
		Slack:          p.slack(e),
		LogLevel:       p.level("VPSOPS_LOG_LEVEL", e.LogLevel),
		LogFormat:      p.oneOf("VPSOPS_LOG_FORMAT", e.LogFormat, "text", "json"),
		key:            p.key("VPSOPS_KEY", e.Key),
	}
	p.apart("VPSOPS_ADMIN_LISTEN", cfg.AdminListen, "VPSOPS_LISTEN", cfg.Listen)
	cfg.Warnings = append(p.distinct(cfg.Accounts, cfg.APIURL), cfg.Slack.warnings()...)
	cfg.Risks = p.storeRisks("VPSOPS_STORE", cfg.Store)
	return cfg
}
