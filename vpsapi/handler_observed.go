package vpsapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// CallInfo tells an observer about a finished call. None of its texts holds an id, so each may be a metric's label.
type CallInfo struct {
	Operation  string // such as "delete server"
	Method     string
	Route      string        // such as "/servers/{id}/"
	StatusCode int           // of the last answer, 0 where none came
	Attempts   int           // how often it was sent, 0 where it shared another's answer or never left
	Shared     bool          // the answer, or the error, was another caller's
	Began      time.Time     // by this machine's clock
	Duration   time.Duration // of which, on most systems, the time that the machine slept is no part
	Outcome    Outcome
	// Date is the time by the API's clock when it gave the answer, in whole seconds. It is zero for calls without a good answer,
	// and where the answer does not tell or comes out of a cache.
	Date time.Time
}

// Outcome is how a call ended.
type Outcome string

// The outcomes of a [CallInfo].
const (
	OutcomeOK       Outcome = "ok"
	OutcomeRefused  Outcome = "refused"  // an APIError, but for a read's 5xx
	OutcomeNotSent  Outcome = "not_sent" // a write that never left, a read without a token
	OutcomeUnknown  Outcome = "unknown"  // a write whose end can't be known
	OutcomeCanceled Outcome = "canceled" // a read whose caller went away before a try of it had failed
	OutcomeFailed   Outcome = "failed"   // a read without a usable answer: none in its time, 5xx, not the API's
)

// observed reports the call to the log and the observer.
func (c *client) observed(next handler) handler {
	return func(ctx context.Context, call *call) (*answer, error) {
		begin := time.Now()
		call.until, call.shared = readUntil(ctx, begin), false
		got, err := next(ctx, call)
		info := c.describe(call, got, err)
		info.Began, info.Duration = begin, time.Since(begin)
		c.log(ctx, call, info, err)
		c.observe(ctx, info)
		return got, err
	}
}

func (c *client) describe(call *call, got *answer, err error) CallInfo {
	op := call.op
	info := CallInfo{Operation: op.name, Method: op.method, Route: op.route, Shared: call.shared, Outcome: OutcomeOK}
	if err == nil {
		info.StatusCode, info.Attempts = got.status, got.attempts
		info.Date = c.dates.of(got.header)
		return info
	}
	info.Outcome = OutcomeFailed
	if info.describeError(err); info.Shared {
		info.Attempts = 0 // who opened the flight counts them
	}
	return info
}

// dates reads Date headers. Most come in the same second as the one before.
type dates struct{ last atomic.Pointer[date] }

type date struct {
	text string
	at   time.Time
}

// of reads the Date header (RFC 9110, 6.6.1), zero where that is not the time of the answer: a cache, which tells by an Age, keeps
// the Date of what it keeps.
func (d *dates) of(header http.Header) time.Time {
	if header.Get("Age") != "" {
		return time.Time{}
	}
	text := header.Get("Date")
	if last := d.last.Load(); last != nil && last.text == text {
		return last.at
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	d.last.Store(&date{text, at})
	return at
}

func (info *CallInfo) describeError(err error) {
	var (
		refused    *APIError
		unread     *ReadError
		unexpected *UnexpectedAnswerError
		notSent    *NotSentError
		unknown    *OutcomeUnknownError
		noToken    *MissingTokenError
	)
	switch {
	case errors.As(err, &notSent), errors.As(err, &noToken):
		info.Outcome = OutcomeNotSent
	case errors.As(err, &unknown):
		info.Outcome, info.StatusCode, info.Attempts = OutcomeUnknown, unknown.StatusCode, 1
	case errors.As(err, &refused):
		info.StatusCode, info.Attempts = refused.StatusCode, refused.Attempts
		if !errors.Is(refused, ErrUnavailable) {
			info.Outcome = OutcomeRefused
		}
	case errors.As(err, &unread):
		info.Attempts = unread.Attempts
		// Who goes away after a try that failed, or whose time was up, tells of an API that does not answer.
		if errors.Is(unread, context.Canceled) && unread.Attempts <= 1 {
			info.Outcome = OutcomeCanceled
		}
	case errors.As(err, &unexpected):
		info.StatusCode, info.Attempts = unexpected.StatusCode, unexpected.Attempts
	}
}

func (c *client) log(ctx context.Context, call *call, info CallInfo, err error) {
	level := slog.LevelDebug
	if info.Outcome == OutcomeUnknown {
		level = slog.LevelWarn
	}
	if !c.logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", info.Operation),
		slog.String("method", info.Method),
		slog.String("path", call.url.Path),
		slog.String("outcome", string(info.Outcome)),
		slog.Int("status", info.StatusCode),
		slog.Int("attempts", info.Attempts),
		slog.Duration("took", info.Duration),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	c.logger.LogAttrs(ctx, level, "vps api call", attrs...)
}
