package mcphttp

import (
	"net/http"
	"net/netip"
	"strings"

	"vpsops/policy"
	"vpsops/tools"
)

const notLocal = "this server takes unauthenticated callers on its own machine only; configure bearer tokens (vpsops token new) or OAuth to be reached from elsewhere"

// Local takes callers on this machine for one person, unauthenticated. It
// refuses whoever comes from elsewhere, and whoever was passed on by a proxy:
// behind one, all callers would look local.
func Local(id policy.Identity) func(*http.Request) (tools.Caller, error) {
	return func(r *http.Request) (tools.Caller, error) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !peer.Addr().Unmap().IsLoopback() {
			return tools.Caller{}, &AuthError{Status: http.StatusForbidden, Message: notLocal}
		}
		for name := range r.Header {
			if isForwarding(name) {
				return tools.Caller{}, &AuthError{
					Status:  http.StatusForbidden,
					Message: "the header " + name + " shows a proxy before this server, and " + notLocal,
				}
			}
		}
		return tools.Caller{Identity: id}, nil
	}
}

// forwarding are headers that proxies and CDNs add, in net/http's spelling.
var forwarding = map[string]bool{
	"Forwarded": true, "Via": true, "X-Real-Ip": true, "X-Client-Ip": true, "X-Cluster-Client-Ip": true,
	"True-Client-Ip": true, "Fastly-Client-Ip": true, "Cdn-Loop": true, "X-Original-Forwarded-For": true,
	"X-Original-Host": true, "X-Original-Url": true, "X-Envoy-External-Address": true, "X-Proxyuser-Ip": true,
	"X-Appengine-User-Ip": true, "X-Azure-Clientip": true, "Tailscale-User-Login": true, "Proxy-Connection": true,
}

// isForwarding takes a name in that spelling, in which net/http hands over all.
func isForwarding(name string) bool {
	return forwarding[name] || strings.HasPrefix(name, "X-Forwarded") || strings.HasPrefix(name, "Cf-")
}
