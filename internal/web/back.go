package web

import (
	"net/http"
	"strings"
)

// backTo is the page on which the form stands that is sent to an address: for who opens
// that address, or has sent it without being signed in. It is "" where there is none.
func backTo(r *http.Request) string {
	const last = 2 // the part of the path that says what is done
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	back := "/" + parts[0]
	switch {
	case parts[0] == "login" || parts[0] == "logout":
		return ""
	case parts[0] == "requests" && len(parts) > last:
		return back + "/" + parts[1]
	case parts[0] == "servers" && len(parts) > last && parts[last] == "lock":
		back += "/" + parts[1]
	case parts[0] == "servers":
		back = "/" + strings.Join(parts, "/")
	}
	if account := accountOf(r); parts[0] == "servers" {
		return withAccount(back, account)
	}
	return back
}

// accountOf is the account that a form or an address names.
func accountOf(r *http.Request) string {
	if r.PostForm.Has("account") {
		return r.PostForm.Get("account")
	}
	return r.URL.Query().Get("account")
}

// goBack is for who opens the address to which a form is sent.
func goBack(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, backTo(r), http.StatusSeeOther)
}
