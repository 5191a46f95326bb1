package vpsapi

import "context"

// callKey tells the reads of one client apart: they all go to one origin.
type callKey struct{ path, query string }

// shared makes one of identical reads that wait together. A read never takes the answer of a flight that had begun before it: the
// answer might be older than a change that the caller knows of.
func (c *client) shared(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		got, joined, err := c.flight.doNew(ctx, callKey{call.url.Path, call.url.RawQuery}, func(ctx context.Context) (*answer, error) {
			return next(ctx, call)
		})
		if err != nil {
			if isBareContextError(err) {
				err = &ReadError{Operation: call.op.name, Err: err}
			}
			return nil, err
		}
		if !joined {
			return got, nil
		}
		own := *got
		own.shared, own.attempts = true, 0
		return &own, nil
	}
}

// isBareContextError tells a caller's own end from an error of the flight, which has a type.
func isBareContextError(err error) bool {
	return err == context.Canceled || err == context.DeadlineExceeded //nolint:errorlint // bare: what wraps one has a type
}
