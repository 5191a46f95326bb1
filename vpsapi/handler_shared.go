package vpsapi

import (
	"context"
	"time"
)

// callKey tells the reads of one client apart: they all go to one origin.
type callKey struct{ path, query string }

// shared makes one of identical reads that wait together. A read never takes the answer of a flight that had begun before it: the
// answer might be older than a change that the caller knows of.
func (c *client) shared(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		key := callKey{call.url.Path, call.url.RawQuery}
		got, alone, err := c.flight.doAlone(ctx, key, func(ctx context.Context) (*answer, error) { return next(ctx, call) })
		if !alone {
			got, err = c.together(ctx, key, call, next)
		}
		if err != nil && isBareContextError(err) {
			err = &ReadError{Operation: call.op.name, Err: err}
		}
		return got, err
	}
}

// together reads with all who wait for the same. Each of them gives up at its own time, and the latest one bounds what they share.
func (c *client) together(ctx context.Context, key callKey, alone *call, next handler) (*answer, error) {
	shared := *alone
	if !shared.until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, shared.until)
		defer cancel()
		shared.until = time.Time{}
	}
	got, joined, err := c.flight.do(ctx, key, onlyNew, func(ctx context.Context) (*answer, error) { return next(ctx, &shared) })
	if err != nil {
		return nil, err
	}
	own := *got
	if own.shared = joined; joined {
		own.attempts = 0
	}
	return &own, nil
}

// isBareContextError tells a caller's own end from an error of the flight, which has a type.
func isBareContextError(err error) bool {
	return err == context.Canceled || err == context.DeadlineExceeded //nolint:errorlint // bare: what wraps one has a type
}
