package vpsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Writer changes servers. Each call is handed to the network at most once, over a connection of its own; nothing repeats it, no
// redirect is followed. It is safe for concurrent use.
//
// Every method ends in one of four ways: nil, the change was taken; [*APIError], refused; [*NotSentError], never left;
// [*OutcomeUnknownError], may have been carried out: never call again, read instead. A call that outlives its time-out or context
// after it was handed over is unknown too; a caller that must learn the outcome hands in a context that nobody cancels.
type Writer struct{ client *client }

// NewWriter returns a Writer. It takes the same token and options as [NewReader].
func NewWriter(token Token, opts ...Option) (*Writer, error) {
	c, err := newClient(token, oneShot, opts)
	if err != nil {
		return nil, err
	}
	return &Writer{client: c}, nil
}

// BaseURL returns the API's address as configured, without a final slash.
func (w *Writer) BaseURL() string { return w.client.base.String() }

// Timeout returns the time after which a call that was begun sends nothing more.
func (w *Writer) Timeout() time.Duration { return w.client.writeTimeout }

// CallOption changes one call of a [Writer].
type CallOption func(*call)

// BeforeSend has ask called when the connection stands, TLS included, just before the first byte of the request is written: the
// last look at whether it may still be sent. An error keeps it back: nothing is sent, and the call returns a [*NotSentError] that
// wraps it. Several are asked in turn. ask runs within the call's time-out and context.
func BeforeSend(ask func(context.Context) error) CallOption {
	return func(c *call) {
		if ask != nil {
			c.before = append(c.before, ask)
		}
	}
}

// DeleteServer deletes a server for good; nothing brings it back. An error that is [ErrNotFound] says that it doesn't exist.
func (w *Writer) DeleteServer(ctx context.Context, id ID, opts ...CallOption) error {
	return w.send(ctx, opDeleteServer, id, nil, opts, nil)
}

// StartServer powers a stopped server on. The API refuses ([ErrInvalid]) one that runs or is suspended.
func (w *Writer) StartServer(ctx context.Context, id ID, opts ...CallOption) (ActionResult, error) {
	return w.act(ctx, opStartServer, id, opts)
}

// StopServer shuts a running server down gracefully. The API refuses ([ErrInvalid]) one that isn't running.
func (w *Writer) StopServer(ctx context.Context, id ID, opts ...CallOption) (ActionResult, error) {
	return w.act(ctx, opStopServer, id, opts)
}

// RebootServer restarts a running server gracefully. The API refuses ([ErrInvalid]) one that isn't running.
func (w *Writer) RebootServer(ctx context.Context, id ID, opts ...CallOption) (ActionResult, error) {
	return w.act(ctx, opRebootServer, id, opts)
}

// act makes a call that answers with an action result, and makes sure that the result is of the server asked for.
func (w *Writer) act(ctx context.Context, op *operation, id ID, opts []CallOption) (ActionResult, error) {
	var result ActionResult
	err := w.send(ctx, op, id, nil, opts, func(got *answer) error {
		if err := json.Unmarshal(got.body, &result); err != nil {
			return err
		}
		if result.Status != "success" {
			return fmt.Errorf("its status is %q", printable(result.Status, maxFieldName))
		}
		return sameServer(id, result.Server.ID)
	})
	if err != nil {
		return ActionResult{}, err
	}
	return result, nil
}

// change makes a call that answers with a server; a zero id takes any.
func (w *Writer) change(ctx context.Context, op *operation, id ID, params any, opts []CallOption) (Server, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return Server{}, &NotSentError{Operation: op.name, Err: err}
	}
	var server Server
	err = w.send(ctx, op, id, body, opts, func(got *answer) error {
		if err := got.decode(&server); err != nil {
			return err
		}
		return sameServer(id, server.ID)
	})
	if err != nil {
		return Server{}, err
	}
	return server, nil
}

// send makes one call.
func (w *Writer) send(ctx context.Context, op *operation, id ID, body []byte, opts []CallOption, accept func(*answer) error) error {
	c, err := w.client.newCall(op, id, nil)
	if err != nil {
		return &NotSentError{Operation: op.name, Err: err}
	}
	c.body, c.accept = body, accept
	for _, opt := range opts {
		opt(c)
	}
	_, err = w.client.do(ctx, c)
	return err
}

// sameServer refuses an answer about another server than was asked for; a zero asked takes any.
func sameServer(asked, got ID) error {
	switch {
	case got.IsZero():
		return errors.New("no server's id in it")
	case !asked.IsZero() && !asked.Equal(got):
		return fmt.Errorf("asked for server %s, the answer is about server %s", asked, got)
	}
	return nil
}
