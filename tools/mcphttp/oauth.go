package mcphttp

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp/accesstoken"
)

// The scopes of access tokens. Who may write may read.
const (
	readScope  = "vps:read"
	writeScope = "vps:write"
	allScopes  = readScope + " " + writeScope
)

// OAuth makes the server a resource server (RFC 6750, RFC 9728): it takes
// callers by an authorization server's access tokens, and says whose. It is
// safe for concurrent use.
type OAuth struct {
	Issuer   string
	Verifier *accesstoken.Verifier

	// PublicURL is the origin that clients call, such as
	// "https://ops.example.com". Where it is "", it is what they call by.
	PublicURL string

	// Listed tells whether the policy lists an account. A right token of
	// somebody else's opens nothing.
	Listed func(policy.Identity) bool
}

// authenticate says whose an access token is.
func (o *OAuth) authenticate(r *http.Request, raw string) (tools.Caller, error) {
	token, err := o.Verifier.Verify(r.Context(), raw)
	var refused *accesstoken.InvalidError
	var unavailable *accesstoken.UnavailableError
	switch {
	case errors.As(err, &refused):
		return tools.Caller{}, &AuthError{
			Status: http.StatusUnauthorized, Message: refused.Error(),
			Challenge: challenge{Metadata: o.metadataURL(r), Error: "invalid_token", Description: refused.Reason, Scope: allScopes}.String(),
		}
	case errors.As(err, &unavailable):
		return tools.Caller{}, &AuthError{
			Status: http.StatusServiceUnavailable, RetryAfter: "10",
			Message: "the authorization server " + o.Issuer + " gives no keys to check this token by; try again in a while. Whoever runs this server: see that VPSOPS_OAUTH_ISSUER is right and that this machine reaches it; the log says more",
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return tools.Caller{}, &AuthError{Status: http.StatusServiceUnavailable, RetryAfter: "1", Message: "the call ended before its token was checked"}
	case err != nil:
		return tools.Caller{}, err
	}
	return o.caller(r, token)
}

// caller is whom a right token speaks for, as far as its scopes go.
func (o *OAuth) caller(r *http.Request, token accesstoken.Token) (tools.Caller, error) {
	write := slices.Contains(token.Scopes, writeScope)
	if !write && !slices.Contains(token.Scopes, readScope) {
		return tools.Caller{}, &AuthError{
			Status: http.StatusForbidden, Message: "this access token has none of the scopes that this server knows: " + allScopes,
			Challenge: challenge{Metadata: o.metadataURL(r), Error: "insufficient_scope", Scope: allScopes}.String(),
		}
	}
	id := policy.Identity{Kind: policy.OIDCSubject, ID: token.Issuer + "|" + token.Subject}
	if !o.Listed(id) {
		// No other token of theirs would help, so there is no challenge.
		return tools.Caller{}, &AuthError{
			Status: http.StatusForbidden, Message: "the policy lists nobody with this account; whoever keeps it can add the person's oidc: " + id.ID,
		}
	}
	return tools.Caller{Identity: id, ReadOnly: !write, Expires: token.Expires}, nil
}
