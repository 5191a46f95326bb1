package tools

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// listener is the client as one subscriptions/listen request sees it. The
// library tells nobody when it has acknowledged a subscription, and nothing may
// be told before that: so the acknowledgement passes through here.
type listener struct {
	server.ClientSession
	acks         chan mcp.JSONRPCNotification
	acknowledged func()        // called when it has passed; may be nil
	passed       chan struct{} // closed then
}

// Listening returns the context in which a subscriptions/listen request is to
// be handled, for the transports. What it starts ends with ctx, or when the
// request has been acknowledged.
func Listening(ctx context.Context, s *server.MCPServer) context.Context {
	session := server.ClientSessionFromContext(ctx)
	if session == nil {
		return ctx
	}
	l := &listener{ClientSession: session, acks: make(chan mcp.JSONRPCNotification, 1), passed: make(chan struct{})}
	go l.pass(ctx)
	return s.WithContext(ctx, l)
}

// NotificationChannel is where the library puts the acknowledgement.
func (l *listener) NotificationChannel() chan<- mcp.JSONRPCNotification { return l.acks }

func (l *listener) pass(ctx context.Context) {
	select {
	case ack := <-l.acks:
		defer close(l.passed)
		select {
		case l.ClientSession.NotificationChannel() <- ack:
		case <-ctx.Done():
			return
		}
		if l.acknowledged != nil {
			l.acknowledged()
		}
	case <-ctx.Done():
	}
}
