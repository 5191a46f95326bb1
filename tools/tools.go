package tools

import (
	"context"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy/gate"
)

// Config is what the server is made of. Desk is needed.
type Config struct {
	Desk    *gate.Desk
	Version string

	// PageURL gives the address of a request's confirmation page, without any
	// credential; "" or a nil function where there is none.
	PageURL func(requestID string) string

	// Announce, where given, is told once of each request that waits for a
	// person and that no dialog of the client's can answer.
	Announce func(ctx context.Context, v gate.View)

	Logger *slog.Logger     // discards where nil
	Now    func() time.Time // time.Now where nil
}

// New makes the MCP server. It serves any number of transports at once.
func New(c Config) *server.MCPServer {
	return server.NewMCPServer("vpsops", c.Version)
}
