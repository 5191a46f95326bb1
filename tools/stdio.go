package tools

import (
	"context"
	"io"

	"github.com/mark3labs/mcp-go/server"
)

// ServeStdio serves one client over a pair of streams, every call as the
// caller's. It returns when in ends or ctx does, after what is running has
// answered. Nothing but the protocol is written to out.
func ServeStdio(ctx context.Context, s *server.MCPServer, c Caller, in io.Reader, out io.Writer) error {
	return server.NewStdioServer(s).Listen(WithCaller(ctx, c), in, out)
}
