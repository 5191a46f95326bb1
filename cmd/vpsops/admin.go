package main

import "net/http"

// adminHandler answers on VPSOPS_ADMIN_LISTEN.
func (c *core) adminHandler(ready *readiness) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // the prober has gone
	})
	mux.HandleFunc("GET /readyz", ready.answer)
	mux.Handle("GET /metrics", c.metrics.Handler())
	return mux
}
