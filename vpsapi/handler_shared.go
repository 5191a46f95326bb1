package vpsapi

import (
	"context"
	"errors"
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
func (c *client) together(ctx context.Context, key callKey, own *call, next handler) (*answer, error) {
	flown := *own
	if !own.until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, own.until)
		defer cancel()
		flown.until = time.Time{}
	}
	got, joined, err := c.flight.do(ctx, key, onlyNew, func(ctx context.Context) (*answer, error) { return next(ctx, &flown) })
	own.shared = joined && !isBareContextError(err)
	if err != nil {
		return nil, ownError(ctx, own, err)
	}
	mine := *got
	if joined {
		mine.attempts = 0
	}
	return &mine, nil
}

// ownError is what an error of together is for one of those who waited: a value of its own and, where the time for its read as a
// whole was up, no end of its context.
func ownError(ctx context.Context, own *call, err error) error {
	ends, _ := ctx.Deadline()
	if bound := own.until; !bound.IsZero() && ends.Equal(bound) && errors.Is(err, context.DeadlineExceeded) {
		late := &ReadError{Operation: own.op.name, Err: errTimeUp}
		if unread, ok := errors.AsType[*ReadError](err); ok {
			late.Attempts = unread.Attempts
		}
		return late
	}
	switch e := err.(type) { //nolint:errorlint // bare: nothing wraps what a read that was waited for ends with
	case *APIError:
		return e.clone()
	case *ReadError:
		return new(*e)
	case *UnexpectedAnswerError:
		return new(*e)
	case *ResponseTooLargeError:
		return new(*e)
	}
	return err
}

// isBareContextError tells a caller's own end from an error of the flight, which has a type.
func isBareContextError(err error) bool {
	return err == context.Canceled || err == context.DeadlineExceeded //nolint:errorlint // bare: what wraps one has a type
}
