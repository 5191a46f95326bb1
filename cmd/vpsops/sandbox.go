package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"vpsops/vpsapi/sandbox"
)

func sandboxCommand(p *program) *cobra.Command {
	var opts sandbox.Options
	var listen string
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the simulated API on its own",
		Long: `Serve a simulated VPS.org API, for trying things and for tests.

GET /_sandbox/requests is every request received, as JSON lines; PUT
/_sandbox/faults makes calls fail by plan; PUT /_sandbox/servers/{id} changes a
server behind the API's back.`,
		Example: `  vpsops sandbox
  vpsops sandbox --servers 1000 --speed 100
  curl -H 'Authorization: Bearer vps_sandbox' http://127.0.0.1:8322/api/v1/servers/`,
		RunE: func(c *cobra.Command, _ []string) error {
			if opts.Servers < 0 || !(opts.Speed > 0) || math.IsInf(opts.Speed, 1) || opts.Latency < 0 {
				return &usageError{errors.New("--servers and --latency are not negative, and --speed is a number above 0")}
			}
			if !isToken(opts.Token) {
				return &usageError{errors.New("--token is empty or holds white space or another character that no header takes; for example --token " + sandboxToken)}
			}
			if opts.Servers == 0 {
				opts.Servers = -1 // the package's zero value means its default
			}
			return runSandbox(c.Context(), p, listen, opts)
		},
	}
	f := c.Flags()
	f.StringVar(&listen, "listen", "127.0.0.1:8322", "address to listen on; port 0 takes a free one")
	f.IntVar(&opts.Servers, "servers", 6, "how many servers there are at the start")
	f.Uint64Var(&opts.Seed, "seed", 1, "what the made-up servers are made from")
	f.Float64Var(&opts.Speed, "speed", 20, "how many times faster than real servers change state")
	f.DurationVar(&opts.Latency, "latency", 0, "how long each answer takes at the least")
	f.StringVar(&opts.Token, "token", sandboxToken, "the API token that is accepted")
	return c
}

const sandboxToken = "vps_sandbox"

// isToken tells whether a client can bring it: one word of printable ASCII.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func runSandbox(ctx context.Context, p *program, address string, opts sandbox.Options) error {
	l, err := listen("--listen", address)
	if err != nil {
		return err
	}
	ctx, heard := signal.NotifyContext(ctx, endSignals("")...)
	defer heard()
	fmt.Fprintf(p.stdout, "api:      %s\ntoken:    %s\nrequests: http://%s/_sandbox/requests\n", apiAddress(l), opts.Token, addressOf(l))
	return serveUntilDone(ctx, httpServer(l, sandbox.New(opts)))
}

func apiAddress(l net.Listener) string { return fmt.Sprintf("http://%s/api/v1", addressOf(l)) }

// startSandbox serves the simulated API on a loopback port of its own for as
// long as ctx lives.
func startSandbox(ctx context.Context) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := httpServer(l, sandbox.New(sandbox.Options{Servers: 6, Seed: 1, Speed: 20, Token: sandboxToken}))
	go func() { _ = serveUntilDone(ctx, s) }() // it ends with the program
	return apiAddress(l), nil
}

// sayAPI tells where a simulated API of this process can be reached, where
// standard output is for something else.
func (p *program) sayAPI(address string, simulated bool) {
	if simulated {
		fmt.Fprintf(p.stderr, "api:      %s (simulated, token %s)\n", address, sandboxToken)
	}
}

// boundServer is an HTTP server with the listener it has already.
type boundServer struct {
	*http.Server
	listener net.Listener
}

// httpServer has the time-outs without which slow clients hold a server. The
// answer has none: an MCP stream and a waiting tool call are long.
func httpServer(l net.Listener, h http.Handler) boundServer {
	silent := &silentConns{conns: make(map[net.Conn]bool)}
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ConnState:         silent.note,
	}
	s.RegisterOnShutdown(silent.close)
	return boundServer{s, l}
}

// silentConns are connections on which nothing was sent yet, as browsers open
// ahead. A shutdown would wait five seconds for each.
type silentConns struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func (s *silentConns) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew {
		delete(s.conns, c)
		return
	}
	if s.conns[c] = true; s.closed {
		_ = c.Close() // nobody waits for an answer on it
	}
}

func (s *silentConns) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close() // nobody waits for an answer on it
	}
}

const shutdownTime = 5 * time.Second

// serveUntilDone serves until ctx ends, then lets what is being answered
// finish.
func serveUntilDone(ctx context.Context, s boundServer) error {
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(s.listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		return errors.Join(s.Close(), nil) // streams that nobody ends
	}
	return nil
}
