package fakeslack

import (
	"encoding/json"
	"net/http"
	"time"
)

// What a person is shown when an app doesn't answer as it should: Outcome.Error.
const (
	// OperationTimeout: no acknowledgement in three seconds.
	OperationTimeout = "operation_timeout"
	// DispatchFailed: the app answered with another status than 200, or could
	// not be reached.
	DispatchFailed = "dispatch_failed"
	// AppNotReachable: there is no Socket Mode connection.
	AppNotReachable = "dispatch_unknown_error"
	// InvalidResponse: a command was acknowledged with what can't be shown.
	InvalidResponse = "invalid_command_response"
	// NotInThreads: commands can't be used in threads.
	NotInThreads = "not_supported_in_threads"
	// Trouble: "We had some trouble connecting": a form was acknowledged with
	// what Slack doesn't take.
	Trouble = "trouble_connecting"
	// NotSent: Slack itself holds a form back; FieldErrors says why.
	NotSent = "not_sent"
)

// Outcome is what came of an action, as the person sees it when it is over: the
// acknowledgement has come, or time is up. What the app does later is seen in
// the channel.
type Outcome struct {
	Acknowledged bool
	Error        string // what the person is told went wrong; "" where nothing did
	Detail       string // more of it, for who reads the test's log
	Took         time.Duration
	Status       int             // the HTTP status; over Socket Mode 200
	Body         json.RawMessage // what it was acknowledged with, where that is JSON

	Notice      *Message          // what the acknowledgement itself said
	FieldErrors map[string]string // what a form's inputs say, by block id
	Options     []Option          // what a menu offers
	Tries       int               // of an event: how often it was delivered till now
}

// Option is an item of a menu.
type Option struct{ Text, Value string }

// ack is how a delivery was answered.
type ack struct {
	status int
	json   bool // the body is said to be JSON
	final  bool // X-Slack-No-Retry
	body   []byte
	err    error
	code   string // why there is no answer
}

func (a ack) ok() bool { return a.err == nil && a.code == "" && a.status == http.StatusOK }

func (a ack) outcome(took time.Duration) Outcome {
	o := Outcome{Acknowledged: a.ok(), Status: a.status, Took: took, Error: a.code}
	if json.Valid(a.body) {
		o.Body = a.body
	}
	if a.err != nil {
		o.Detail = a.err.Error()
	}
	if !a.ok() && o.Error == "" {
		o.Error = DispatchFailed
	}
	return o
}
