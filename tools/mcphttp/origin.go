package mcphttp

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// ownHost refuses a request by a name that is not the server's (DNS
// rebinding).
func ownHost(allowed []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !HostAllowed(allowed, r.Host) {
			refuse(w, http.StatusForbidden, "this server does not go by the name in the Host header; whoever runs it can list it in VPSOPS_ALLOWED_HOSTS")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// HostAllowed tells whether a Host header is among the names by which a server is
// called: "name:port", or "name" for any port.
func HostAllowed(allowed []string, host string) bool {
	host = strings.ToLower(host)
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	return slices.ContainsFunc(allowed, func(a string) bool {
		a = strings.ToLower(a)
		return a == host || strings.Trim(a, "[]") == name
	})
}

// ownOrigin refuses a browser's page that is not listed, and answers the
// preflight of one that is. A preflight carries no credentials, so it is
// answered before anybody is authenticated.
func ownOrigin(allowed []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origins := r.Header.Values("Origin")
		if len(origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if len(origins) > 1 || !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, origins[0]) }) {
			refuse(w, http.StatusForbidden, "pages of this origin may not call; whoever runs the server can list it in VPSOPS_ALLOWED_ORIGINS")
			return
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origins[0])
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Expose-Headers", "Mcp-Session-Id, WWW-Authenticate")
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "POST, GET, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}
