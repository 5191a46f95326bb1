package tools

import (
	"context"

	"vpsops/policy"
)

// Caller is who makes a call, as the transport has authenticated them. The
// zero Caller is nobody, who may do nothing.
type Caller struct {
	Identity policy.Identity
	ReadOnly bool // the credential carries no scope to change anything
}

type callerKey struct{}

// WithCaller returns a context whose calls are the caller's.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

func callerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
