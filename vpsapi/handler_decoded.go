package vpsapi

import "context"

// decoded hands the answer to its caller's decoder, each caller's own: what is shared is bytes. An answer that can't be what the
// API gives for the call is an unexpected one for a read, and leaves a write's outcome unknown.
func (c *client) decoded(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		got, err := next(ctx, call)
		if err != nil || call.accept == nil {
			return got, err
		}
		if err := call.accept(got); err != nil {
			if call.op.safety == read {
				return nil, unexpected(call.op, got, err.Error())
			}
			return nil, c.unknown(call.op, got, UnknownAlien, cleaned(err, c.token))
		}
		return got, nil
	}
}
