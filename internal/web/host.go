package web

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"

	"vpsops/internal/seal"
)

// LocalHost is the host name under which an installation's page is found on
// its own machine. It hangs on the key alone, so it stays the same over
// restarts and ports, and no other program's page bears it: cookies know
// nothing of ports. Names under .localhost are loopback (RFC 6761, 6.3).
func LocalHost(key seal.Key) string { return installation(key) + ".localhost" }

// installation is a name for whatever has this key.
func installation(key seal.Key) string {
	return "vpsops-" + hex.EncodeToString(key.Derive("page host")[:4])
}

// atOrigin lets only requests for the page's own address through.
func (p *page) atOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case p.host != "" && strings.EqualFold(r.Host, p.host):
			next.ServeHTTP(w, r)
		case !p.isOtherHost(r.Host):
			http.Error(w, "this is not the address of this page", http.StatusForbidden)
		case !reads:
			http.Error(w, "use "+p.Origin, http.StatusMisdirectedRequest)
		default:
			http.Redirect(w, r, p.Origin+pathAndQuery(r), http.StatusSeeOther)
		}
	})
}

func (p *page) isOtherHost(host string) bool {
	return slices.ContainsFunc(p.OtherHosts, func(h string) bool { return strings.EqualFold(h, host) })
}

func pathAndQuery(r *http.Request) string {
	path := "/" + strings.TrimLeft(r.URL.EscapedPath(), "/")
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	return path
}
