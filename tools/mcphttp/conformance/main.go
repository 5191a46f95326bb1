// Conformance is what the protocol's own conformance suite wants of a server
// under test: tools, resources and prompts of fixed names, here behind the
// HTTP layer that the program itself is served through. It is for that suite
// alone and no part of the program.
//
// The names and texts are the suite's (@modelcontextprotocol/conformance,
// `conformance list` and each scenario's description).
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/tools/mcphttp"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := listener.Addr().String()
	handler := mcphttp.New(mcphttp.Config{
		MCP:            newFixtures().mcp,
		Authenticate:   mcphttp.Local(policy.Identity{Kind: policy.LocalUser, ID: "suite"}),
		AllowedOrigins: []string{"http://" + address},
		AllowedHosts:   []string{address},
		Logger:         slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	mux := http.NewServeMux()
	mux.Handle("/mcp", needsSampling(handler))
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	web.RegisterOnShutdown(handler.Close)
	go func() {
		<-ctx.Done()
		_ = web.Shutdown(context.Background())
	}()
	fmt.Fprintf(os.Stdout, "mcp: http://%s/mcp\n", address)
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// fixtures is the server with what its handlers share.
type fixtures struct {
	mcp *server.MCPServer
	key seal.Key
}

func newFixtures() *fixtures {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	f := &fixtures{key: seal.NewKey(secret)}
	f.mcp = server.NewMCPServer("vpsops-fixtures", "1",
		server.WithToolCapabilities(true),
		server.WithResourceCapabilities(true, true),
		server.WithPromptCapabilities(true),
		server.WithCompletions(),
		server.WithLogging(),
		server.WithElicitation(),
		server.WithCacheHints(0, mcp.CacheScopePrivate),
		server.WithToolHandlerMiddleware(drained),
	)
	f.mcp.EnableSampling()
	f.addContent()
	f.addNotifying()
	f.addAsking()
	f.addRounds()
	f.addChanging()
	f.addNeedy()
	f.addResources()
	f.addPrompts()
	return f
}

// drained lets the transport forward a tool's last notification before the
// answer, as the program's own tools do.
func drained(next server.ToolHandlerFunc) server.ToolHandlerFunc {
	return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result, err := next(ctx, r)
		pause(ctx, 5*time.Millisecond)
		return result, err
	}
}

// pause waits, unless the call is over.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
