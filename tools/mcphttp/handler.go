// Package mcphttp is what stands before the MCP server on HTTP: who calls,
// from where, and how much.
package mcphttp

import (
	"log/slog"
	"net/http"

	"github.com/mark3labs/mcp-go/server"

	"vpsops/policy"
	"vpsops/tools"
)

// Config is what the handler is made of. MCP and Authenticate are needed.
type Config struct {
	MCP *server.MCPServer

	// Authenticate says who calls, or refuses with an [*AuthError].
	Authenticate func(*http.Request) (tools.Caller, error)

	AllowedOrigins []string // of browsers' pages, such as "https://app.example.com"
	AllowedHosts   []string // of the Host header: "name" for any port, or "name:port"
	MaxBody        int64    // bytes; 4 MiB where 0
	Logger         *slog.Logger
}

// Handler serves MCP at its mount point.
type Handler struct{ mcp *server.StreamableHTTPServer }

// New makes the handler.
func New(c Config) *Handler {
	return &Handler{server.NewStreamableHTTPServer(c.MCP, server.WithStateful(true))}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mcp.ServeHTTP(w, r) }

// Close ends every session and its streams.
func (h *Handler) Close() {}

// AuthError refuses a caller.
type AuthError struct {
	Status    int    // such as 401 or 403
	Challenge string // the WWW-Authenticate header, or ""
	Message   string // what to do, for whoever reads the answer
}

func (e *AuthError) Error() string { return e.Message }

// Local takes callers on this machine for one person.
func Local(id policy.Identity) func(*http.Request) (tools.Caller, error) {
	return func(*http.Request) (tools.Caller, error) { return tools.Caller{Identity: id}, nil }
}
