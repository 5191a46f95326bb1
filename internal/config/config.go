// Package config reads the program's environment, once, into values that are
// ready to use. It knows nothing of the rest of the program, and the rest
// nothing of it: only cmd imports it and hands each part what it needs.
package config

import (
	"context"
	"log/slog"
	"net/url"

	"github.com/sethvargo/go-envconfig"
)

// Config is the environment, validated. It is never changed after Load, so it
// is safe for concurrent use.
type Config struct {
	// Accounts are the API accounts, the default one first. Empty where no token
	// is set: the program then runs and answers with how to set one.
	Accounts []Account
	APIURL   *url.URL // without a final slash

	Listen      string   // host:port; port 0 takes a free one
	AdminListen string   // likewise
	PublicURL   *url.URL // an origin; nil where it is not set

	AllowedOrigins []string // scheme://host[:port], lower case
	AllowedHosts   []string // host[:port], lower case

	PolicyFile string // empty: the built-in policy
	Store      Store
	ReadOnly   bool
	Person     string // who sits at this machine's own front ends

	OpenBrowser OpenBrowser

	OAuth *OAuth // nil: no access tokens of an authorization server are taken
	OIDC  *OIDC  // nil: no sign-in by an identity provider
	Slack Slack

	LogLevel  slog.Level
	LogFormat string // "text", "json", or empty: text on a terminal, else JSON

	// Warnings are about what is set and has no effect, a line each. They hold no
	// values.
	Warnings []string

	// Risks are about what is set, works, and lets others in: a line each, with what to
	// do. They hold no secrets.
	Risks []string
	// Notes are what may well be meant so.
	Notes []string

	key   *Key // nil: kept in a file
	state stateFolder
}

// OAuth says whose access tokens MCP clients may present.
type OAuth struct {
	Issuer   string // compared exactly with a token's iss
	Audience string // compared exactly with a token's aud
}

// OIDC is the identity provider that the page signs people in with.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret Secret // not set for a public client
}

// OpenBrowser says whether local use opens the page in this desktop's browser.
type OpenBrowser string

// The values of VPSOPS_OPEN_BROWSER.
const (
	OpenAuto   OpenBrowser = "auto"   // where there seems to be a desktop
	OpenNever  OpenBrowser = "never"  // the sign-in link goes to stderr
	OpenAlways OpenBrowser = "always" // even where no desktop is seen
)

// Load reads every variable through lookup. Each may instead be NAME_FILE, the
// path of a file that holds it. An empty variable counts as unset.
//
// The error is an [*Error] that lists everything wrong at once; the caller
// prints it and exits with the code for wrong usage. A missing API token is no
// error. Unknown names are found where lookup can list its own, as [Environ]
// does: of most there is a warning, while one that seems to be meant for what
// would restrict is an error.
func Load(ctx context.Context, lookup envconfig.Lookuper) (*Config, error) {
	files := newFileLookuper(lookup)
	var env environment
	if err := envconfig.ProcessWith(ctx, &envconfig.Config{Target: &env, Lookuper: files}); err != nil {
		return nil, err // a wrong struct tag: no environment leads here
	}
	p := &parser{from: files.from, faults: files.faults}
	cfg := env.parse(p)
	cfg.state = findStateFolder(lookup)
	cfg.Notes = files.notes()
	cfg.Risks = append(files.risks(), cfg.Risks...)
	warnings, faults := unknownNames(lookup)
	cfg.Warnings = append(warnings, cfg.Warnings...)
	if p.faults = append(p.faults, faults...); len(p.faults) > 0 {
		return nil, &Error{Faults: p.faults}
	}
	return cfg, nil
}
