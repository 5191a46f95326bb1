package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"vpsops/internal/listing"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// createPage is the form for a new server.
type createPage struct {
	layout
	Alert     string
	Token     string
	Account   string
	In        string   // the account's name, where there are several
	Plans     []option // none where the account may not list them
	Systems   []option
	Locations []string
	How       string
	Needs     []need
	Given     created
}

// option is something to choose by its id.
type option struct{ ID, Name string }

// created is what a form for a new server holds.
type created struct {
	Name, Plan, System, Location, Hostname, Key, Backups, Reason string
}

const aboutCreate = "ask create"

// showCreate shows the form for a new server.
func (p *page) showCreate(w http.ResponseWriter, r *http.Request, v visitor) {
	p.createForm(w, r, v, r.URL.Query().Get("account"), http.StatusOK, "", created{})
}

func (p *page) createForm(w http.ResponseWriter, r *http.Request, v visitor, account string, status int, alert string, given created) {
	d, may := p.Ballot.May(v.actor())[policy.Create]
	if !may {
		l := p.layoutAt(hereServers, "You may not create servers", v)
		text := "The policy grants it to others. What you may do is under Policy."
		if p.Ballot.ReadOnly() {
			text = "vpsops runs read-only: nothing is changed, whoever asks."
		}
		p.render(w, r, http.StatusForbidden, "message", messagePage{l, text})
		return
	}
	page := createPage{
		layout: p.layoutAt(hereServers, "A new server", v), Alert: alert, Account: account, Given: given,
		Token: p.onceToken(v, aboutCreate, ""), How: effectHow(d), Needs: p.wouldNeed(v, d.Needs),
	}
	page.In = p.shownAccount(account)
	if err := p.addChoices(r.Context(), v, &page); err != nil {
		p.cannot(w, r, v, hereServers, "What a server can be made of cannot be read", account, err)
		return
	}
	p.render(w, r, status, "create", page)
}

// addChoices adds the plans, where they may be read, and the systems and
// locations of the servers that the visitor may list: the API has no list of
// either.
func (p *page) addChoices(ctx context.Context, v visitor, page *createPage) error {
	source, err := p.Ballot.Source(page.Account)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	var visible func(*vpsapi.Server) bool
	if p.Ballot.MayRead(v.actor(), policy.List, source.Account, nil) == nil {
		visible = p.lister(v, source.Account)
	}
	found, err := listing.ReadChoices(ctx, source.Reader, "", visible)
	if err != nil {
		return err
	}
	for _, plan := range found.Plans {
		if plan.Available {
			page.Plans = append(page.Plans, option{plan.ID.String(), planWords(plan)})
		}
	}
	for _, l := range found.Locations {
		page.Locations = append(page.Locations, inertName(l))
	}
	for _, s := range found.Systems {
		page.Systems = append(page.Systems, option{s.ID.String(), inertName(s.Name)})
	}
	return nil
}

func planWords(p vpsapi.Plan) string {
	price := "price unknown"
	if p.PriceMonthly.Known() {
		price = p.PriceMonthly.String() + " a month"
	}
	return fmt.Sprintf("%s: %d vCPU, %d MB, %d GB, %s", inertName(p.Name), p.VCPUs, p.Memory, p.Storage, price)
}

// create hands in what the form for a new server asks for.
func (p *page) create(w http.ResponseWriter, r *http.Request, v visitor) {
	if !p.once(w, r, v, aboutCreate) {
		return
	}
	form := r.PostForm
	given := created{
		form.Get("name"), form.Get("plan"), form.Get("system"), form.Get("location"),
		form.Get("hostname"), form.Get("key"), form.Get("backups"), form.Get("reason"),
	}
	account := form.Get("account")
	params, err := given.params()
	var view gate.View
	if err == nil {
		view, err = p.Ballot.Ask(r.Context(), v.actor(), gate.Operation{Action: policy.Create, Account: account, Create: params, Reason: given.Reason})
	}
	if err == nil {
		http.Redirect(w, r, askedPath(view), http.StatusSeeOther)
		return
	}
	t, known := p.explain(v, account, err)
	if !known {
		p.fail(w, r, err)
		return
	}
	p.createForm(w, r, v, account, t.status, t.text, given)
}

// params are what the form asks for, as the API takes it.
func (c created) params() (*vpsapi.CreateServerParams, error) {
	params := &vpsapi.CreateServerParams{Name: strings.TrimSpace(c.Name), Location: strings.TrimSpace(c.Location), Hostname: strings.TrimSpace(c.Hostname)}
	for _, id := range []struct {
		field, text string
		into        *vpsapi.ID
	}{{"plan", c.Plan, &params.PlanID}, {"system", c.System, &params.OSID}} {
		parsed, err := vpsapi.ParseID(strings.TrimSpace(id.text))
		if err != nil {
			return nil, &gate.InvalidError{Field: id.field, Problem: "is needed: choose one, or give its id as the panel shows it"}
		}
		*id.into = parsed
	}
	if key := strings.TrimSpace(c.Key); key != "" {
		parsed, err := vpsapi.ParseID(key)
		if err != nil {
			return nil, &gate.InvalidError{Field: "SSH key", Problem: "is the key's id, as the panel shows it"}
		}
		params.SSHKeyID = &parsed
	}
	if c.Backups == "on" {
		on := true
		params.BackupsEnabled = &on
	}
	return params, nil
}
