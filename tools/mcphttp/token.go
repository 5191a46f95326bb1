package mcphttp

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"vpsops/policy"
	"vpsops/tools"
)

const noToken = "this server takes callers with a bearer token: send the header Authorization: Bearer TOKEN, with a token that its policy lists"

// ByToken takes callers by the bearer token they send (RFC 6750, 2.1). find
// knows a token by its SHA-256 in lower-case hex, and says whose it is and
// whether it may read and no more; the token itself goes no further.
func ByToken(find func(sha256hex string) (id policy.Identity, readOnly, ok bool)) func(*http.Request) (tools.Caller, error) {
	return func(r *http.Request) (tools.Caller, error) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return tools.Caller{}, &AuthError{Status: http.StatusUnauthorized, Challenge: `Bearer realm="vpsops"`, Message: noToken}
		}
		sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
		id, readOnly, ok := find(hex.EncodeToString(sum[:]))
		if !ok {
			return tools.Caller{}, &AuthError{
				Status: http.StatusUnauthorized, Challenge: `Bearer realm="vpsops", error="invalid_token"`,
				Message: "this token is not one of the policy's, or has expired",
			}
		}
		return tools.Caller{Identity: id, ReadOnly: readOnly}, nil
	}
}
