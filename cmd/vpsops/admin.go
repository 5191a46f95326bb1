package main

import (
	"net"
	"net/http"

	"vpsops/internal/config"
	"vpsops/tools/mcphttp"
)

// adminHandler answers on VPSOPS_ADMIN_LISTEN.
func (c *core) adminHandler(l net.Listener, ready *readiness) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // the prober has gone
	})
	mux.HandleFunc("GET /readyz", ready.answer)
	mux.Handle("GET /metrics", c.metrics.Handler())
	if config.IsLoopback(l.Addr().String()) {
		return onThisMachine(c.cfg.AllowedHosts, mux)
	}
	return mux
}

// onThisMachine refuses a name that isn't this machine's own: a web page whose name
// leads here (DNS rebinding) would read what is told.
func onThisMachine(allowed []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !config.IsLoopback(r.Host) && !mcphttp.HostAllowed(allowed, r.Host) {
			http.Error(w, "this address does not go by the name in the Host header; whoever runs vpsops can list it in VPSOPS_ALLOWED_HOSTS", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
