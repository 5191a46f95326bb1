package web

import (
	"net/http"
	"time"
)

// answerTime is how long a browser may take an answer in; a stream of events
// has a time for each.
const answerTime = time.Minute

// The answers' headers. Scripts are files of our own, and nothing comes from
// elsewhere. No script may make markup of a text (Trusted Types), so none can
// be tricked into it.
//
// The referrer policy is same-origin and not no-referrer: under the latter a
// browser sends "Origin: null" with the page's own forms (Fetch, "append a
// request Origin header"), and forms could not be told from foreign ones.
// Either way no other site learns an address, which may hold a sign-in code.
var securityHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":              "same-origin",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"X-Robots-Tag":                 "noindex",
	"Cache-Control":                "no-store",
}

func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range securityHeaders {
			w.Header().Set(name, value)
		}
		// Where it cannot be set, the server's own time-outs hold.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime))
		next.ServeHTTP(w, r)
	})
}
