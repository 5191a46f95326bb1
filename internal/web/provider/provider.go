// Package provider signs people in by an OpenID Connect provider: the
// authorization code flow (OpenID Connect Core 1.0, 3.1) with PKCE (RFC 7636),
// state and nonce.
package provider

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

const (
	askWithin  = 10 * time.Second // for each question to the provider
	askAgain   = 2 * time.Second  // after one that failed, so that a crowd does not hammer it
	freshFor   = 12 * time.Hour   // then its addresses are asked for anew
	maxDocBody = 1 << 20          // bytes of any answer of the provider
)

// algorithms are the signatures taken: public keys' alone, since under a
// shared secret whoever has it could sign anybody in.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// Config says which provider, and as which client of it. Issuer and ClientID
// are needed.
type Config struct {
	Issuer       string // as the provider's metadata writes it, byte for byte
	ClientID     string
	ClientSecret string // "" for a public client

	Client *http.Client     // asks the provider; one with limits where nil
	Logger *slog.Logger     // discards where nil
	Now    func() time.Time // time.Now where nil
}

// Provider is asked for what it publishes when somebody first wants to sign
// in, and again where it could not be had: one out of reach stops nothing but
// sign-ins. It is safe for concurrent use.
type Provider struct {
	config Config
	flight singleflight.Group

	mu      sync.Mutex
	found   *endpoints
	foundAt time.Time
	failed  error
	failAt  time.Time
}

// endpoints is what a provider publishes of itself.
type endpoints struct {
	oauth2.Endpoint
	keys     oidc.KeySet
	namesIss bool // its answers name it (RFC 9207)
}

// New makes a provider. Nothing is asked yet.
func New(c Config) *Provider {
	if c.Client == nil {
		c.Client = newClient()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{config: c}
}

// Issuer names the provider.
func (p *Provider) Issuer() string { return p.config.Issuer }

// Host is how the provider is called on a page.
func (p *Provider) Host() string {
	if u, err := url.Parse(p.config.Issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return p.config.Issuer
}

// Check asks for what the provider publishes, for whoever wants to know
// whether people could sign in. The error is an [*UnavailableError].
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// endpoints returns what is known, and asks where that is nothing or old.
func (p *Provider) endpoints(ctx context.Context) (*endpoints, error) {
	p.mu.Lock()
	found, age := p.found, p.config.Now().Sub(p.foundAt)
	failed, since := p.failed, p.config.Now().Sub(p.failAt)
	p.mu.Unlock()
	switch {
	case found != nil && age < freshFor:
		return found, nil
	case failed != nil && since >= 0 && since < askAgain:
		return nil, failed
	}
	fresh, err := p.discover(ctx)
	if err != nil && found != nil {
		return found, nil // what was right this morning likely is
	}
	return fresh, err
}

// discover asks the provider, once for all who want it at a time.
func (p *Provider) discover(ctx context.Context) (*endpoints, error) {
	done := p.flight.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), askWithin) // others wait for it too
		defer cancel()
		found, err := p.ask(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.failed, p.failAt = &UnavailableError{p.config.Issuer, err}, p.config.Now()
			p.config.Logger.Warn("the sign-in's provider could not be asked", "issuer", p.config.Issuer, "error", err)
			return nil, p.failed
		}
		p.found, p.foundAt, p.failed = found, p.config.Now(), nil
		return found, nil
	})
	select {
	case r := <-done:
		found, _ := r.Val.(*endpoints)
		return found, r.Err
	case <-ctx.Done():
		return nil, &UnavailableError{p.config.Issuer, ctx.Err()}
	}
}
