package vpsapi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	firstPoll   = 500 * time.Millisecond
	slowestPoll = 10 * time.Second

	// secondLook is the least pause after a 404: one alone may be a proxy's.
	secondLook = time.Second
)

// WaitOptions says what to wait for, and how.
type WaitOptions struct {
	Statuses []Status          // reached when the server has one of these, or
	Until    func(Server) bool // when this says so. With neither: when its status is no longer transitional

	Timeout time.Duration // gives up after this, at once where it is below 0; 0 waits as long as the context

	// Appears is how long from now on a server that was just made may be missing: a replica that lags behind its create has a 404 for
	// it, and so has the next look. Until then a 404 is no news, unless this wait has seen the server.
	Appears time.Duration

	// Progress is called with every state read, the last one too, on the caller's goroutine.
	Progress func(Server)

	// Backoff is the pause after the poll, which counts from 1. Without it the pause grows from half a second to 10 seconds, a little random.
	Backoff func(poll int) time.Duration
}

func (o *WaitOptions) reached(server Server) bool {
	if o.Until == nil && len(o.Statuses) == 0 {
		return !server.Status.Transitional()
	}
	return slices.Contains(o.Statuses, server.Status) || o.Until != nil && o.Until(server)
}

// GoneError is a server that is not there, or no more, while it was waited for: two looks in a row, a second or more apart, had a
// 404, and [WaitOptions.Appears] was over. Who waited for a delete has what they wanted.
type GoneError struct {
	ID   ID
	Last *Server // as it was last seen, or nil
	Err  error   // the API's second 404
}

func (e *GoneError) Error() string {
	if e.Last == nil {
		return fmt.Sprintf("wait for server %s: it doesn't exist", e.ID)
	}
	return fmt.Sprintf("wait for server %s: it is gone; its last status was %q", e.ID, e.Last.Status)
}

func (e *GoneError) Unwrap() error { return e.Err }

// WaitTimeoutError is a server that did not get there in time. It may yet: wait again, or look. errors.Is finds
// context.DeadlineExceeded.
type WaitTimeoutError struct {
	ID     ID
	Last   *Server       // as it was last seen, or nil where no read succeeded
	Waited time.Duration // how long
	Err    error         // the last read's error, or nil where it succeeded
}

func (e *WaitTimeoutError) Error() string {
	text := fmt.Sprintf("wait for server %s: not there after %s", e.ID, e.Waited.Round(time.Millisecond))
	if e.Last != nil {
		text += fmt.Sprintf("; its last status was %q", e.Last.Status)
	}
	if e.Err != nil {
		text += fmt.Sprintf("; the last look failed: %v", e.Err)
	}
	return text
}

func (e *WaitTimeoutError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, context.DeadlineExceeded) work.
func (e *WaitTimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// WaitForStatus reads a server until it is what the options ask for, and returns it as it was last read, also with an error. It
// goes on over reads that fail for the moment. It ends with a [*GoneError] when two reads in a row say that the server doesn't
// exist, a [*WaitTimeoutError] when the time-out or the context's deadline passes, the context's error when that is cancelled, and
// with the read's error when no later read could go better, such as [ErrUnauthorized].
func (r *Reader) WaitForStatus(ctx context.Context, id ID, opts WaitOptions) (Server, error) {
	w := waiting{reader: r, id: id, opts: opts, begin: time.Now()}
	if opts.Timeout != 0 {
		bounded, cancel := context.WithTimeout(ctx, opts.Timeout)
		defer cancel()
		ctx = bounded
	}
	for poll := 1; ; poll++ {
		done, err := w.look(ctx)
		if done || err != nil {
			return w.server(), err
		}
		if err := sleep(ctx, w.pause(poll)); err != nil {
			return w.server(), w.ended(err)
		}
	}
}

// waiting is one WaitForStatus.
type waiting struct {
	reader *Reader
	id     ID
	opts   WaitOptions
	begin  time.Time
	last   *Server
	failed error // the last read's
}

// look reads once. An error is final.
func (w *waiting) look(ctx context.Context) (done bool, err error) {
	server, err := w.reader.GetServer(ctx, w.id)
	switch {
	case err == nil:
		w.last, w.failed = &server, nil
		if w.opts.Progress != nil {
			w.opts.Progress(server)
		}
		return w.opts.reached(server), nil
	case ctx.Err() != nil:
		return false, w.ended(ctx.Err())
	case errors.Is(err, ErrNotFound) && errors.Is(w.failed, ErrNotFound) && !w.mayAppear():
		return false, &GoneError{ID: w.id, Last: w.last, Err: err}
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrUnavailable), errors.Is(err, ErrRateLimited):
		w.failed = err
		return false, nil
	}
	return false, err
}

// mayAppear tells whether the server may be there, and the API not know it yet.
func (w *waiting) mayAppear() bool { return w.last == nil && time.Since(w.begin) < w.opts.Appears }

// ended is how the wait ends with its context.
func (w *waiting) ended(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("wait for server %s: %w", w.id, err)
	}
	return &WaitTimeoutError{ID: w.id, Last: w.last, Waited: time.Since(w.begin), Err: w.failed}
}

func (w *waiting) pause(poll int) time.Duration {
	pause := pollBackoff
	if w.opts.Backoff != nil {
		pause = w.opts.Backoff
	}
	wait := pause(poll)
	if refused, ok := errors.AsType[*APIError](w.failed); ok {
		wait = max(wait, min(refused.RetryAfter, maxObeyedWait))
	}
	if errors.Is(w.failed, ErrNotFound) {
		wait = max(wait, secondLook)
	}
	return wait
}

func (w *waiting) server() Server {
	if w.last == nil {
		return Server{}
	}
	return *w.last
}

// pollBackoff grows by a half each time and strays by a tenth, so that those who wait together don't ask together.
func pollBackoff(poll int) time.Duration {
	wait := firstPoll
	for range min(poll-1, 16) {
		wait = min(wait*3/2, slowestPoll)
	}
	return wait + rand.N(wait/10)
}
