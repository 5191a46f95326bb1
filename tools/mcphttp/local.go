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

// forwarding are headers that proxies and CDNs add, in lower case.
var forwarding = map[string]bool{
	"forwarded": true, "via": true, "x-real-ip": true, "x-client-ip": true, "x-cluster-client-ip": true,
	"true-client-ip": true, "fastly-client-ip": true, "cdn-loop": true, "x-original-forwarded-for": true,
	"x-original-host": true, "x-original-url": true, "x-envoy-external-address": true, "x-proxyuser-ip": true,
	"x-appengine-user-ip": true, "x-azure-clientip": true, "tailscale-user-login": true, "proxy-connection": true,
}

func isForwarding(name string) bool {
	name = strings.ToLower(name)
	return forwarding[name] || strings.HasPrefix(name, "x-forwarded") || strings.HasPrefix(name, "cf-")
}
