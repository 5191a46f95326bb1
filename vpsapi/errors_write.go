package vpsapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// NotSentError is a write that certainly never left this machine: the address was not found, the connection refused, TLS failed,
// a [BeforeSend] hook said no, the context was done, or the arguments can't be right. Nothing changed. Mend the cause, which
// Unwrap gives, and ask anew.
type NotSentError struct {
	Operation string
	Err       error
}

func (e *NotSentError) Error() string {
	return fmt.Sprintf("%s: not sent: %v", e.Operation, e.Err)
}

func (e *NotSentError) Unwrap() error { return e.Err }

// UnknownReason says what hid a write's outcome.
type UnknownReason string

// The reasons of an [OutcomeUnknownError].
const (
	UnknownTimeout  UnknownReason = "the time was up before the answer came"
	UnknownCanceled UnknownReason = "the caller went away before the answer came"
	UnknownCut      UnknownReason = "the connection broke before the answer came"
	UnknownCutShort UnknownReason = "the answer was cut short"
	UnknownStatus   UnknownReason = "the API answered that something went wrong"
	UnknownRedirect UnknownReason = "the API answered with a redirect, which was not followed"
	UnknownAlien    UnknownReason = "the answer is not what the API gives for this call"
	UnknownTooLarge UnknownReason = "the answer is too large"
)

// OutcomeUnknownError is a write that was handed to the network and whose end can't be known: it may have been carried out, or may
// be yet. Never send it again. Settle it by reading the server (or, for a create, the list) until what is seen tells.
//
// It never unwraps to an [*APIError], and errors.Is finds no ErrUnavailable in it: both would read as leave to repeat it.
type OutcomeUnknownError struct {
	Operation  string
	Reason     UnknownReason
	StatusCode int    // of the answer, 0 where none came
	Message    string // the API's words, printable and capped; "" where it gave none
	RequestID  string
	Err        error // the network's or decoder's error, where there is one
}

func (e *OutcomeUnknownError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: outcome unknown: %s", e.Operation, e.Reason)
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, " (%d)", e.StatusCode)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	writeDetails(&b, 1, e.RequestID)
	b.WriteString("; it may have been carried out: don't send it again, read the server to find out")
	return b.String()
}

func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
