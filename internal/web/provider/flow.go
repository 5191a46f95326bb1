package provider

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Flow is one sign-in on its way. The browser that began it keeps it, and no
// other: it is what makes the answer that browser's own.
type Flow struct {
	State    string // comes back with the answer
	Nonce    string // comes back in the ID token
	Verifier string // of PKCE: whoever has but the code can do nothing with it
}

// Begin starts a sign-in that comes back to the address redirect. address is
// where the browser goes. The error is an [*UnavailableError].
func (p *Provider) Begin(ctx context.Context, redirect string) (f Flow, address string, err error) {
	end, err := p.endpoints(ctx)
	if err != nil {
		return Flow{}, "", err
	}
	f = Flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return f, p.client(end, redirect).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

func (p *Provider) client(end *endpoints, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret,
		Endpoint: end.Endpoint, RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID},
	}
}

// Finish takes what the provider sent the browser back with, and returns the
// subject: who it is, immutable at this issuer. The error is a [*RefusedError]
// or an [*UnavailableError].
func (p *Provider) Finish(ctx context.Context, redirect string, f Flow, answer url.Values) (subject string, err error) {
	end, err := p.endpoints(ctx)
	if err != nil {
		return "", err
	}
	code, err := p.code(end, f, answer)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.config.Client), askWithin)
	defer cancel()
	token, err := p.client(end, redirect).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return "", p.exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return "", refused("the provider gave no ID token")
	}
	return p.subject(ctx, end, f, raw, token.AccessToken)
}

// code takes the answer apart: it must be this flow's, and this provider's
// where that says so (RFC 9207).
func (p *Provider) code(end *endpoints, f Flow, answer url.Values) (string, error) {
	for name, values := range answer {
		if len(values) > 1 {
			return "", refused("the answer says %s more than once", name)
		}
	}
	iss := answer.Get("iss")
	switch {
	case f.State == "" || subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(f.State)) != 1:
		return "", refused("the answer is another sign-in's")
	case iss != "" && iss != p.config.Issuer, iss == "" && end.namesIss:
		return "", refused("the answer is another provider's")
	case answer.Get("error") != "":
		return "", refused("the provider answered %q", answer.Get("error"))
	case answer.Get("code") == "":
		return "", refused("the answer has no code")
	}
	return answer.Get("code"), nil
}

// exchangeError tells a provider that cannot be asked from one that says no.
func (p *Provider) exchangeError(err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < http.StatusInternalServerError {
		return refused("the provider took the code for nothing: %d %q", said.Response.StatusCode, said.ErrorCode)
	}
	if errors.As(err, &said) {
		err = errors.New("it answered " + said.Response.Status)
	}
	return &UnavailableError{p.config.Issuer, err}
}

// subject verifies an ID token (OpenID Connect Core 1.0, 3.1.3.7).
func (p *Provider) subject(ctx context.Context, end *endpoints, f Flow, raw, accessToken string) (string, error) {
	verifier := oidc.NewVerifier(p.config.Issuer, end.keys, &oidc.Config{
		ClientID: p.config.ClientID, SupportedSigningAlgs: algorithms, Now: p.config.Now,
	})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return "", refused("the ID token is not right: %v", err)
	}
	var claims struct {
		AuthorizedParty string `json:"azp"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", refused("the ID token cannot be read")
	}
	switch {
	case id.Issuer != p.config.Issuer:
		return "", refused("the ID token is of the issuer %q", id.Issuer)
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1:
		return "", refused("the ID token is another sign-in's")
	case claims.AuthorizedParty != "" && claims.AuthorizedParty != p.config.ClientID,
		claims.AuthorizedParty == "" && len(id.Audience) > 1:
		return "", refused("the ID token was made for another client")
	case id.AccessTokenHash != "" && id.VerifyAccessToken(accessToken) != nil:
		return "", refused("the ID token belongs to another access token")
	case id.Subject == "":
		return "", refused("the ID token names nobody")
	}
	return id.Subject, nil
}
