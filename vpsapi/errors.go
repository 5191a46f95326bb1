package vpsapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What the API said no with. Ask with errors.Is; the error itself is an [*APIError].
var (
	// ErrUnauthorized (401): the token is missing, wrong, expired or revoked. Make another in the panel.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrPaymentRequired (402): the account lacks credit for what was asked. Top it up.
	ErrPaymentRequired = errors.New("payment required")
	// ErrForbidden (403): the token's permissions don't reach this call. Use another token; the companion calls (plans,
	// account) can be done without.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound (404, 410): there is no such server, plan or page. Look at the list again.
	ErrNotFound = errors.New("not found")
	// ErrInvalid (400, 422): the API refused the arguments, or the server's state doesn't allow it. The message says what to
	// change.
	ErrInvalid = errors.New("invalid request")
	// ErrConflict (409): another change is under way. Read the server, then ask anew.
	ErrConflict = errors.New("conflict")
	// ErrRateLimited (429): too many calls. Ask again after RetryAfter.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: the API is out of reach or out of order (5xx). Ask again later.
	ErrUnavailable = errors.New("unavailable")
)

// APIError is the API's no. Nothing was changed by the call. For reads it includes 5xx, after all tries; a write's 5xx is an
// [*OutcomeUnknownError] instead.
//
// errors.Is tells the kinds apart: [ErrUnauthorized] and its siblings say what to do next.
type APIError struct {
	Operation  string        // such as "delete server"
	StatusCode int           // the HTTP status
	Message    string        // the API's words, printable, at most 300 characters; "" where it gave none
	Fields     []FieldError  // what the API says of single arguments, by name
	RequestID  string        // the API's name of the request, for its support; "" where it gave none
	TokenName  string        // what [WithTokenName] calls the token that was sent; not part of the text
	Attempts   int           // how often the call was sent
	RetryAfter time.Duration // what the API asked to wait, 0 to 24 hours; 0 where it asked nothing
}

// FieldError is what the API says of one argument.
type FieldError struct {
	Field    string
	Messages []string
}

func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the API answered %d", e.Operation, e.StatusCode)
	if text := http.StatusText(e.StatusCode); text != "" {
		b.WriteString(" " + text)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	writeDetails(&b, e.Attempts, e.RequestID)
	return b.String()
}

// Is makes errors.Is(err, ErrNotFound) and its siblings work.
func (e *APIError) Is(target error) bool { return target == kindOf(e.StatusCode) && target != nil }

// clone is a value of which nothing is the original's.
func (e *APIError) clone() *APIError {
	own := *e
	own.Fields = slices.Clone(e.Fields)
	for i := range own.Fields {
		own.Fields[i].Messages = slices.Clone(own.Fields[i].Messages)
	}
	return &own
}

func (e *APIError) setAttempts(n int) { e.Attempts = n }

// kindOf returns what errors.Is finds in an APIError of this status, or nil.
func kindOf(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusPaymentRequired:
		return ErrPaymentRequired
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound, http.StatusGone:
		return ErrNotFound
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return ErrInvalid
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrRateLimited
	}
	if status >= 500 {
		return ErrUnavailable
	}
	return nil
}

// ReadError is a read that got no whole answer: the connection could not be made or broke, or the time was up. Reading again later
// is safe. errors.Is finds the error of the caller's context where that ended it, else [ErrUnavailable].
// Where the context ended between two tries, it is wrapped with the context's error, and errors.Is finds both.
type ReadError struct {
	Operation string
	Attempts  int // how often the call was sent or tried to be
	Err       error
}

func (e *ReadError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: no answer from the API: %v", e.Operation, e.Err)
	writeDetails(&b, e.Attempts, "")
	return b.String()
}

func (e *ReadError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrUnavailable) work.
func (e *ReadError) Is(target error) bool { return target == ErrUnavailable && !isContextError(e.Err) }

func (e *ReadError) setAttempts(n int) { e.Attempts = n }

// UnexpectedAnswerError is a read's answer that the API would not give: a redirect, something other than its JSON, an answer for
// another server. Most often the base URL is wrong or something stands between; look at both. Reading again seldom helps.
type UnexpectedAnswerError struct {
	Operation  string
	StatusCode int
	Reason     string // printable
	RequestID  string
	Attempts   int
}

func (e *UnexpectedAnswerError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: unexpected answer (%d): %s", e.Operation, e.StatusCode, e.Reason)
	writeDetails(&b, e.Attempts, e.RequestID)
	return b.String()
}

func (e *UnexpectedAnswerError) setAttempts(n int) { e.Attempts = n }

// ResponseTooLargeError is a read's answer beyond what the client takes: 16 MiB for a list, 4 MiB otherwise, as received and after
// decompression. For a list, ask for smaller pages or filter it.
type ResponseTooLargeError struct {
	Operation string
	Limit     int64 // bytes
}

func (e *ResponseTooLargeError) Error() string {
	return fmt.Sprintf("%s: the answer is larger than %d bytes", e.Operation, e.Limit)
}

// InvalidIDError is a text that cannot be an id. Nothing was sent. Name the server by the id or name that a list shows.
type InvalidIDError struct {
	Text   string // printable and capped
	Reason string
}

func (e *InvalidIDError) Error() string {
	return fmt.Sprintf("%q is not an id: %s", e.Text, e.Reason)
}

// Is makes errors.Is(err, ErrInvalid) work.
func (e *InvalidIDError) Is(target error) bool { return target == ErrInvalid }

// InvalidParamsError is a call whose arguments the API would refuse. Nothing was sent. Set the field and call again.
type InvalidParamsError struct {
	Operation string
	Field     string // by its name in the API
	Reason    string
}

func (e *InvalidParamsError) Error() string {
	return fmt.Sprintf("%s: %s %s", e.Operation, e.Field, e.Reason)
}

// Is makes errors.Is(err, ErrInvalid) work.
func (e *InvalidParamsError) Is(target error) bool { return target == ErrInvalid }

// MissingTokenError is a call without a token. Nothing was sent. Configure one; errors.Is finds [ErrUnauthorized].
type MissingTokenError struct{ Operation string }

func (e *MissingTokenError) Error() string { return e.Operation + ": no API token is configured" }

// Is makes errors.Is(err, ErrUnauthorized) work.
func (e *MissingTokenError) Is(target error) bool { return target == ErrUnauthorized }

// OptionError is an option that can't be right, from [NewReader] or [NewWriter]. It never shows the token.
type OptionError struct {
	Option string
	Reason string
}

func (e *OptionError) Error() string { return fmt.Sprintf("vpsapi: %s: %s", e.Option, e.Reason) }

func writeDetails(b *strings.Builder, attempts int, requestID string) {
	if attempts > 1 {
		fmt.Fprintf(b, " (after %d tries)", attempts)
	}
	if requestID != "" {
		fmt.Fprintf(b, " (request %s)", requestID)
	}
}
