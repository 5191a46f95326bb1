package web

import (
	"errors"
	"mime"
	"net/http"
)

const maxForm = 64 << 10 // bytes

// ownForm lets a POST through only if a page of ours sent it: from our own
// origin, as a plain form. It reads the form into r.PostForm.
func (p *page) ownForm(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !p.fromOwnOrigin(r.Header) {
			p.Logger.Warn("a form from elsewhere was refused", "path", r.URL.Path, "origin", r.Header.Get("Origin"))
			p.refuse(w, r, http.StatusForbidden, "This form did not come from this page",
				"Nothing was done. Open the request here and decide again.")
			return
		}
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
			p.refuse(w, r, http.StatusUnsupportedMediaType, "That was not a form", "Nothing was done. Use the buttons of this page.")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			p.refuseForm(w, r, err)
			return
		}
		for _, values := range r.PostForm {
			if len(values) > 1 { // which one was meant?
				p.refuseForm(w, r, errors.New("a field came twice"))
				return
			}
		}
		next(w, r)
	}
}

func (p *page) refuseForm(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p.refuse(w, r, http.StatusRequestEntityTooLarge, "That was too long", "Nothing was done. Go back and say it in fewer words.")
		return
	}
	p.refuse(w, r, http.StatusBadRequest, "That form could not be read", "Nothing was done. Open the request and decide again.")
}

// fromOwnOrigin decides by what a browser says and no script can fake. Every
// browser says where a form comes from; who says nothing is none, and what
// keeps others' forms out then is the form's token alone.
func (p *page) fromOwnOrigin(h http.Header) bool {
	origins, site := h.Values("Origin"), h.Get("Sec-Fetch-Site")
	if site != "" && site != "same-origin" {
		return false
	}
	return len(origins) == 0 || len(origins) == 1 && origins[0] == p.Origin
}
