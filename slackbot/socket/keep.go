package socket

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// keep has one connection up at any time. One that Slack is about to close
// serves until its successor does.
func (c *Client) keep(ctx context.Context) error {
	var current *conn
	var retiring sync.WaitGroup
	retire := func() {
		if current != nil {
			retiring.Go(current.finish)
			current = nil
		}
	}
	defer retiring.Wait()
	defer retire()
	var tries backoff
	for {
		var lived time.Duration
		next, err := c.connect(ctx)
		if err == nil {
			retire()
			current = next
			err = current.lasts(ctx)
			lived = time.Since(current.since)
		}
		switch {
		case isFatal(err):
			c.noteProblem(err)
			return err
		case ctx.Err() != nil:
			return nil
		case err != nil:
			c.noteProblem(err)
			if next != nil {
				retire()
			}
		}
		if !pause(ctx, c.wait(&tries, lived)) {
			return nil
		}
	}
}

// wait is how long the next dial is put off.
func (c *Client) wait(tries *backoff, lived time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(tries.next(lived), time.Until(c.hold))
}

// holdOff keeps all connections from calling for a while, as Slack asks.
func (c *Client) holdOff(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := time.Now().Add(min(d, maxHold)); until.After(c.hold) {
		c.hold = until
	}
}

// lasts returns nil when the connection is to be replaced, else why it ended.
func (n *conn) lasts(ctx context.Context) error {
	select {
	case <-n.replace:
		return nil
	case <-n.done:
		return n.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errPanic is our own fault; the log has where.
var errPanic = errors.New("socket: a panic")

// contained makes an error of a panic, so that it ends one connection or one
// delivery and not the process.
func (c *Client) contained(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.Logger.Error("Socket Mode panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return f()
}
