package web

import (
	"net/http"
	"slices"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
)

const ownShown = 30

// row is a request in a list.
type row struct {
	ID       string
	Headline string
	Danger   bool
	Server   string
	Odd      bool
	Account  string
	Asker    string
	Through  string
	Badge    badge
	Expires  moment // while it waits
	Asked    moment
}

type listPage struct {
	layout
	Waiting []row
	Own     []row
}

// showRequests lists what waits for this person and what they have asked.
func (p *page) showRequests(w http.ResponseWriter, r *http.Request, v visitor) {
	waiting, err := p.Ballot.Waiting(r.Context(), v.Voter)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	waiting = slices.DeleteFunc(waiting, func(view gate.View) bool { return p.Ballot.Choices(v.Voter, view).Given })
	own, err := p.Ballot.Own(r.Context(), v.actor(), ownShown)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	own = slices.DeleteFunc(own, func(view gate.View) bool {
		return slices.ContainsFunc(waiting, func(w gate.View) bool { return w.ID == view.ID })
	})
	w.Header().Set("Refresh", "30")
	p.render(w, r, http.StatusOK, "requests", listPage{p.layout("Requests", v), p.rows(waiting), p.rows(own)})
}

func (p *page) rows(views []gate.View) []row {
	now, rows := p.Now(), make([]row, len(views))
	for i, v := range views {
		rows[i] = p.row(v, now)
	}
	return rows
}

func (p *page) row(v gate.View, now time.Time) row {
	r := row{
		ID: v.ID, Headline: headline(v), Danger: isDanger(v), Odd: inert.Suspicious(v.Shown.Name()),
		Asker: inertName(v.Person), Through: frontWords(v.Front), Badge: badgeOf(v, now), Asked: momentOf(v.CreatedAt, now),
		Account: p.accountName(v),
	}
	if v.ServerID != "" {
		r.Server = "server " + inertName(v.ServerID)
	}
	if r.Badge.Text == "waiting" {
		r.Expires = momentOf(v.ExpiresAt, now)
	}
	return r
}

// accountName is "" where there is just one account to speak of.
func (p *page) accountName(v gate.View) string {
	if len(p.Ballot.Accounts()) < 2 {
		return ""
	}
	return inertName(v.Account)
}
