package main

import (
	"io"
	"net/http"
	"time"
)

const (
	maxBody    = 4 << 20  // bytes
	maxUnread  = 64 << 20 // bytes of a refused body that are read all the same
	unreadTime = 5 * time.Second
)

// limitBody answers 413 to a body that says it is longer than any that is
// taken. Many clients send their whole body before they read an answer, and
// would only see the connection break: so it is read, within limits.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength <= maxBody {
			next.ServeHTTP(w, r)
			return
		}
		// Where it cannot be set, the server's own time-out for reading holds.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTime))
		_, _ = io.CopyN(io.Discard, r.Body, maxUnread) // it may end sooner, or break
		w.Header().Set("Connection", "close")
		http.Error(w, "the body is longer than 4 MiB", http.StatusRequestEntityTooLarge)
	})
}
