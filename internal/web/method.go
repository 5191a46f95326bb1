package web

import (
	"net/http"
	"strings"
)

// elsewhere answers what none of the mux's own patterns takes: with 405 where it takes
// the same by another method, else with 404.
func (p *page) elsewhere(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		allowed := methodsOf(mux, r)
		if len(allowed) == 0 {
			p.notFound(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p.refuse(w, r, http.StatusMethodNotAllowed, "That is not done this way",
			"Nothing was done. Open the page that this belongs to, and use its links and buttons.")
	}
}

// methodsOf are the methods by which a pattern of the mux's own takes a request.
func methodsOf(mux *http.ServeMux, r *http.Request) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		probe := &http.Request{Method: method, Host: r.Host, URL: r.URL}
		if _, pattern := mux.Handler(probe); pattern != "" && pattern != everythingElse {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// everythingElse is the pattern of what no other takes.
const everythingElse = "/"
