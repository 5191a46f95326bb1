package main

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"vpsops/internal/config"
	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
	"vpsops/tools/mcphttp/accesstoken"
)

// knowsCallers tells whether callers are told apart: by access tokens, or by
// the policy's tokens. Once they were they stay so: to take a leaked token out,
// the last one, must not let its holder in without.
func (c *core) knowsCallers() bool {
	return c.cfg.OAuth != nil || c.policy.hadTokens.Load()
}

// servesOthers tells whether anything but this machine may reach the server:
// directly, or by a public name through a proxy.
func (c *core) servesOthers() bool {
	public := c.cfg.PublicURL
	return !config.IsLoopback(c.cfg.Listen) || public != nil && !config.IsLoopback(public.Host)
}

// mayServe refuses to let callers in who cannot be told apart: without OAuth
// or tokens, whoever reaches the port is taken for one person.
func (c *core) mayServe() error {
	const cure = "make tokens (vpsops token new) and list them in the policy, or set VPSOPS_OAUTH_ISSUER and VPSOPS_OAUTH_AUDIENCE"
	listen, public := c.cfg.Listen, c.cfg.PublicURL
	switch {
	case c.knowsCallers():
		if !config.IsLoopback(listen) && public == nil {
			return &usageError{fmt.Errorf("VPSOPS_LISTEN is %s, beyond this machine, so VPSOPS_PUBLIC_URL must say how people and clients reach it; for example VPSOPS_PUBLIC_URL=https://vpsops.example.com", listen)}
		}
		return nil
	case !config.IsLoopback(listen):
		return &usageError{fmt.Errorf("VPSOPS_LISTEN is %s, beyond this machine, and no sign-in for callers is configured: anybody who reaches it would be taken for %s; %s; or listen on 127.0.0.1, for example VPSOPS_LISTEN=127.0.0.1:8321", listen, c.identity.ID, cure)}
	case c.servesOthers():
		return &usageError{fmt.Errorf("VPSOPS_PUBLIC_URL is %s, beyond this machine, and no sign-in for callers is configured: %s; or unset it to serve this machine alone", public, cure)}
	}
	return c.knownPerson()
}

// authenticator takes callers by the tokens that the policy in force lists and
// by access tokens or, where there never were either and only this machine is
// served, for the person who sits at it.
func (c *core) authenticator(oauth *mcphttp.OAuth) func(*http.Request) (tools.Caller, error) {
	local := mcphttp.Local(c.identity)
	byBearer := mcphttp.ByBearer(c.findToken, oauth)
	return func(r *http.Request) (tools.Caller, error) {
		if c.knowsCallers() || c.servesOthers() {
			caller, err := byBearer(r)
			if err != nil && r.Header.Get("Authorization") != "" {
				c.tokenRefused(r, err)
			}
			return caller, err
		}
		return local(r)
	}
}

// refusalLogInterval keeps a client that tries again and again from filling the log.
const refusalLogInterval = 10 * time.Second

// tokenRefused has it known that somebody was not let in with what they brought, which
// is in no log.
func (c *core) tokenRefused(r *http.Request, err error) {
	if c.metrics != nil {
		c.metrics.TokenRefused()
	}
	c.hearRefusals.Do(func() {
		c.logger.Warn("a caller's token was refused", "why", err, "from", r.RemoteAddr, "client", inert.Text(r.UserAgent(), 80))
	})
}

// limits keep callers from taking the server from each other. Whoever sits at
// the machine that is served alone has it to themselves.
func (c *core) limits() mcphttp.Limits {
	l := mcphttp.Limits{Limits: c.personLimits(), BehindProxy: c.servesOthers()}
	if !c.knowsCallers() && !c.servesOthers() {
		l.AddressRate, l.PersonRate, l.SessionsPerPerson = math.Inf(1), math.Inf(1), math.MaxInt
	}
	return l
}

// personLimits are those of one person's clients.
func (c *core) personLimits() tools.Limits { return tools.Limits{PersonOf: c.personOf, Now: clock} }

func (c *core) findToken(sha256hex string) (caller tools.Caller, ok bool) {
	b, ok := c.policy.current.Load().Token(sha256hex, clock())
	return tools.Caller{Identity: b.Identity, ReadOnly: !slices.Contains(b.Scopes, policy.WriteScope), Expires: b.Expires}, ok
}

func (c *core) personOf(id policy.Identity) string { return c.policy.current.Load().PersonOf(id) }

// oauth takes access tokens where an authorization server is configured, else
// it is nil.
func (c *core) oauth() *mcphttp.OAuth {
	if c.cfg.OAuth == nil {
		return nil
	}
	o := &mcphttp.OAuth{
		Issuer: c.cfg.OAuth.Issuer,
		Verifier: accesstoken.New(accesstoken.Config{
			Issuer: c.cfg.OAuth.Issuer, Audience: c.cfg.OAuth.Audience, Logger: c.logger, Now: clock,
		}),
		Listed: func(id policy.Identity) bool { return c.personOf(id) != "" },
	}
	if c.cfg.PublicURL != nil {
		o.PublicURL = strings.TrimSuffix(c.cfg.PublicURL.String(), "/")
	}
	return o
}

// wantsWriteScope tells whether a tool's call takes a token that may write.
// Where nothing may be changed at all, no token would help.
func (c *core) wantsWriteScope(tool string) bool { return !c.cfg.ReadOnly && tools.Changes(tool) }
