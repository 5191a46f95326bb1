package mcphttp

import (
	"errors"
	"net/http"

	"vpsops/tools"
)

// AuthError refuses a caller.
type AuthError struct {
	Status     int    // such as 401 or 403
	Challenge  string // the WWW-Authenticate header; "" for none
	RetryAfter string // the Retry-After header, in seconds; "" for none
	Message    string // what to do, for whoever reads the answer
}

func (e *AuthError) Error() string { return e.Message }

func (e *AuthError) write(w http.ResponseWriter) {
	if e.Challenge != "" {
		w.Header().Set("WWW-Authenticate", e.Challenge)
	}
	if e.RetryAfter != "" {
		w.Header().Set("Retry-After", e.RetryAfter)
	}
	refuse(w, e.Status, e.Message)
}

// authenticated makes every call that of a caller who is let in.
func authenticated(authenticate func(*http.Request) (tools.Caller, error), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := authenticate(r)
		if err != nil {
			refusal := &AuthError{Status: http.StatusUnauthorized, Message: "not authenticated"}
			errors.As(err, &refusal)
			refusal.write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(tools.WithCaller(r.Context(), caller)))
	})
}
