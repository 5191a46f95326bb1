package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"vpsops/internal/inert"
	"vpsops/internal/listing"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

const serversShown = 50

// serversPage is a part of an account's list of servers.
type serversPage struct {
	layout
	Text, Status, Location, Account string // what is looked for
	Accounts                        []string
	Statuses                        []string
	Rows                            []serverRow
	From, To, Total                 int
	Newer, Older                    string // addresses of the parts beside it
	Narrowed                        bool
	Meant                           string // that a location isn't known, and which may be meant; "" where it is
	MayCreate                       bool
	New                             string // the address of the form for a new server
}

type serverRow struct {
	Path    string
	Name    string
	Odd     bool
	ID      string
	Status  badge
	Address string
	Where   string
	Plan    string
}

// showServers lists the servers that the visitor may see.
func (p *page) showServers(w http.ResponseWriter, r *http.Request, v visitor) {
	asked := r.URL.Query()
	page := serversPage{
		layout: p.layoutAt(hereServers, "Servers", v), Accounts: p.shownAccounts(),
		Text: strings.TrimSpace(asked.Get("q")), Status: asked.Get("status"), Location: strings.TrimSpace(asked.Get("location")), Account: asked.Get("account"),
		Statuses:  []string{string(vpsapi.StatusActive), string(vpsapi.StatusStopped), string(vpsapi.StatusSuspended)},
		MayCreate: p.mayAsk(v, policy.Create), New: withAccount("/servers/new", asked.Get("account")),
	}
	page.Narrowed = page.Text != "" || page.Status != "" || page.Location != ""
	found, err := p.listed(r.Context(), v, &page, asked.Get("from"))
	if err != nil {
		p.cannot(w, r, v, hereServers, "The servers cannot be listed", page.Account, err)
		return
	}
	for _, s := range found.Servers {
		page.Rows = append(page.Rows, serverRowOf(s, page.Account))
	}
	page.addPages(found, asked)
	p.render(w, r, http.StatusOK, "servers", page)
}

// listed reads the part of the list that a form asked for, and says of a location
// that isn't known which may be meant.
func (p *page) listed(ctx context.Context, v visitor, page *serversPage, from string) (listing.Found, error) {
	if err := p.Ballot.MayRead(v.actor(), policy.List, page.Account, nil); err != nil {
		return listing.Found{}, err
	}
	source, err := p.Ballot.Source(page.Account)
	if err != nil {
		return listing.Found{}, err
	}
	offset, err := offsetOf(from)
	if err != nil {
		return listing.Found{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	visible := p.lister(v, source.Account)
	found, err := listing.Window{
		Reader: source.Reader, Filter: vpsapi.ServerFilter{Status: vpsapi.Status(page.Status), Location: page.Location},
		Query: strings.ToLower(page.Text), Offset: offset, Limit: serversShown, Visible: visible,
	}.Read(ctx)
	if err == nil && found.Total == 0 && page.Location != "" {
		page.Meant = listing.Nowhere(ctx, source.Reader, page.Location, visible)
	}
	return found, err
}

func offsetOf(from string) (int, error) {
	if from == "" {
		return 0, nil
	}
	offset, err := strconv.Atoi(from)
	if err != nil || offset < 0 || offset > 1<<30 {
		return 0, &gate.InvalidError{Field: "from", Problem: "is the number of servers before the first"}
	}
	return offset, nil
}

// addPages says which part of the list it is, and where the parts beside it
// are.
func (s *serversPage) addPages(found listing.Found, asked url.Values) {
	from, _ := strconv.Atoi(asked.Get("from")) // it was read before
	s.From, s.To, s.Total = min(from+1, found.Total), from+len(found.Servers), found.Total
	at := func(offset int) string {
		asked.Set("from", strconv.Itoa(offset))
		return hereServers + "?" + asked.Encode()
	}
	if found.Next > 0 {
		s.Older = at(found.Next)
	}
	if from > 0 {
		s.Newer = at(max(0, from-serversShown))
	}
}

func serverRowOf(s vpsapi.Server, account string) serverRow {
	return serverRow{
		Path: serverPath(s.ID, "", account), Name: inertName(s.Name), Odd: inert.Suspicious(s.Name), ID: inertName(s.ID.String()),
		Status: statusBadge(s.Status), Address: inertName(s.IPAddress), Where: inertName(s.Location), Plan: inertName(s.Plan.Name),
	}
}

func statusBadge(s vpsapi.Status) badge {
	b := badge{inertName(string(s)), "quiet"}
	switch {
	case s == vpsapi.StatusActive:
		b.Tone = "good"
	case s == vpsapi.StatusSuspended:
		b.Tone = "bad"
	case s.Transitional():
		b.Tone = "wait"
	}
	return b
}

// serverPath is the address of a server's page, or of the form that asks for
// something to be done to it.
func serverPath(id vpsapi.ID, action policy.Action, account string) string {
	path := "/servers/" + url.PathEscape(id.String())
	if action != "" {
		path += "/" + string(action)
	}
	return withAccount(path, account)
}

func withAccount(path, account string) string {
	if account == "" {
		return path
	}
	return path + "?" + url.Values{"account": {account}}.Encode()
}

// mayAsk tells whether the visitor may ask for an action on some server at all.
func (p *page) mayAsk(v visitor, action policy.Action) bool {
	_, may := p.Ballot.May(v.actor())[action]
	return may
}
