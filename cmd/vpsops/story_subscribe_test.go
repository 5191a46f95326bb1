package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/rogpeppe/go-internal/testscript"
)

// notices are what a client was told unasked: the method, and the address of a
// resource.
type notices struct {
	mu   sync.Mutex
	all  []string
	more chan struct{}
}

func (n *notices) add(got mcp.JSONRPCNotification) {
	line := got.Method
	if uri, ok := got.Params.AdditionalFields["uri"].(string); ok {
		line += " " + uri
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, line)
	close(n.more)
	n.more = make(chan struct{})
}

func (n *notices) now() (all []string, more <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all), n.more
}

func (n *notices) wait(ts *testscript.TestScript, line string) {
	ctx, cancel := patiently()
	defer cancel()
	for {
		all, more := n.now()
		if slices.Contains(all, line) {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			ts.Fatalf("the client was told %q, and never %q", all, line)
		}
	}
}

func cmdSubscribe(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, -1, "subscribe URI…")
	a := connected(ts)
	if a.GetServerCapabilities().Resources == nil || !a.GetServerCapabilities().Resources.Subscribe {
		ts.Fatalf("the server offers no subscriptions")
	}
	if a.old {
		ctx, cancel := patiently()
		defer cancel()
		for _, uri := range args {
			var r mcp.SubscribeRequest
			r.Params.URI = uri
			ts.Check(a.Subscribe(ctx, r)) //nolint:staticcheck // most installed clients do so
		}
		return
	}
	go func() { // until the client is closed
		_ = a.Listen(context.Background(), mcp.SubscriptionFilter{ToolsListChanged: true, ResourceSubscriptions: args})
	}()
	a.notices.wait(ts, mcp.MethodNotificationSubscriptionsAcknowledged)
}

func cmdTold(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 2, "told METHOD [URI]")
	connected(ts).notices.wait(ts, strings.Join(args, " "))
}
