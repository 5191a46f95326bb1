package mcphttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// always are headers of every answer.
var always = []struct {
	name   string
	values []string
}{
	{"X-Accel-Buffering", []string{"no"}}, // a proxy must not hold streams back
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Cache-Control", []string{"no-store"}},
}

// contained answers 500 where a handler panics, and logs it. The standard
// library's own abort passes.
func contained(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			logger.Error("an MCP request panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			refuse(w, http.StatusInternalServerError, "internal error")
		}()
		h := w.Header()
		for _, one := range always {
			h[one.name] = one.values
		}
		next.ServeHTTP(w, r)
	})
}

// capped refuses headers beyond what a client of the protocol sends.
func capped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := 0
		for name, values := range r.Header {
			for _, v := range values {
				size += len(name) + len(v)
			}
		}
		if size > maxHeader {
			refuse(w, http.StatusRequestHeaderFieldsTooLarge, "the headers are longer than 32 KiB")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// methods refuses those that the transport doesn't have. A browser's preflight is
// answered before.
func methods(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost, http.MethodGet, http.MethodDelete:
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Allow", "POST, GET, DELETE")
			refuse(w, http.StatusMethodNotAllowed, "messages are sent by POST; GET opens a session's stream, DELETE ends a session")
		}
	})
}

// refuse answers with a line of text for whoever reads it.
func refuse(w http.ResponseWriter, status int, text string) { http.Error(w, text, status) }

// closing is a context that is over: what the library would wait for in it,
// its own HTTP server, isn't used.
func closing() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
