package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// methods are what a path takes; a HEAD is answered as its GET.
type methods map[string]func(c *call) answer

// route answers in the order of a Django service: the slash, the path, the
// token, the method, then the call itself.
func (s *Sandbox) route(c *call) answer {
	if !strings.HasSuffix(c.path, "/") && s.resolve(c.path+"/") != nil {
		return appendSlash(c)
	}
	m := s.resolve(c.path)
	if m == nil {
		return notFound()
	}
	if a, ok := s.refuseToken(c); ok {
		return a
	}
	method := c.method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	h, ok := m[method]
	if !ok {
		return methodNotAllowed(c.method, m)
	}
	return h(c)
}

// resolve finds the calls at a path, or nil.
func (s *Sandbox) resolve(path string) methods {
	rest, ok := strings.CutPrefix(path, BasePath+"/")
	if !ok || !strings.HasSuffix(rest, "/") {
		return nil
	}
	seg := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	switch {
	case len(seg) == 1 && seg[0] == "servers":
		return methods{http.MethodGet: s.listServers, http.MethodPost: s.createServer}
	case len(seg) == 2 && seg[0] == "servers" && seg[1] != "":
		return s.serverMethods(seg[1])
	case len(seg) == 3 && seg[0] == "servers" && seg[1] != "":
		return s.actionMethods(seg[1], seg[2])
	case len(seg) == 1 && seg[0] == "plans":
		return methods{http.MethodGet: s.listPlans}
	case len(seg) == 2 && seg[0] == "plans" && seg[1] != "":
		return methods{http.MethodGet: func(*call) answer { return getPlan(seg[1]) }}
	case len(seg) == 2 && seg[0] == "account" && seg[1] == "me":
		return methods{http.MethodGet: s.account}
	}
	return nil
}

func (s *Sandbox) serverMethods(id string) methods {
	return methods{
		http.MethodGet:    s.withServer(id, s.getServer),
		http.MethodPut:    s.withServer(id, s.replaceServer),
		http.MethodPatch:  s.withServer(id, s.patchServer),
		http.MethodDelete: s.withServer(id, s.deleteServer),
	}
}

func (s *Sandbox) actionMethods(id, name string) methods {
	act, ok := actions[name]
	if !ok {
		return nil
	}
	return methods{http.MethodPost: s.withServer(id, func(_ *call, sv *server) answer {
		return s.act(sv, act)
	})}
}

// withServer finds the server, in the state that it has by now.
func (s *Sandbox) withServer(id string, h func(*call, *server) answer) func(*call) answer {
	return func(c *call) answer {
		sv := s.fleet.find(parseID(id))
		if sv == nil {
			return notFound()
		}
		sv.settle(s.opts.Now())
		return h(c, sv)
	}
}

// parseID reads an id of plain digits; anything else is no server's: 0.
func parseID(s string) int64 {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || s != strconv.FormatInt(id, 10) {
		return 0
	}
	return id
}

func appendSlash(c *call) answer {
	to := c.path + "/"
	if c.raw != "" {
		to += "?" + c.raw
	}
	return answer{status: http.StatusMovedPermanently, header: http.Header{"Location": {to}}}
}

func (s *Sandbox) refuseToken(c *call) (answer, bool) {
	token, given := bearer(c.header)
	if given && token == s.opts.Token {
		return answer{}, false
	}
	message := "Authentication credentials were not provided."
	if given {
		message = "Invalid token."
	}
	a := detail(http.StatusUnauthorized, message)
	a.header.Set("WWW-Authenticate", `Bearer realm="api"`)
	return a, true
}

func methodNotAllowed(method string, m methods) answer {
	var allow []string
	for k := range m {
		allow = append(allow, k)
		if k == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	a := detail(http.StatusMethodNotAllowed, `Method "`+method+`" not allowed.`)
	a.header.Set("Allow", strings.Join(allow, ", "))
	return a
}
