package tools

import (
	"context"
	"time"

	"vpsops/policy/gate"
)

// lastWords is how long a call goes on once the process is about to end, so that its
// caller hears the outcome of what is being sent or read. Front ends are let answer
// for longer than that.
const lastWords = 3 * time.Second

// Waiting is ctx for what only waits, for a person or a server: it is over when the
// caller has ended the session, too.
func Waiting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if e := EnvelopeFrom(ctx); e != nil && e.Session != nil {
		stop := context.AfterFunc(e.Session, cancel)
		return ctx, func() { stop(); cancel() }
	}
	return ctx, cancel
}

// untilEnding is ctx for what only waits: it is over when its session is, or when the
// process is about to end, too. The context of a call can't be ended for that, since
// over HTTP the library then drops the answer.
func (t *toolset) untilEnding(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, left := Waiting(ctx)
	ctx, served := until(ctx, t.Ending)
	return ctx, func() { served(); left() }
}

// untilLate is ctx for a call as a whole.
func (t *toolset) untilLate(ctx context.Context) (context.Context, context.CancelFunc) {
	return until(ctx, t.late)
}

// within is ctx for what reads the API for at most d.
func (t *toolset) within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, served := t.untilLate(ctx)
	ctx, cancel := context.WithTimeout(ctx, d)
	return ctx, func() { cancel(); served() }
}

func until(ctx, end context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(end, func() { cancel(gate.ErrClosing) })
	return ctx, func() { stop(); cancel(nil) }
}

// lateAfter is over some time after ending is.
func lateAfter(ending context.Context) context.Context {
	late, end := context.WithCancel(context.Background())
	context.AfterFunc(ending, func() { time.AfterFunc(lastWords, end) })
	return late
}
