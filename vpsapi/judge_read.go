package vpsapi

import (
	"context"
	"errors"
	"io"
)

// judgedAsRead turns what came into an answer or a typed error.
func (c *client) judgedAsRead(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		got, err := next(ctx, call)
		if err != nil {
			return nil, unanswered(ctx, call.op, unwrapSend(err))
		}
		switch {
		case call.op.succeeded(got.status):
			return got, readFault(ctx, call.op, got)
		case got.status < 400:
			return nil, unexpected(call.op, got, "neither a success nor a refusal; redirects are not followed")
		}
		return nil, c.refusal(call.op, got)
	}
}

// readFault says why a success's body can't be used.
func readFault(ctx context.Context, op *operation, got *answer) error {
	err := got.bodyErr
	if err == nil {
		err = got.inspect()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooLarge):
		return &ResponseTooLargeError{Operation: op.name, Limit: op.bodyCap()}
	case got.bodyErr != nil && !errors.Is(err, errEncoding), errors.Is(err, io.ErrUnexpectedEOF):
		return unanswered(ctx, op, err)
	}
	return unexpected(op, got, err.Error())
}

// unanswered is a try that got no whole answer. An error of a context in it is the caller's end and nothing else: an API that hangs
// must not be taken for a caller who went away.
func unanswered(ctx context.Context, op *operation, err error) *ReadError {
	switch {
	case !isContextError(err) || endedByCaller(ctx):
	case isBareContextError(err):
		err = errTimeUp
	default:
		err = errors.New(err.Error()) // the network's own time-outs, such as a dialler's, call themselves the context's
	}
	return &ReadError{Operation: op.name, Attempts: 1, Err: err}
}

func unexpected(op *operation, got *answer, reason string) *UnexpectedAnswerError {
	return &UnexpectedAnswerError{
		Operation: op.name, StatusCode: got.status, Reason: printable(reason, maxMessage), RequestID: requestID(got.header), Attempts: max(got.attempts, 1),
	}
}

func unwrapSend(err error) error {
	if failed, ok := errors.AsType[*sendError](err); ok {
		return failed.err
	}
	return err
}
