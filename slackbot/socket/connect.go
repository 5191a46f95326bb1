package socket

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

const (
	connectWithin = 20 * time.Second // from the call to Slack's greeting

	// maxMessage is far beyond Slack's largest, a view of 250 kB.
	maxMessage = 4 << 20
)

// connect opens a connection and waits for Slack's greeting: before it, no
// delivery comes.
func (c *Client) connect(ctx context.Context) (n *conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	err = c.contained(func() error {
		n, err = c.dial(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	n.start()
	return n, nil
}

func (c *Client) dial(ctx context.Context) (*conn, error) {
	c.note(func(s *State) { s.Dialed++ })
	address, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{NetDialContext: c.DialContext}
	if c.DialContext == nil {
		dialer.Proxy = http.ProxyFromEnvironment
	}
	ws, resp, err := dialer.DialContext(ctx, address, nil)
	if resp != nil {
		_ = resp.Body.Close() // of a handshake: all of it is read
	}
	if err != nil {
		return nil, fmt.Errorf("socket: dialling: %w", err)
	}
	n := newConn(c, ws)
	if err := n.greeted(ctx); err != nil {
		_ = ws.Close() // it was of no use
		return nil, err
	}
	return n, nil
}

// open asks Slack for a websocket's address, which holds a ticket: it stays out
// of errors and logs.
func (c *Client) open(ctx context.Context) (string, error) {
	_, address, err := c.api.StartSocketModeContext(ctx)
	var slow *slack.RateLimitedError
	if errors.As(err, &slow) {
		c.holdOff(slow.RetryAfter)
	}
	if err != nil {
		return "", fmt.Errorf("socket: apps.connections.open: %w", classified(err))
	}
	// Slack may say ok: false without an error, which slack-go passes as success.
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !c.maySpeak(u.Scheme) {
		return "", errors.New("socket: apps.connections.open: the answer holds no wss address")
	}
	return address, nil
}

// maySpeak keeps deliveries and acknowledgements off the wire in the clear.
func (c *Client) maySpeak(scheme string) bool {
	return scheme == "wss" || scheme == "ws" && strings.HasPrefix(c.APIURL, "http://")
}

// greeted waits for hello. Slack may instead say at once why it won't serve.
func (n *conn) greeted(ctx context.Context) error {
	n.ws.SetReadLimit(maxMessage)
	if deadline, ok := ctx.Deadline(); ok {
		if err := n.ws.SetReadDeadline(deadline); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = n.ws.Close() })
	defer stop()
	_, raw, err := n.ws.ReadMessage()
	if err != nil {
		return fmt.Errorf("socket: waiting for hello: %w", err)
	}
	var e envelope
	if err := e.read(raw); err != nil {
		return err
	}
	switch e.Type {
	case "hello":
		return n.client.ours(e.Connection.App)
	case "disconnect":
		return disconnected(e.Reason)
	}
	return errors.New("socket: Slack began without hello")
}

// ours refuses a token that belongs to another app than the one whose
// deliveries are taken: none would ever be.
func (c *Client) ours(app string) error {
	if app == "" || len(c.Accept.Apps) == 0 || slices.Contains(c.Accept.Apps, app) {
		return nil
	}
	return &FatalError{
		Reason: "the token is app " + app + "'s",
		Do:     "set SLACK_APP_TOKEN to a token of app " + strings.Join(c.Accept.Apps, " or ") + ", or mend SLACK_APP_ID",
	}
}
