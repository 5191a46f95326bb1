package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// askPage is the form by which something is asked to be done to a server.
type askPage struct {
	layout
	Alert    string // why an ask was refused
	Path     string
	Back     string
	Action   string
	Label    string
	Danger   bool
	Effect   string
	Name     string
	Facts    []fact
	Account  string
	In       string // the account's name, where there are several
	Token    string
	How      string
	Needs    []need
	Denied   []string
	Glass    bool // the ask is one with break-glass
	Settings settings
	Reason   string
}

// settings are what an update can change, as text.
type settings struct {
	Name     string `json:"n"`
	Hostname string `json:"h"`
	Backups  string `json:"b"` // on, off, or nothing where it is not known
}

func settingsOf(s vpsapi.Server) settings {
	return settings{s.Name, s.Hostname, yesNo(s.BackupsEnabled)}
}

// typable are the settings as a form can show them and get them back: a browser
// changes what holds a line break, and what can't be seen nobody should take for
// what it looks like. An empty field leaves its setting as it is.
func (s settings) typable() settings {
	if inert.Suspicious(s.Name) {
		s.Name = ""
	}
	if inert.Suspicious(s.Hostname) {
		s.Hostname = ""
	}
	return s
}

func aboutAsk(action policy.Action, server string) string {
	return "ask " + string(action) + " " + server
}

// askable returns the action that an address names, if it is one on a server.
func askable(r *http.Request) (policy.Action, bool) {
	action := policy.Action(r.PathValue("action"))
	_, ok := askLabels[action]
	return action, ok && action != policy.Create
}

// showAsk shows the form that asks for an action on a server.
func (p *page) showAsk(w http.ResponseWriter, r *http.Request, v visitor) {
	action, ok := askable(r)
	if !ok {
		p.notFound(w, r)
		return
	}
	account := r.URL.Query().Get("account")
	s, _, err := p.serverFor(r, v, account)
	if err != nil {
		p.cannot(w, r, v, hereServers, "This cannot be asked", account, err)
		return
	}
	page, err := p.askPage(r, v, action, account, s)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, "ask", page)
}

func (p *page) askPage(r *http.Request, v visitor, action policy.Action, account string, s vpsapi.Server) (askPage, error) {
	d, err := p.Ballot.Outlook(r.Context(), v.actor(), action, account, s)
	if err != nil {
		return askPage{}, err
	}
	as := settingsOf(s)
	shown, err := json.Marshal(as)
	if err != nil { // a struct of strings marshals
		return askPage{}, err
	}
	view := gate.View{Request: ledger.Request{Action: action}}
	page := askPage{
		layout: p.layoutAt(hereServers, askLabels[action]+" "+inertName(s.Name), v), Path: serverPath(s.ID, action, ""), Back: serverPath(s.ID, "", account),
		Action: string(action), Label: askLabels[action], Danger: action == policy.Delete, Effect: consequence(view),
		Name: inertName(s.Name), Facts: factLines(factsOf(s), p.Now()), Account: account,
		Token: p.onceToken(v, aboutAsk(action, s.ID.String()), string(shown)),
		How:   effectHow(d), Needs: p.wouldNeed(v, d.Needs), Glass: len(d.Lifts) > 0, Settings: as.typable(),
	}
	page.In = p.shownAccount(account)
	for _, why := range d.Denied {
		page.Denied = append(page.Denied, inert.Sentence(withMoments(why), maxReason))
	}
	if page.Glass {
		page.Needs = p.wouldNeed(v, d.Lifts)
	}
	return page, nil
}

// ask hands in what a form asks for. What it asks is about the server as the
// form showed it.
func (p *page) ask(w http.ResponseWriter, r *http.Request, v visitor) {
	action, ok := askable(r)
	if !ok {
		p.notFound(w, r)
		return
	}
	id, form := r.PathValue("id"), r.PostForm
	shown, ok := p.onceShown(w, r, v, aboutAsk(action, id))
	if !ok {
		return
	}
	var was settings
	if err := json.Unmarshal([]byte(shown), &was); err != nil {
		p.fail(w, r, err)
		return
	}
	op := gate.Operation{
		Action: action, Account: form.Get("account"), Server: gate.Ref{Text: id, IsID: true},
		BreakGlass: form.Get("break_glass") == "yes", Reason: form.Get("reason"),
	}
	switch action {
	case policy.Delete:
		op.Name = was.Name
	case policy.Update:
		op.Update = changesTo(was, settings{form.Get("name"), form.Get("hostname"), form.Get("backups")})
	}
	var view gate.View
	var err error
	if op.Update != nil && *op.Update == (vpsapi.UpdateServerParams{}) {
		err = &gate.InvalidError{Problem: "nothing is changed yet: give it another name, hostname or setting of its backups"}
	} else {
		view, err = p.Ballot.Ask(r.Context(), v.actor(), op)
	}
	if err != nil {
		p.refuseAsk(w, r, v, action, op.Account, err)
		return
	}
	http.Redirect(w, r, askedPath(view), http.StatusSeeOther)
}

// askedAgain stands in the address of a request that was open already when the same was
// asked for.
const askedAgain = "again"

// askedPath is where whoever asks is led to.
func askedPath(v gate.View) string {
	if v.Again {
		return "/requests/" + v.ID + "?" + askedAgain + "=yes"
	}
	return "/requests/" + v.ID
}

// changesTo are the settings that a form wants otherwise than it showed them.
func changesTo(was, want settings) *vpsapi.UpdateServerParams {
	u := &vpsapi.UpdateServerParams{}
	if want.Name != "" && want.Name != was.Name {
		u.Name = &want.Name
	}
	if want.Hostname != "" && want.Hostname != was.Hostname {
		u.Hostname = &want.Hostname
	}
	if want.Backups != "" && want.Backups != was.Backups {
		on := want.Backups == "on"
		u.BackupsEnabled = &on
	}
	return u
}

// refuseAsk shows the form again, with what is wrong on top and what was typed
// still in it.
func (p *page) refuseAsk(w http.ResponseWriter, r *http.Request, v visitor, action policy.Action, account string, why error) {
	t, known := p.explain(v, account, why)
	if !known {
		p.fail(w, r, why)
		return
	}
	var page askPage
	s, _, err := p.serverFor(r, v, account)
	if err == nil {
		page, err = p.askPage(r, v, action, account, s)
	}
	if err != nil {
		p.cannot(w, r, v, hereServers, "This was not asked", account, why)
		return
	}
	form := r.PostForm
	page.Alert, page.Reason, page.Title = t.text, form.Get("reason"), "Not asked: "+page.Title
	page.Settings = settings{cmp.Or(form.Get("name"), page.Settings.Name), cmp.Or(form.Get("hostname"), page.Settings.Hostname), cmp.Or(form.Get("backups"), page.Settings.Backups)}
	p.render(w, r, t.status, "ask", page)
}

// onceShown returns what a form that is good once showed. It answers and is
// false where the form does not count.
func (p *page) onceShown(w http.ResponseWriter, r *http.Request, v visitor, about string) (shown string, ok bool) {
	shown, ok, err := p.useOnceToken(r.Context(), v, about, r.PostForm.Get("csrf"))
	switch {
	case errors.Is(err, ledger.ErrSpent):
		l := p.layout("This form was sent before", v)
		p.render(w, r, http.StatusConflict, "message", messagePage{l, "Nothing was done a second time. What came of it is under Requests and Locks."})
		return "", false
	case err != nil:
		p.fail(w, r, err)
		return "", false
	case !ok:
		p.refuseToken(w, r)
	}
	return shown, ok
}

func (p *page) once(w http.ResponseWriter, r *http.Request, v visitor, about string) bool {
	_, ok := p.onceShown(w, r, v, about)
	return ok
}
