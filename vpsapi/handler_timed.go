package vpsapi

import (
	"context"
	"errors"
	"time"
)

// errTimeUp is the end of one try by its own time-out. It is no error of a context: the caller still waits.
var errTimeUp = errors.New("the time for a try was up")

// timed bounds the sending of a write by its time-out. The answer's body has been read when next returns, so the time-out covers
// it too. Its end is told from the caller's by its cause.
func (c *client) timed(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, call.op.timeout(c.settings), errTimeUp)
		defer cancel()
		return next(ctx, call)
	}
}

// timedTry is timed for one try of a read.
func (c *client) timedTry(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		timeout := call.op.timeout(c.settings)
		if left, bounded := c.leftOf(call); bounded {
			timeout = min(timeout, left)
		}
		ctx, cancel := c.tries.withTimeout(ctx, timeout, errTimeUp)
		defer cancel()
		return next(ctx, call)
	}
}

// leftOf returns what is left of a read's time as a whole, where that is bounded.
func (c *client) leftOf(call *call) (left time.Duration, bounded bool) {
	if c.totalRead == 0 {
		return 0, false
	}
	return c.totalRead - time.Since(call.began), true
}

// endedByCaller reports whether ctx, under timed, has ended by anything but the try's own time-out.
func endedByCaller(ctx context.Context) bool {
	return ctx.Err() != nil && context.Cause(ctx) != errTimeUp //nolint:errorlint // bare: a caller may end for an error of ours, which wraps it
}
