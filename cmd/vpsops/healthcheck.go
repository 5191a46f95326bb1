package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func healthcheckCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "healthcheck",
		Short:   "Ask a running vpsops whether it is alive, for containers without a shell",
		Long:    "Ask /healthz on VPSOPS_ADMIN_LISTEN. Exit 0 if it answers well, 1 if not.",
		Example: "  vpsops healthcheck",
		RunE:    func(c *cobra.Command, _ []string) error { return runHealthcheck(c.Context(), p) },
	}
}

func runHealthcheck(ctx context.Context, p *program) error {
	cfg, _, err := p.load(ctx, false)
	if err != nil {
		return err
	}
	if err := alive(ctx, cfg.AdminListen); err != nil {
		return fmt.Errorf("VPSOPS_ADMIN_LISTEN: no vpsops is well at %s: %w; start one there, or set the address that the one which runs has", cfg.AdminListen, err)
	}
	_, err = fmt.Fprintln(p.stdout, "ok")
	return err
}

// alive asks a vpsops whether it is, where it listens for that.
func alive(ctx context.Context, listen string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(listen)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{}).Do(req) // ctx is its time limit
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", req.URL, resp.Status)
	}
	return nil
}

// reachable turns an address to listen on into one to connect to.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
