package ratelimit

import (
	"net/http"
	"net/netip"
	"strings"
)

// Address is the address that a call counts for: its peer's or, behind a
// proxy, the last that the proxy wrote. What stands before that in the header
// is the client's own claim. It is for limits alone: an address is nobody's
// identity.
func Address(r *http.Request, behindProxy bool) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap()
	if behindProxy && (address.IsLoopback() || address.IsPrivate()) {
		if given := r.Header.Values("X-Forwarded-For"); len(given) > 0 {
			last := given[len(given)-1]
			last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
			if forwarded, err := netip.ParseAddr(last); err == nil {
				address = forwarded.Unmap()
			}
		}
	}
	return network(address)
}

// network is what one customer of a provider has: a single IPv4 address, and
// of IPv6 a whole /64.
func network(a netip.Addr) string {
	const customer = 64
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(customer); err == nil {
			return p.String()
		}
	}
	return a.String()
}
