package config

import (
	"net/url"
	"strings"
)

// urlRules are what an address must hold to beyond being http or https.
type urlRules struct {
	originOnly   bool // no path
	loopbackOnly bool
}

// apiURL takes https, and http to this machine alone: the token goes along.
func (p *parser) apiURL(name, value string) *url.URL {
	return p.url(name, value, urlRules{})
}

func (p *parser) origin(name, value string) *url.URL {
	return p.url(name, value, urlRules{originOnly: true})
}

func (p *parser) url(name, value string, rules urlRules) *url.URL {
	if value == "" {
		return nil
	}
	u, problem := parseURL(value, rules)
	if problem != "" {
		p.fault(name, "is %s, %s", shown(value), problem)
		return nil
	}
	return u
}

// parseURL returns an absolute http or https address, or what is wrong with it.
// It is in the form that browsers use for an origin: lower case, without the
// scheme's own port; and it has no final slash.
func parseURL(value string, rules urlRules) (u *url.URL, problem string) {
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return nil, "not an address" // the library's error quotes the value
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || !isHost(u.Hostname()):
		return nil, "not an address that begins with https:// and a host"
	case u.Port() != "" && !isPort(u.Port()):
		return nil, "whose port isn't a number from 0 to 65535"
	case u.User != nil:
		return nil, "which holds a user name or password"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(value, "#"):
		return nil, "which holds a query or a fragment"
	case rules.originOnly && strings.Trim(u.Path, "/") != "":
		return nil, "which holds a path"
	case rules.loopbackOnly && !IsLoopback(u.Host):
		return nil, "which isn't on this machine"
	case u.Scheme == "http" && !IsLoopback(u.Host):
		return nil, "which isn't https (http is taken for this machine alone)"
	}
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), ownPort[u.Scheme])
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, ""
}

var ownPort = map[string]string{"http": ":80", "https": ":443"}

// origins takes what browsers send in the Origin header. "null" and "*" stand
// for anyone and are refused.
func (p *parser) origins(name, value string) []string {
	var origins []string
	for _, item := range list(value) {
		u, problem := parseURL(item, urlRules{originOnly: true})
		if problem != "" {
			p.fault(name, "holds %s, %s", shown(item), problem)
			continue
		}
		origins = append(origins, u.String())
	}
	return origins
}

// hosts takes what clients send in the Host header.
func (p *parser) hosts(name, value string) []string {
	var hosts []string
	for _, item := range list(value) {
		u, err := url.Parse("//" + item)
		if err != nil || u.Host != item || !isHost(u.Hostname()) || u.Port() != "" && !isPort(u.Port()) {
			p.fault(name, "holds %s, neither a host nor host:port", shown(item))
			continue
		}
		hosts = append(hosts, strings.ToLower(item))
	}
	return hosts
}

// issuer is kept as it is written: tokens are compared with it byte by byte
// (OpenID Connect Core 3.1.3.7).
func (p *parser) issuer(name, value string) string {
	if p.url(name, value, urlRules{}) == nil {
		return ""
	}
	return value
}
