package sandbox

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// serveAdmin answers the calls by which tests drive the sandbox.
func (s *Sandbox) serveAdmin(w http.ResponseWriter, r *http.Request) {
	if reason := foreign(r); reason != "" {
		adminError(w, http.StatusForbidden, reason)
		return
	}
	path := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, AdminPath), "/")
	id, isServer := strings.CutPrefix(path, "/servers/")
	switch {
	case path == "/requests":
		s.adminRequests(w, r)
	case path == "/faults":
		s.adminFaults(w, r)
	case isServer:
		s.adminServer(w, r, parseID(id))
	default:
		adminError(w, http.StatusNotFound,
			"there are /_sandbox/requests, /_sandbox/faults and /_sandbox/servers/{id}")
	}
}

// foreign says why a request may come from another site's page in somebody's
// browser, or is empty. A page elsewhere shows itself by Origin or
// Sec-Fetch-Site; one that had its own name resolved to this address
// (DNS rebinding) by a dotted name in Host.
func foreign(r *http.Request) string {
	if o := r.Header.Get("Origin"); o != "" {
		u, err := url.Parse(o)
		if err != nil || !strings.EqualFold(u.Host, r.Host) {
			return "refused: the request comes from a page of another origin"
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return "refused: the request comes from a page of another site"
	}
	if !localName(r.Host) {
		return "refused: use the sandbox by its IP address, localhost, or a name without dots"
	}
	return ""
}

func localName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost")
}

func (s *Sandbox) adminRequests(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		w.Header().Set("Content-Type", "application/x-ndjson")
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		for _, q := range s.Requests() {
			if e.Encode(q) != nil {
				return
			}
		}
	case http.MethodDelete:
		s.ClearRequests()
		w.WriteHeader(http.StatusNoContent)
	default:
		adminMethod(w, "GET, HEAD, DELETE")
	}
}

func (s *Sandbox) adminFaults(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPut:
		body, ok := adminBody(w, r)
		if !ok {
			return
		}
		plan, err := ParseFaults(body)
		if err == nil {
			err = s.SetFaults(plan)
		}
		if err != nil {
			adminError(w, http.StatusBadRequest, err.Error())
			return
		}
	case http.MethodDelete:
		s.mu.Lock()
		s.faults = nil
		s.mu.Unlock()
	default:
		adminMethod(w, "GET, HEAD, PUT, DELETE")
		return
	}
	plan := s.Faults()
	if plan == nil {
		plan = []Fault{}
	}
	adminReply(w, http.StatusOK, plan)
}

func (s *Sandbox) adminServer(w http.ResponseWriter, r *http.Request, id int64) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPut, http.MethodPatch:
		body, ok := adminBody(w, r)
		if !ok {
			return
		}
		edit, err := parseEdit(body)
		if err != nil {
			adminError(w, http.StatusBadRequest, err.Error())
			return
		}
		s.EditServer(id, edit)
	case http.MethodDelete:
		if s.RemoveServer(id) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
	default:
		adminMethod(w, "GET, HEAD, PUT, PATCH, DELETE")
		return
	}
	s.adminShow(w, id)
}

func (s *Sandbox) adminShow(w http.ResponseWriter, id int64) {
	s.mu.Lock()
	sv := s.fleet.find(id)
	var view detailView
	if sv != nil {
		sv.settle(s.opts.Now())
		view = s.detail(sv)
	}
	s.mu.Unlock()
	if sv == nil {
		adminError(w, http.StatusNotFound, "there is no such server; POST "+BasePath+"/servers/ makes one")
		return
	}
	adminReply(w, http.StatusOK, view)
}

func adminBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err != nil {
		adminError(w, http.StatusBadRequest, "the body can't be read: "+err.Error())
	}
	return body, err == nil
}

func adminReply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	write(w, append(encode(v), '\n'))
}

func adminError(w http.ResponseWriter, status int, message string) {
	adminReply(w, status, struct {
		Error string `json:"error"`
	}{message})
}

func adminMethod(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	adminError(w, http.StatusMethodNotAllowed, "this takes "+allow)
}
