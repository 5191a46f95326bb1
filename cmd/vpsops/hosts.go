package main

import (
	"net"
	"net/url"
)

// allowedHosts are the Host values by which MCP clients may come.
func (c *core) allowedHosts(l net.Listener) []string {
	hosts := ownHosts(l)
	if u, err := url.Parse(c.pageOrigin(l)); err == nil {
		hosts = append(hosts, u.Host)
	}
	return hosts
}

// ownOrigins are the origins of pages that this process itself serves.
func (c *core) ownOrigins(l net.Listener) []string { return []string{c.pageOrigin(l)} }
