package vpsapi

import (
	"context"
	"strings"
)

// withToken stops a call that has none before it costs a connection.
func (c *client) withToken(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		if !c.token.IsZero() {
			return next(ctx, call)
		}
		missing := &MissingTokenError{Operation: call.op.name}
		if call.op.safety != read {
			return nil, &NotSentError{Operation: call.op.name, Err: missing}
		}
		return nil, missing
	}
}

// scrubbed takes the token out of an answer that repeats it, before anything of the answer can reach an error, a log or a caller. A
// page's entities are left to [client.messageOf], which alone resolves them.
func (c *client) scrubbed(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		got, err := next(ctx, call)
		secret := c.token.secret()
		if got == nil || len(secret) < minSecret {
			return got, err
		}
		got.body = scrub(got.body, secret)
		for _, values := range got.header {
			for i := range values {
				values[i] = strings.ReplaceAll(values[i], secret, redacted)
			}
		}
		return got, err
	}
}
