package vpsapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	maxTries      = 4
	firstBackoff  = 200 * time.Millisecond
	maxBackoff    = 5 * time.Second
	maxObeyedWait = 30 * time.Second // a longer Retry-After ends the call: the caller decides
)

// attempted is an error that says how often its call was sent.
type attempted interface {
	error
	setAttempts(n int)
}

// retried repeats a read that may go well the next time, while the context's deadline, and the time for the read as a whole, leave
// room for the wait.
func (c *client) retried(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		for try := 1; ; try++ {
			got, err := next(ctx, call)
			if err == nil {
				got.attempts = try
				return got, nil
			}
			if counted, ok := errors.AsType[attempted](err); ok {
				counted.setAttempts(try)
			}
			wait, again := c.waitBefore(ctx, call, try, err)
			if !again {
				return nil, err
			}
			c.logger.LogAttrs(ctx, slog.LevelInfo, "vps api read is tried again",
				slog.String("operation", call.op.name), slog.Int("try", try), slog.Duration("wait", wait), slog.String("error", err.Error()))
			if ended := sleep(ctx, wait); ended != nil {
				return nil, fmt.Errorf("%w; before the next try: %w", err, ended)
			}
		}
	}
}

// waitBefore decides whether a read is tried again after err, and when.
func (c *client) waitBefore(ctx context.Context, call *call, try int, err error) (time.Duration, bool) {
	if try >= maxTries || ctx.Err() != nil || !mayPass(err) {
		return 0, false
	}
	wait := c.backoff(try)
	if refused, ok := errors.AsType[*APIError](err); ok {
		wait = max(wait, refused.RetryAfter)
	}
	if wait > maxObeyedWait {
		return 0, false
	}
	deadline, bounded := ctx.Deadline()
	return wait, (!bounded || time.Until(deadline) > wait) && (call.until.IsZero() || time.Until(call.until) > wait)
}

// mayPass reports whether the next try may go better.
func mayPass(err error) bool {
	if unread, ok := errors.AsType[*ReadError](err); ok {
		return !isPermanent(unread.Err)
	}
	refused, ok := errors.AsType[*APIError](err)
	if !ok {
		return false
	}
	switch refused.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// fullJitter spreads the callers that failed together: any wait between zero and a bound that doubles.
func fullJitter(try int) time.Duration {
	bound := min(firstBackoff<<(min(try, 16)-1), maxBackoff)
	return rand.N(bound)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
