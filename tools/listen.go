package tools

import (
	"context"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// drainListen lets the acknowledgement of a subscription out before the
// answer. Nothing is subscribed to here, so the library answers at once, and
// over HTTP loses a notification that it still holds then (see drain).
func drainListen(ctx context.Context, _ any, _ *mcp.SubscriptionsListenRequest, _ *mcp.SubscriptionsListenResult) {
	select {
	case <-time.After(drain):
	case <-ctx.Done():
	}
}
