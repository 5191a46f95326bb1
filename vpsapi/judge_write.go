package vpsapi

import (
	"context"
	"errors"
	"net/http"
)

// judgedAsWrite tells the four ends of a write apart. When in doubt, the outcome is unknown.
func (c *client) judgedAsWrite(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		got, err := next(ctx, call)
		if err != nil {
			return nil, writeFailure(call.op, err)
		}
		got.attempts = 1
		switch {
		case call.op.succeeded(got.status):
			if fault := writeFault(got); fault != nil {
				return nil, c.unknown(call.op, got, reasonOf(fault), fault)
			}
			return got, nil
		case isRefusal(got.status):
			return nil, c.refusal(call.op, got)
		case got.status >= 300 && got.status < 400:
			return nil, c.unknown(call.op, got, UnknownRedirect, nil)
		case got.status >= 400:
			return nil, c.unknown(call.op, got, UnknownStatus, nil)
		}
		return nil, c.unknown(call.op, got, UnknownAlien, nil)
	}
}

// isRefusal reports whether a status says that nothing was done. 408, 460 and 499 are left out: a gateway answers them once it has
// passed the request on and lost patience, or the caller.
func isRefusal(status int) bool {
	switch status {
	case http.StatusRequestTimeout, 460, 499:
		return false
	}
	return status >= 400 && status < 500
}

// writeFailure is a write without an answer.
func writeFailure(op *operation, err error) error {
	failed, ok := errors.AsType[*sendError](err)
	if ok && !failed.sent {
		return &NotSentError{Operation: op.name, Err: failed.err}
	}
	return &OutcomeUnknownError{Operation: op.name, Reason: reasonOf(err), Err: unwrapSend(err)}
}

// writeFault says why a success's body can't be trusted.
func writeFault(got *answer) error {
	switch {
	case got.bodyErr != nil:
		return got.bodyErr
	case got.status == http.StatusNoContent:
		return nil
	}
	return got.inspect()
}

func reasonOf(err error) UnknownReason {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return UnknownTimeout
	case errors.Is(err, context.Canceled):
		return UnknownCanceled
	case errors.Is(err, errTooLarge):
		return UnknownTooLarge
	case errors.Is(err, errEncoding), errors.Is(err, errTooDeep), errors.Is(err, errNotObject):
		return UnknownAlien
	}
	if _, ok := errors.AsType[*sendError](err); ok {
		return UnknownCut
	}
	return UnknownCutShort
}

func (c *client) unknown(op *operation, got *answer, reason UnknownReason, err error) *OutcomeUnknownError {
	e := &OutcomeUnknownError{Operation: op.name, Reason: reason, StatusCode: got.status, RequestID: requestID(got.header), Err: err}
	if got.status >= 400 {
		e.Message, _ = c.messageOf(got)
	}
	return e
}
