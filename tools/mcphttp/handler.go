// Package mcphttp is what stands before the MCP server on HTTP: who calls,
// from which page and by which name, how much they may send, and what of the
// library's own behaviour must not reach the net.
package mcphttp

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/tools"
)

const (
	defaultMaxBody = 4 << 20
	maxHeader      = 32 << 10         // bytes of all headers
	sessionTTL     = 30 * time.Minute // without a call or an open stream
	heartbeat      = 25 * time.Second
)

// Config is what the handler is made of. MCP and Authenticate are needed.
type Config struct {
	MCP *server.MCPServer

	// Authenticate says who calls, or refuses with an [*AuthError].
	Authenticate func(*http.Request) (tools.Caller, error)

	// AllowedOrigins are those of browsers' pages that may call, such as
	// "https://app.example.com". A request without an Origin comes from no
	// page.
	AllowedOrigins []string
	// AllowedHosts are the names by which the server is called: "name:port",
	// or "name" for any port. A request by another name is refused, since a
	// name that somebody else resolves to this address would make their page's
	// calls look like ours.
	AllowedHosts []string

	// OAuth, where given, is what challenges point to.
	OAuth *OAuth
	// Changes tells whether a tool changes servers: a token that may only read
	// is then asked for one that may more. Where it is nil, none is.
	Changes func(tool string) bool
	// Quiet tells whether a tool sends its client nothing but its answer: its calls
	// are then spared what the library has ready for more. Where it is nil, none is.
	// Leave it so where calls are traced: a direct call has none of its request's
	// headers, and a caller's trace comes by those. Nor may a quiet tool's schema name
	// headers for its arguments (x-mcp-header): they would not be compared.
	Quiet func(tool string) bool

	Limits Limits // the default ones where zero

	// Heartbeat is the time between the signs of life on an open stream; 25
	// seconds where 0, which is below the usual proxy's patience.
	Heartbeat time.Duration

	MaxBody int64        // bytes; 4 MiB where 0
	Logger  *slog.Logger // discards where nil
}

// Handler serves MCP where it is mounted, both eras of the protocol. It is
// safe for concurrent use.
type Handler struct {
	chain  http.Handler
	mcp    *server.StreamableHTTPServer
	closed context.Context
	close  context.CancelFunc
}

// New makes the handler. Close it when it is done.
func New(c Config) *Handler {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.MaxBody == 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = heartbeat
	}
	own, limits := newSessions(c.Limits), newLimiter(c.Limits)
	h := &Handler{}
	h.closed, h.close = context.WithCancel(context.Background())
	h.mcp = server.NewStreamableHTTPServer(c.MCP,
		server.WithSessionIdManagerResolver(own),
		server.WithSessionIdleTTL(sessionTTL+touchEvery), // its last sight of a session may be as old
		server.WithHeartbeatInterval(c.Heartbeat),
		server.WithStreamableHTTPLogger(c.Logger.With("part", "mcp")),
		// Hosts are checked here, by name and not only on loopback.
		server.WithDisableLocalhostProtection(true),
		server.WithHTTPContextFunc(func(ctx context.Context, r *http.Request) context.Context {
			own.begin(server.ClientSessionFromContext(ctx))
			if r.Header.Get(mcp.HeaderMethod) != string(mcp.MethodSubscriptionsListen) {
				return ctx
			}
			ctx, _ = whileLetIn(ctx) // it ends with the call
			return tools.Listening(h.untilClosed(ctx), c.MCP)
		}),
	)
	// From the outside in: what costs least refuses first, and nobody who is
	// not let in has a body read.
	h.chain = contained(c.Logger,
		capped(
			ownHost(c.AllowedHosts,
				ownOrigin(c.AllowedOrigins,
					methods(
						limits.addresses(
							authenticated(c.Authenticate,
								limits.persons(
									ownSession(own,
										bounded(c.MaxBody,
											steppedUp(c.Changes, c.OAuth,
												direct(own, c.MCP, c.Quiet,
													byLibrary(h.mcp)))))))))))))
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.chain.ServeHTTP(w, r) }

// Close ends every session and stream, so that the HTTP server can shut down.
// Calls that wait end by what [tools.Config] has for that.
func (h *Handler) Close() {
	h.close()
	_ = h.mcp.Shutdown(closing())
}

// whileLetIn is ctx for a stream, which ends when the credential that opened it
// does: what is told on it is for whom that lets in.
func whileLetIn(ctx context.Context) (context.Context, context.CancelFunc) {
	if until := tools.CallerFrom(ctx).Expires; !until.IsZero() {
		return context.WithDeadline(ctx, until)
	}
	return ctx, func() {}
}

// untilClosed is ctx for a stream that lasts as long as the client wants: the
// library closes those of sessions alone, which the newer era has none of.
func (h *Handler) untilClosed(ctx context.Context) context.Context {
	ctx, end := context.WithCancel(ctx)
	stop := context.AfterFunc(h.closed, end)
	context.AfterFunc(ctx, func() { stop() })
	return ctx
}
