package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"sync"

	"vpsops/internal/inert"
)

//go:embed templates/*.html assets
var files embed.FS

// templates are parsed when the first page is wanted: a process that only
// serves an assistant starts without them.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "templates/*.html"))
})

// layout is what every page has.
type layout struct {
	Title   string
	Person  string // who is signed in; "" for nobody
	Places  []place
	SignOut string // the token of the sign-out form; "" for none
	Events  string // the stream that says when to look again; "" for none
	Refresh string // after how many seconds to look again without scripts; "" for never
	At      string // the address to look at then, where it isn't the one that was asked for
}

// follows has the page look again when what it shows changes: at once with
// scripts, else after so many seconds.
func (l *layout) follows(stream, face, seconds string) {
	l.Events, l.Refresh = stream+"?"+url.Values{"face": {face}}.Encode(), seconds
}

func (p *page) layout(title string, v visitor) layout { return p.layoutAt("", title, v) }

// layoutAt is a layout of one of the places that the bar on top leads to.
func (p *page) layoutAt(here, title string, v visitor) layout {
	l := layout{Title: title, Person: inertName(v.Person), Places: placesFrom(here)}
	if v.Session != nil {
		l.SignOut = p.formToken(v, aboutSignOut, "")
	}
	return l
}

// render writes a page whole, or an error: never half of a page.
func (p *page) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var body bytes.Buffer
	if err := templates().ExecuteTemplate(&body, name+".html", data); err != nil {
		p.Logger.Error("a page could not be made", "page", name, "error", err)
		http.Error(w, "this page could not be made; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(body.Bytes()); err != nil {
		p.Logger.Debug("an answer was not taken", "path", r.URL.Path, "error", err)
	}
}

type messagePage struct {
	layout
	Text string
}

// refuse answers with a plain page that says what and what next.
func (p *page) refuse(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	l := layout{Title: title}
	if v, err := p.visitor(r); err == nil { // whoever is signed in keeps the bar on top
		l = p.layout(title, v)
	}
	p.render(w, r, status, "message", messagePage{l, text})
}

func (p *page) notFound(w http.ResponseWriter, r *http.Request) {
	p.refuse(w, r, http.StatusNotFound, "There is nothing here", "The address is wrong, or what was here is none of your business.")
}

func (p *page) refuseToken(w http.ResponseWriter, r *http.Request) {
	p.Logger.Warn("a form without a token of its own was refused", "path", r.URL.Path)
	p.refuse(w, r, http.StatusForbidden, "This form is not valid any more",
		"Nothing was done. It belongs to another sign-in, or was open too long: open the request again and decide there.")
}

// fail answers what we could not do for reasons of our own.
func (p *page) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Logger.Error("a page failed", "path", r.URL.Path, "error", err)
	p.refuse(w, r, http.StatusInternalServerError, "Something went wrong here",
		"Look at the request before you try again: it says how it stands. The log of vpsops says what happened.")
}

const (
	maxName  = 80  // runes
	maxValue = 260 // of a setting: a hostname has up to 253, and counts by its end
)

// inertName makes a name from outside safe to show.
func inertName(s string) string { return inert.Text(s, maxName) }

// inertValue does so with what is, or would be, set.
func inertValue(s string) string { return inert.Text(s, maxValue) }
