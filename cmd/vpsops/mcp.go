package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/signal"
	"sync"

	"github.com/spf13/cobra"

	"vpsops/internal/config"
	"vpsops/internal/telemetry/tracing"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/tools"
)

func mcpCommand(p *program) *cobra.Command {
	var simulated bool
	c := &cobra.Command{
		Use:   "mcp",
		Short: "Serve MCP over stdio, for an assistant that starts it",
		Long: `Serve MCP over standard input and output, for an assistant that starts it.

Where a person must confirm in person, the page opens in this desktop's
browser, or its one-time sign-in link is written to standard error
(VPSOPS_OPEN_BROWSER).`,
		Example: `  vpsops mcp --sandbox
  claude mcp add vpsops -e VPS_API_TOKEN_FILE=$HOME/.vps-token -- vpsops mcp`,
		RunE: func(c *cobra.Command, _ []string) error { return runMCP(c.Context(), p, simulated) },
	}
	sandboxFlag(c, &simulated)
	return c
}

func runMCP(ctx context.Context, p *program, simulated bool) error {
	outliveReaders()
	collectSeldom(p.environ)
	cfg, logger, err := p.load(ctx, simulated)
	if err != nil {
		return err
	}
	ctx, heard := signal.NotifyContext(ctx, endSignals(cfg.PolicyFile)...)
	defer heard()
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	api, err := apiFor(background, cfg, simulated)
	if err != nil {
		return err
	}
	p.sayAPI(api, simulated)
	core, err := newCore(cfg, logger, api, simulated, policy.Local)
	if err != nil {
		return err
	}
	if err := core.knownPerson(); err != nil {
		return err
	}
	core.takeUp()
	if err := core.trace(ctx, p.environ); err != nil {
		return err
	}
	page := &lazyPage{core: core, program: p, ctx: background}
	defer page.close()
	ctx, refuse := context.WithCancel(ctx)
	defer refuse()
	server := tools.New(tools.Config{
		Desk: core.gate.Desk(), Version: version, Logger: logger, Now: clock,
		PageURL: page.urlOf, Announce: page.announce, Tracing: core.toolTracing(tracing.OverPipe),
		OnPolicy: core.policy.onChange, Ending: ctx,
	})
	core.policy.follow(background)
	go letGoAtRest(background)
	checked := make(chan error, 1)
	go func() { // beside the first calls: opening a ledger would be a quarter of the start
		err := core.checkKey(ctx)
		if err != nil {
			refuse()
		}
		checked <- err
	}()
	err = tools.ServeStdio(ctx, server, tools.Caller{Identity: core.identity}, core.personLimits(), logger, p.stdin, p.stdout)
	return errors.Join(<-checked, err, core.drain())
}

// lazyPage is the page of a process that serves stdio: it opens its port when
// the first request waits for a person.
type lazyPage struct {
	core    *core
	program *program
	ctx     context.Context // the page lives as long
	once    sync.Once
	origin  string
	done    func()
}

// start listens at VPSOPS_LISTEN or, where that is taken, on a free port.
func (p *lazyPage) start() {
	l, err := net.Listen("tcp", p.core.cfg.Listen)
	if err != nil || !config.IsLoopback(l.Addr().String()) {
		if err == nil {
			_ = l.Close() // nothing was served on it
		}
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			p.core.logger.Error("the page has no port, so nobody can confirm on it", "error", err)
			return
		}
	}
	p.origin, p.done = p.core.pageOrigin(l), p.core.announcePage(l, nil)
	page := p.core.pageHandler(l)
	server := httpServer(l, limitBody(p.core.traces.Page(page)))
	server.RegisterOnShutdown(page.Close)
	forOwnUser(server.Server)
	go func() {
		if err := serveUntilDone(p.ctx, server); err != nil {
			p.core.logger.Error("the page ended", "error", err)
		}
	}()
}

// urlOf is a request's address on the page, without any credential. It is ""
// where there is no page.
func (p *lazyPage) urlOf(id string) string {
	p.once.Do(p.start)
	if p.origin == "" {
		return ""
	}
	return p.origin + requestPath(id)
}

// announce reaches the person who sits here, past the model: by their browser,
// or by standard error, which assistants' hosts keep to themselves.
func (p *lazyPage) announce(_ context.Context, v gate.View) (reached bool) {
	if p.urlOf(v.ID) == "" {
		return false
	}
	link := p.core.signInLink(p.origin, requestPath(v.ID))
	if p.program.openBrowser(p.core.cfg.OpenBrowser, link) {
		return true
	}
	fmt.Fprintf(p.program.stderr, "vpsops: %s waits for you: %s\n", v.ID, link)
	return false // the host may keep it to itself
}

func (p *lazyPage) close() {
	if p.done != nil {
		p.done()
	}
}
