package vpsapi

import (
	"context"
	"errors"
	"time"
)

// errTimeUp is the end of a try by its own time-out, or by the time for the read as a whole. It is no error of a context: the
// caller still waits.
var errTimeUp = errors.New("the time for a try was up")

// readBound is the key by which a context holds what [BoundReads] gave it.
type readBound struct{}

// BoundReads returns a context by which each read ends d, which is above zero, after it began, with its tries and the waits
// between them; each page of a list is a read of its own. It does for one read what [context.WithTimeout] does, but sets no timer,
// which costs more than the rest of a read's bookkeeping. A read that ends so gives an [ErrUnavailable]. Writes take no notice.
func BoundReads(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, readBound{}, d)
}

// readUntil returns when a read that begins now ends as a whole, or zero where the context does not tell.
func readUntil(ctx context.Context, now time.Time) time.Time {
	if d, bounded := ctx.Value(readBound{}).(time.Duration); bounded {
		return now.Add(d)
	}
	return time.Time{}
}

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
		if !call.until.IsZero() {
			timeout = min(timeout, time.Until(call.until))
		}
		ctx, cancel := c.tries.withTimeout(ctx, timeout, errTimeUp)
		defer cancel()
		return next(ctx, call)
	}
}

// endedByCaller reports whether ctx, under timed, has ended by anything but the try's own time-out.
func endedByCaller(ctx context.Context) bool {
	return ctx.Err() != nil && context.Cause(ctx) != errTimeUp //nolint:errorlint // bare: a caller may end for an error of ours, which wraps it
}
