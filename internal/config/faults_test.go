package config_test

import (
	"strings"
	"testing"

	"vpsops/internal/config"
)

// One variable each: the line must be the whole message.
func TestFaultMessages(t *testing.T) {
	const (
		token    = "; for example VPS_API_TOKEN=vps_0123456789abcdef"
		tokens   = "; for example VPS_API_TOKENS=prod:vps_0123456789abcdef,staging:vps_fedcba9876543210"
		apiURL   = "; for example VPS_API_URL=https://admin.vps.org/api/v1"
		listen   = "; for example VPSOPS_LISTEN=127.0.0.1:8321"
		public   = "; for example VPSOPS_PUBLIC_URL=https://vpsops.example.com"
		origins  = "; for example VPSOPS_ALLOWED_ORIGINS=https://chat.example.com,https://app.example.com"
		hosts    = "; for example VPSOPS_ALLOWED_HOSTS=vpsops.example.com,vpsops.internal:8321"
		store    = "; for example VPSOPS_STORE=/var/lib/vpsops/ledger.db"
		postgres = "; for example VPSOPS_STORE=postgres://vpsops@db.example.com:5432/vpsops?sslmode=verify-full"
		key      = "; for example VPSOPS_KEY=$(openssl rand -base64 32)"
		oauthIss = "; for example VPSOPS_OAUTH_ISSUER=https://id.example.com"
		oauthAud = "; for example VPSOPS_OAUTH_AUDIENCE=https://vpsops.example.com/mcp"
		oidcIss  = "; for example VPSOPS_OIDC_ISSUER=https://id.example.com"
		oidcID   = "; for example VPSOPS_OIDC_CLIENT_ID=vpsops"
		slackURL = "; for example SLACK_API_URL=http://127.0.0.1:8323/api/"
	)
	for _, c := range []struct{ name, value, want string }{
		{"VPS_API_TOKEN", "vps_one two", "VPS_API_TOKEN holds white space or another character that can't belong there" + token},
		{"VPS_API_TOKEN", "vps_one\n", "VPS_API_TOKEN holds white space or another character that can't belong there" + token},
		{"VPS_API_TOKENS", "vps_one", "VPS_API_TOKENS has no NAME:TOKEN in place 1" + tokens},
		{"VPS_API_TOKENS", "prod:vps_one,staging:", "VPS_API_TOKENS has no NAME:TOKEN in place 2" + tokens},
		{"VPS_API_TOKENS", "Prod:vps_one", "VPS_API_TOKENS has an account name in place 1 that isn't of a-z, 0-9 and hyphen" + tokens},
		{"VPS_API_TOKENS", ":vps_one", "VPS_API_TOKENS has an account name in place 1 that isn't of a-z, 0-9 and hyphen" + tokens},
		{"VPS_API_TOKENS", "prod:vps_one,prod:vps_two", `VPS_API_TOKENS names the account "prod" twice` + tokens},
		{"VPS_API_TOKENS", "prod:vps_one,spare:vps_two,staging:vps_one", `VPS_API_TOKENS gives the accounts "prod" and "staging" the same token, so that what the policy says of the one is passed by the name of the other` + tokens},
		{"VPS_API_URL", "admin.vps.org", `VPS_API_URL is "admin.vps.org", not an address that begins with https:// and a host` + apiURL},
		{"VPS_API_URL", "https://", `VPS_API_URL is "https://", not an address that begins with https:// and a host` + apiURL},
		{"VPS_API_URL", "ftp://admin.vps.org", `VPS_API_URL is "ftp://admin.vps.org", not an address that begins with https:// and a host` + apiURL},
		{"VPS_API_URL", "https://admin.vps.org:99999", `VPS_API_URL is "https://admin.vps.org:99999", whose port isn't a number from 0 to 65535` + apiURL},
		{"VPS_API_URL", "https://u:hunter2@admin.vps.org", `VPS_API_URL is "…", which holds a user name or password` + apiURL},
		{"VPS_API_URL", "https://admin.vps.org/?x=1", `VPS_API_URL is "https://admin.vps.org/?x=1", which holds a query or a fragment` + apiURL},
		{"VPS_API_URL", "https://admin.vps.org/%zz", `VPS_API_URL is "https://admin.vps.org/%zz", not an address` + apiURL},
		{"VPS_API_URL", "http://10.0.0.1/api", `VPS_API_URL is "http://10.0.0.1/api", which isn't https (http is taken for this machine alone)` + apiURL},
		{"VPS_API_URL", "http://localhost.example.com", `VPS_API_URL is "http://localhost.example.com", which isn't https (http is taken for this machine alone)` + apiURL},
		{"VPSOPS_LISTEN", "127.0.0.1:http", `VPSOPS_LISTEN is "127.0.0.1:http", whose port isn't a number from 0 to 65535` + listen},
		{"VPSOPS_LISTEN", "127.0.0.1:65536", `VPSOPS_LISTEN is "127.0.0.1:65536", whose port isn't a number from 0 to 65535` + listen},
		{"VPSOPS_LISTEN", "a b:80", `VPSOPS_LISTEN is "a b:80", whose host is neither an address nor a name` + listen},
		{"VPSOPS_PUBLIC_URL", "https://ops.example.com/vpsops", `VPSOPS_PUBLIC_URL is "https://ops.example.com/vpsops", which holds a path` + public},
		{"VPSOPS_PUBLIC_URL", "http://ops.example.com", `VPSOPS_PUBLIC_URL is "http://ops.example.com", which isn't https (http is taken for this machine alone)` + public},
		{"VPSOPS_ALLOWED_ORIGINS", "https://ok.example,*", `VPSOPS_ALLOWED_ORIGINS holds "*", not an address that begins with https:// and a host` + origins},
		{"VPSOPS_ALLOWED_ORIGINS", "null", `VPSOPS_ALLOWED_ORIGINS holds "null", not an address that begins with https:// and a host` + origins},
		{"VPSOPS_ALLOWED_HOSTS", "https://ops.example.com", `VPSOPS_ALLOWED_HOSTS holds "https://ops.example.com", neither a host nor host:port` + hosts},
		{"VPSOPS_ALLOWED_HOSTS", "*", `VPSOPS_ALLOWED_HOSTS holds "*", neither a host nor host:port` + hosts},
		{"VPSOPS_STORE", "mysql://root:hunter2@db/x", "VPSOPS_STORE begins with neither postgres:// nor a path" + store},
		{"VPSOPS_STORE", ":memory:", "VPSOPS_STORE is SQLite's own way to name a database, where the path of a file belongs" + store},
		{"VPSOPS_STORE", "file:ledger.db?mode=memory", "VPSOPS_STORE is SQLite's own way to name a database, where the path of a file belongs" + store},
		{"VPSOPS_STORE", "host=db password=hunter2", "VPSOPS_STORE is a list of words for PostgreSQL, where its address belongs" + postgres},
		{"VPSOPS_STORE", "~/ledger.db", "VPSOPS_STORE begins with ~, which nothing but a shell takes for the home folder" + store},
		{"VPSOPS_STORE", "postgres:/x", "VPSOPS_STORE isn't an address of PostgreSQL, which begins with postgres://" + postgres},
		{"VPSOPS_STORE", " ", "VPSOPS_STORE begins or ends with a space" + store},
		{"VPSOPS_STORE", "/var/lib/vpsops/ledger.db ", "VPSOPS_STORE begins or ends with a space" + store},
		{"VPSOPS_STORE", "postgres://u:p/w?d@db", "VPSOPS_STORE isn't an address of PostgreSQL (write special characters in the password as %XX)" + postgres},
		{"VPSOPS_STORE", "postgres://", "VPSOPS_STORE isn't an address of PostgreSQL (write special characters in the password as %XX)" + postgres},
		{"VPSOPS_STORE", "postgres://u:hunter2@db/x?sslmode=bogus", "VPSOPS_STORE isn't an address that PostgreSQL can be reached by: failed to configure TLS (sslmode is invalid)" + postgres},
		{"VPSOPS_STORE", "postgres://u:hunter2@db:99999/x", "VPSOPS_STORE isn't an address that PostgreSQL can be reached by: invalid port" + postgres},
		{"VPSOPS_STORE", "postgres://u:hunter2@a:1,b:2/x?target_session_attrs=any%20one", "VPSOPS_STORE isn't an address that PostgreSQL can be reached by: unknown target_session_attrs value: any one" + postgres},
		{"VPSOPS_KEY", "hunter2", "VPSOPS_KEY isn't 32 bytes in base64" + key},
		{"VPSOPS_KEY", "aHVudGVyMg==", "VPSOPS_KEY isn't 32 bytes in base64" + key},
		{"VPSOPS_PERSON", "ana\u202e", `VPSOPS_PERSON is "ana\u202e", which holds a character that can't be seen; for example VPSOPS_PERSON=ana`},
		{"VPSOPS_PERSON", " ", `VPSOPS_PERSON is " ", which begins or ends with a blank; for example VPSOPS_PERSON=ana`},
		{"VPSOPS_PERSON", "ana ", `VPSOPS_PERSON is "ana ", which begins or ends with a blank; for example VPSOPS_PERSON=ana`},
		{"VPSOPS_OPEN_BROWSER", "vps_pasted", `VPSOPS_OPEN_BROWSER is "…", not one of auto, never, always; for example VPSOPS_OPEN_BROWSER=never`},
		{"VPSOPS_OPEN_BROWSER", strings.Repeat("n", 100), `VPSOPS_OPEN_BROWSER is "` + strings.Repeat("n", 80) + `…", not one of auto, never, always; for example VPSOPS_OPEN_BROWSER=never`},
		{"VPSOPS_OAUTH_ISSUER", "https://id.example.com", "VPSOPS_OAUTH_AUDIENCE isn't set, and the other VPSOPS_OAUTH_ variables need it" + oauthAud},
		{"VPSOPS_OAUTH_AUDIENCE", "x", "VPSOPS_OAUTH_ISSUER isn't set, and the other VPSOPS_OAUTH_ variables need it" + oauthIss},
		{"VPSOPS_OIDC_ISSUER", "https://id.example.com", "VPSOPS_OIDC_CLIENT_ID isn't set, and the other VPSOPS_OIDC_ variables need it" + oidcID},
		{"VPSOPS_OIDC_CLIENT_ID", "x", "VPSOPS_OIDC_ISSUER isn't set, and the other VPSOPS_OIDC_ variables need it" + oidcIss},
		{"SLACK_BOT_TOKEN", "xapp-1", "SLACK_BOT_TOKEN doesn't begin with xoxb-: another kind of token; for example SLACK_BOT_TOKEN=xoxb-0123456789-abcdef"},
		{"SLACK_TEAM_IDS", "T1,acme", `SLACK_TEAM_IDS holds "acme", not an id that begins with T or E; for example SLACK_TEAM_IDS=T024BE7LD,T0OTHER`},
		{"SLACK_APPROVALS_CHANNEL", "#ops", `SLACK_APPROVALS_CHANNEL holds "#ops", not an id that begins with C or G; for example SLACK_APPROVALS_CHANNEL=C0123456789`},
		{"SLACK_API_URL", "https://slack.com/api/", `SLACK_API_URL is "https://slack.com/api/", which isn't on this machine` + slackURL},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			wantFaults(t, config.Environ{c.name: c.value}, c.want)
		})
	}
	t.Run("both kinds of token", func(t *testing.T) {
		wantFaults(t, config.Environ{"VPS_API_TOKEN": "vps_one", "VPS_API_TOKENS": "prod:vps_two"},
			"VPS_API_TOKENS is set beside VPS_API_TOKEN, and only one may be"+tokens)
	})
}

func TestTwoListenersTakeNoOneAddress(t *testing.T) {
	for _, c := range []struct {
		listen, admin string
		wrong         bool
	}{
		{"127.0.0.1:8399", "127.0.0.1:8399", true},
		{"127.0.0.1:8399", "127.0.0.1:08399", true},
		{"localhost:8399", "127.0.0.1:8399", true},
		{":8399", "127.0.0.1:8399", true},
		{"127.0.0.1:8399", "0.0.0.0:8399", true},
		{"[::]:8399", "[::1]:8399", true},
		{"0.0.0.0:8399", "[::1]:8399", false},
		{"127.0.0.1:8399", "127.0.0.2:8399", false},
		{"127.0.0.1:8399", "127.0.0.1:8400", false},
		{"127.0.0.1:0", "127.0.0.1:0", false},
	} {
		_, err := config.Load(t.Context(), config.Environ{"VPSOPS_LISTEN": c.listen, "VPSOPS_ADMIN_LISTEN": c.admin})
		if wrong := err != nil && strings.Contains(err.Error(), "which VPSOPS_LISTEN takes already"); wrong != c.wrong {
			t.Errorf("%s and %s: %v", c.listen, c.admin, err)
		}
	}
}

// Whatever is wrong, what was set doesn't come back in the message.
func TestFaultsNeverShowASecret(t *testing.T) {
	const canary = "CANARY"
	for _, env := range []config.Environ{
		{"VPS_API_TOKEN": canary + " "},
		{"VPS_API_TOKENS": canary},
		{"VPS_API_TOKENS": canary + ":x"},
		{"VPS_API_TOKENS": "prod:" + canary + " x"},
		{"VPSOPS_KEY": canary},
		{"VPSOPS_STORE": "postgres://u:" + canary + "%@db/x"},
		{"VPSOPS_STORE": "postgres://u:" + canary + "@db/x?sslmode=bogus"},
		{"VPSOPS_STORE": "postgres://db/x?password=" + canary + "&sslmode=bogus"},
		{"VPSOPS_STORE": "postgres://u:" + canary + "%60:%20" + canary + "@db/x?connect_timeout=`"},
		{"VPSOPS_STORE": "mysql://u:" + canary + "@db/x"},
		{"VPSOPS_STORE": "dbname=x password=" + canary},
		{"VPSOPS_OIDC_CLIENT_SECRET": canary + "\t"},
		{"SLACK_BOT_TOKEN": canary},
		{"SLACK_APP_TOKEN": canary},
		{"SLACK_SIGNING_SECRET": canary + " "},
		{"VPS_API_URL": "https://u:" + canary + "@admin.vps.org"},
		{"VPSOPS_PUBLIC_URL": "https://u:" + canary + "@ops.example.com"},
		{"VPSOPS_ALLOWED_HOSTS": "u:" + canary + "@ops.example.com"},
		{"SLACK_APP_ID": "xoxb-" + canary},
		{"VPSOPS_LOG_LEVEL": "vps_" + canary},
		{"VPSOPS_PERSON": "vpsops_" + canary + "\n"},
	} {
		_, err := config.Load(t.Context(), env)
		if err == nil {
			t.Errorf("%v was taken", env)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("the value is in the message: %v", err)
		}
	}
}
