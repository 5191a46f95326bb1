package mcphttp

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"vpsops/tools"
)

const (
	noToken  = "this server takes callers with a bearer token: send the header Authorization: Bearer TOKEN, with a token that its policy lists (vpsops token new)"
	noAccess = "this server takes callers with a bearer token: send the header Authorization: Bearer TOKEN, with an access token of the authorization server that its metadata names, or a token that its policy lists (vpsops token new)"
)

// FindToken knows one of the policy's tokens by its SHA-256 in lower-case hex,
// and says whom it lets in, to do what and until when. The token itself goes no
// further than to here.
type FindToken func(sha256hex string) (caller tools.Caller, ok bool)

// ByBearer takes callers by the bearer token they send (RFC 6750, 2.1): one of
// the policy's or, where oauth is given, an access token.
func ByBearer(find FindToken, oauth *OAuth) func(*http.Request) (tools.Caller, error) {
	return func(r *http.Request) (tools.Caller, error) {
		token, err := bearer(r, oauth)
		if err != nil {
			return tools.Caller{}, err
		}
		sum := sha256.Sum256([]byte(token))
		if caller, ok := find(hex.EncodeToString(sum[:])); ok {
			return caller, nil
		}
		// Only a JWT has two dots: what has none is a token that was taken out of
		// the policy, or never stood there.
		if oauth != nil && strings.Count(token, ".") == 2 {
			return oauth.authenticate(r, token)
		}
		return tools.Caller{}, &AuthError{
			Status: http.StatusUnauthorized, Message: "this token is not one of the policy's, or has expired",
			Challenge: challenge{Metadata: metadataOf(r, oauth), Error: "invalid_token", Scope: scopesOf(oauth)}.String(),
		}
	}
}

// bearer is the token that a request brings.
func bearer(r *http.Request, oauth *OAuth) (string, error) {
	given := r.Header.Values("Authorization")
	if len(given) > 1 {
		return "", &AuthError{Status: http.StatusBadRequest, Message: "there are several Authorization headers, and only one may be"}
	}
	var scheme, token string
	if len(given) == 1 {
		scheme, token, _ = strings.Cut(given[0], " ")
		token = strings.TrimSpace(token)
	}
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		refusal := &AuthError{
			Status: http.StatusUnauthorized, Message: noToken,
			Challenge: challenge{Metadata: metadataOf(r, oauth), Scope: scopesOf(oauth)}.String(),
		}
		if oauth != nil {
			refusal.Message = noAccess
		}
		return "", refusal
	}
	return token, nil
}

func metadataOf(r *http.Request, oauth *OAuth) string {
	if oauth == nil {
		return ""
	}
	return oauth.metadataURL(r)
}

// scopesOf are what a client is to ask the authorization server for: all, since
// it isn't shown the tools that its token can't call, and so would never learn
// that it needs more. Every change still waits for a person.
func scopesOf(oauth *OAuth) string {
	if oauth == nil {
		return ""
	}
	return allScopes
}
