package main

import (
	"net"
	"net/url"

	"vpsops/internal/config"
)

// allowedHosts are the Host values by which MCP clients may come.
func (c *core) allowedHosts(l net.Listener) []string {
	hosts := c.otherHosts(l)
	if u, err := url.Parse(c.pageOrigin(l)); err == nil {
		hosts = append(hosts, u.Host)
	}
	return hosts
}

// otherHosts are the names by which l is reached, but for the page's own.
func (c *core) otherHosts(l net.Listener) []string {
	hosts := ownHosts(l)
	if u := c.cfg.PublicURL; u != nil {
		hosts = append(hosts, u.Host)
	}
	return hosts
}

// ownOrigins are the origins at which this process itself answers: what comes
// from there to MCP is no page of somebody else's. The page's own forms take
// less: pageOrigin alone.
func (c *core) ownOrigins(l net.Listener) []string {
	origins := []string{c.pageOrigin(l)}
	if config.IsLoopback(l.Addr().String()) {
		for _, host := range ownHosts(l) {
			origins = append(origins, "http://"+host)
		}
	}
	return origins
}
