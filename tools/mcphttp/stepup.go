package mcphttp

import (
	"net/http"

	"vpsops/policy"
	"vpsops/tools"
)

// steppedUp answers a call of a changing tool, by a token that may only read,
// with what token it takes (RFC 6750, 3.1), so that a client can get one. The
// gate would refuse the call too; it need not be asked.
func steppedUp(changes func(tool string) bool, oauth *OAuth, next messageHandler) messageHandler {
	return func(w http.ResponseWriter, r *http.Request, body []byte) {
		caller := tools.CallerFrom(r.Context())
		if caller.ReadOnly && changes != nil {
			if tool, _, ok := tools.CalledTool(body); ok && changes(tool) {
				wantsWrite(r, tool, caller, oauth).write(w)
				return
			}
		}
		next(w, r, body)
	}
}

func wantsWrite(r *http.Request, tool string, caller tools.Caller, oauth *OAuth) *AuthError {
	refusal := &AuthError{
		Status:    http.StatusForbidden,
		Message:   "this token may read and no more, and " + tool + " changes servers: bring one with the scope " + writeScope,
		Challenge: challenge{Metadata: metadataOf(r, oauth), Error: "insufficient_scope", Scope: allScopes}.String(),
	}
	if caller.Identity.Kind == policy.BearerToken {
		refusal.Message = "this token may read and no more, and " + tool + " changes servers: bring one whose line in the policy has scopes: [read, write] (vpsops token new)"
	}
	return refusal
}
