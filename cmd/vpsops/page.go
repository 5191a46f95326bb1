package main

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"vpsops/internal/config"
	"vpsops/internal/seal"
	"vpsops/internal/web"
	"vpsops/internal/web/provider"
)

// pageOrigin is the one address under which the page is used. On loopback it
// is a name of this installation's own: cookies ignore ports, so under
// 127.0.0.1 any program on this machine could get them.
func (c *core) pageOrigin(l net.Listener) string {
	if u := c.cfg.PublicURL; u != nil {
		return publicPage(u, c.key)
	}
	return fmt.Sprintf("http://%s:%d", web.LocalHost(c.key), portOf(l))
}

// publicPage is the page's origin by VPSOPS_PUBLIC_URL. Where that only says by
// which port of this machine the page is reached, as when one is forwarded, the
// page still has its own name there.
func publicPage(u *url.URL, key seal.Key) string {
	if ownName(u) {
		return originOf(u)
	}
	own := url.URL{Scheme: u.Scheme, Host: web.LocalHost(key)}
	if port := u.Port(); port != "" {
		own.Host += ":" + port
	}
	return own.String()
}

func originOf(u *url.URL) string { return strings.TrimSuffix(u.String(), "/") }

// ownName tells whether no other program of this machine answers to an
// address's name: it is a public one, or under .localhost.
func ownName(u *url.URL) bool {
	return !config.IsLoopback(u.Host) || strings.HasSuffix(u.Hostname(), ".localhost")
}

func portOf(l net.Listener) int {
	if tcp, ok := l.Addr().(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// ownHosts are the other names by which this machine's programs reach l.
func ownHosts(l net.Listener) []string {
	port := portOf(l)
	return []string{
		fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("localhost:%d", port), fmt.Sprintf("[::1]:%d", port), l.Addr().String(),
	}
}

func (c *core) pageHandler(l net.Listener) *web.Page {
	return web.New(web.Config{
		Ballot: c.gate.Ballot(), Key: c.key, Origin: c.pageOrigin(l), OtherHosts: c.otherHosts(l), Logger: c.logger,
		Provider: c.provider(), BehindProxy: c.servesOthers(), Now: clock,
	})
}

// provider is by whom people sign in on the page; nil where none is
// configured.
func (c *core) provider() *provider.Provider {
	oidc := c.cfg.OIDC
	if oidc == nil {
		return nil
	}
	return provider.New(provider.Config{
		Issuer: oidc.Issuer, ClientID: oidc.ClientID, ClientSecret: oidc.ClientSecret.Reveal(), Logger: c.logger, Now: clock,
	})
}

// signInLink is a fresh one-time link. It never goes through a model: only to
// this machine's terminal or browser.
func (c *core) signInLink(origin, next string) string {
	return web.LoginURL(origin, c.key, c.identity, clock(), next)
}

func requestPath(id string) string { return "/requests/" + id }
