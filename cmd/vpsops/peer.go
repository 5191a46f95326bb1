package main

import (
	"context"
	"net"
	"net/http"
)

type foreignPeer struct{}

// forOwnUser has a page answer this user's programs alone. The link by which it is
// opened stands in the command line of the browser, where every user of the machine
// can read it.
func forOwnUser(server *http.Server) {
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if isOwnPeer(c) {
			return ctx
		}
		return context.WithValue(ctx, foreignPeer{}, true)
	}
	page := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(foreignPeer{}) != nil {
			http.Error(w, "this page is for the programs of the user who runs vpsops here", http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	})
}
