package vpsapi

import "context"

// timed bounds one sending by the operation's time-out. The answer's body has been read when next returns, so the time-out covers
// it too.
func (c *client) timed(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		ctx, cancel := context.WithTimeout(ctx, call.op.timeout(c.settings))
		defer cancel()
		return next(ctx, call)
	}
}
