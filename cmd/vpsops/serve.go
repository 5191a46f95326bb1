package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"vpsops/internal/config"
	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
)

func serveCommand(p *program) *cobra.Command {
	var simulated bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve MCP over HTTP, the confirmation page, health and readiness",
		Long: `Serve MCP over streamable HTTP, the page on which people confirm, and health
and readiness, in one process.

On loopback, with no other sign-in configured, callers are the person that
VPSOPS_PERSON names. Without a policy file they may read and change nothing.`,
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
	cfg, logger, err := p.load(ctx, simulated)
	if err != nil {
		return err
	}
	if err := mayServe(cfg); err != nil {
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
	front, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("VPSOPS_LISTEN: %w", err)
	}
	admin, err := net.Listen("tcp", cfg.AdminListen)
	if err != nil {
		return errors.Join(fmt.Errorf("VPSOPS_ADMIN_LISTEN: %w", err), front.Close())
	}
	defer core.announcePage(front)()
	core.startScreen(p.stdout, front, admin)
	servers, ctx := errgroup.WithContext(ctx)
	servers.Go(func() error { return serveUntilDone(ctx, core.frontServer(front)) })
	servers.Go(func() error { return serveUntilDone(ctx, httpServer(admin, core.adminHandler())) })
	return errors.Join(servers.Wait(), core.drain())
}

// mayServe refuses to let callers in who cannot be told apart: without OAuth
// or tokens, whoever reaches the port is taken for one person.
func mayServe(cfg *config.Config) error {
	if !config.IsLoopback(cfg.Listen) {
		return &usageError{fmt.Errorf("VPSOPS_LISTEN is %s, beyond this machine, and no sign-in for callers is configured: anybody who reaches it would be taken for %s; listen on 127.0.0.1, for example VPSOPS_LISTEN=127.0.0.1:8321", cfg.Listen, cfg.Person)}
	}
	if u := cfg.PublicURL; u != nil && !config.IsLoopback(u.Host) {
		return &usageError{fmt.Errorf("VPSOPS_PUBLIC_URL is %s, beyond this machine, and no sign-in for callers is configured: unset it to serve this machine alone", u)}
	}
	return nil
}

// frontServer is everything on VPSOPS_LISTEN.
func (c *core) frontServer(l net.Listener) boundServer {
	origin := c.pageOrigin(l)
	server := tools.New(tools.Config{
		Desk: c.gate.Desk(), Version: version, Logger: c.logger,
		PageURL: func(id string) string { return origin + requestPath(id) },
	})
	mcp := mcphttp.New(mcphttp.Config{
		MCP:            server,
		Authenticate:   mcphttp.Local(c.identity),
		AllowedOrigins: append(c.ownOrigins(l), c.cfg.AllowedOrigins...),
		AllowedHosts:   append(c.allowedHosts(l), c.cfg.AllowedHosts...),
		Logger:         c.logger,
	})
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcp)
	mux.Handle("/", c.pageHandler(l))
	s := httpServer(l, mux)
	s.RegisterOnShutdown(mcp.Close) // its streams end only so
	return s
}
