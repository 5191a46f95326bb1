package vpsapi

import (
	"bytes"
	"context"
	"strings"
)

// minSecret is the length below which a token is not looked for in answers: replacing "t" would spoil them all.
const minSecret = 8

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

// scrubbed takes the token out of an answer that repeats it, before anything of the answer can reach an error, a log or a caller.
func (c *client) scrubbed(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		got, err := next(ctx, call)
		secret := c.token.secret()
		if got == nil || len(secret) < minSecret {
			return got, err
		}
		if bytes.Contains(got.body, []byte(secret)) {
			got.body = bytes.ReplaceAll(got.body, []byte(secret), []byte(redacted))
		}
		for _, values := range got.header {
			for i := range values {
				values[i] = strings.ReplaceAll(values[i], secret, redacted)
			}
		}
		return got, err
	}
}
