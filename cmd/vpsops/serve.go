package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"vpsops/internal/config"
	"vpsops/internal/telemetry"
	"vpsops/internal/telemetry/tracing"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
)

func serveCommand(p *program) *cobra.Command {
	var simulated bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve MCP over HTTP, the Slack bot, the confirmation page, health and metrics",
		Long: `Serve MCP over streamable HTTP, the Slack bot, the page on which people confirm,
and health, readiness and metrics, in one process. SLACK_BOT_TOKEN turns Slack on.

Callers bring a bearer token that the policy lists (vpsops token new), or an
access token of VPSOPS_OAUTH_ISSUER. Where neither is configured, callers on
this machine are the person that VPSOPS_PERSON names, and there are no others.
Without a policy file they may read and change nothing.`,
		Example: `  vpsops serve --sandbox
  VPS_API_TOKEN_FILE=/run/secrets/vps vpsops serve`,
		RunE: func(c *cobra.Command, _ []string) error { return runServe(c.Context(), p, simulated) },
	}
	sandboxFlag(c, &simulated)
	return c
}

func sandboxFlag(c *cobra.Command, simulated *bool) {
	c.Flags().BoolVar(simulated, "sandbox", false, "run against a simulated API in this process, with a demo policy")
}

// apiFor is the API's address: the configured one, or that of a simulated API
// that lives as long as ctx.
func apiFor(ctx context.Context, cfg *config.Config, simulated bool) (string, error) {
	if simulated {
		return startSandbox(ctx)
	}
	return cfg.APIURL.String(), nil
}

func runServe(ctx context.Context, p *program, simulated bool) error {
	outliveReaders()
	cfg, logger, err := p.load(ctx, simulated)
	if err != nil {
		return err
	}
	// The simulated API outlives the front ends: what is executing at the end
	// still gets its answer.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	api, err := apiFor(background, cfg, simulated)
	if err != nil {
		return err
	}
	core, err := newCore(cfg, logger, api, simulated, policy.ReadsOnly)
	if err != nil {
		return err
	}
	// Whatever ends it, what was opened is closed.
	err = errors.Join(core.serve(ctx, background, p), core.drain())
	if err == nil {
		logger.Info("vpsops has ended")
	}
	return err
}

// sayNewLedger warns where a ledger begins: the old one's disk may not be there, and with
// it no lock and no freeze, nor what budgets have counted.
func (c *core) sayNewLedger() {
	path, err := c.cfg.StorePath()
	if err != nil || path == "" || c.sandbox {
		return
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		c.logger.Warn("no ledger was there: a new one begins, without the requests, locks and audit trail of any other; if there should be one, stop this, and see that its disk is mounted and VPSOPS_STORE right", "path", path)
	}
}

// serve serves until ctx ends. What follows files does so until background ends.
func (c *core) serve(ctx, background context.Context, p *program) error {
	c.takeUp()
	c.measure(telemetry.NewMetrics(version, builtFrom()))
	if err := c.trace(ctx, p.environ); err != nil {
		return err
	}
	if err := c.mayServe(); err != nil {
		return err
	}
	c.withSlack()
	c.sayNewLedger()
	// A ledger that cannot be opened is said now, and not at the first ask.
	if err := c.lazy.await(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to end before it was open
		}
		return bySetting(err)
	}
	c.watchReplicas(ctx)
	c.notes.addNow(gate.PolicyInForce + c.policy.current.Load().Hash())
	collectSeldom(p.environ)
	front, err := listen("VPSOPS_LISTEN", c.cfg.Listen)
	if err != nil {
		return err
	}
	admin, err := listen("VPSOPS_ADMIN_LISTEN", c.cfg.AdminListen)
	if err != nil {
		return errors.Join(err, front.Close())
	}
	frontServer := c.frontServer(front)
	c.policy.follow(background)
	c.policy.outliveHangups(background)
	defer c.announcePage(front, admin)()
	letGo()
	go letGoAtRest(ctx)
	c.startScreen(p.stdout, front, admin)
	c.logger.Info("vpsops serves", "version", version, "listen", front.Addr().String(), "admin", admin.Addr().String())
	servers, ctx := errgroup.WithContext(ctx)
	servers.Go(func() error { return serveUntilDone(ctx, frontServer) })
	ready := newReadiness(ctx, c)
	defer ready.end()
	servers.Go(func() error { return serveUntilDone(ctx, httpServer(admin, c.adminHandler(admin, ready))) })
	if c.slack != nil {
		servers.Go(func() error { return c.slack.run(ctx) })
	}
	return servers.Wait()
}

// listen takes the address that a setting or flag names.
func listen(name, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	var malformed *net.AddrError
	switch {
	case errors.As(err, &malformed):
		return nil, &usageError{fmt.Errorf("%s is %q, not host:port (%s); for example 127.0.0.1:0, which takes a free port", name, address, malformed.Err)}
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: %w; stop what has it, or set another: port 0 takes a free one", name, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w; set an address that this machine has and this user may take", name, err)
	}
	return l, nil
}

// frontServer is everything on VPSOPS_LISTEN.
func (c *core) frontServer(l net.Listener) boundServer {
	origin := c.pageOrigin(l)
	ending, end := context.WithCancel(context.Background())
	server := tools.New(tools.Config{
		Desk: c.gate.Desk(), Version: version, Logger: c.logger, Now: clock,
		PageURL:  func(id string) string { return origin + requestPath(id) },
		Tracing:  c.toolTracing(tracing.OverTCP),
		OnPolicy: c.policy.onChange, Ending: ending,
	})
	oauth, hosts := c.oauth(), append(c.allowedHosts(l), c.cfg.AllowedHosts...)
	mcp := mcphttp.New(mcphttp.Config{
		MCP:            server,
		Authenticate:   c.authenticator(oauth),
		AllowedOrigins: append(c.ownOrigins(l), c.cfg.AllowedOrigins...),
		AllowedHosts:   hosts,
		OAuth:          oauth,
		Changes:        c.wantsWriteScope,
		Quiet:          c.quietTools(),
		Limits:         c.limits(),
		Logger:         c.logger,
	})
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcp)
	mux.HandleFunc("/mcp/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "MCP is at /mcp: nothing stands after that", http.StatusNotFound)
	})
	if oauth != nil {
		mux.Handle(mcphttp.MetadataPath, oauth.Metadata(hosts))
		mux.Handle(mcphttp.MetadataPath+"/mcp", oauth.Metadata(hosts))
	}
	// Clients look for a way to sign in there: the page would lead them astray.
	mux.Handle("/.well-known/", http.NotFoundHandler())
	if c.slack != nil {
		mux.Handle("/slack/", c.slack)
	}
	page := c.pageHandler(l)
	mux.Handle("/", c.traces.Page(page))
	s := httpServer(l, limitBody(mux))
	s.RegisterOnShutdown(end)       // who waits is told how it stands
	s.RegisterOnShutdown(mcp.Close) // its streams end only so
	s.RegisterOnShutdown(page.Close)
	return s
}
