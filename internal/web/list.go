package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
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
	Glass    string // the rules that it goes against; "" where no glass was broken
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

// lists are the requests that wait for a visitor, and those that they have
// asked.
type lists struct {
	waiting, own []gate.View
	face         string
}

func (p *page) lists(ctx context.Context, v visitor) (l lists, err error) {
	if l.waiting, err = p.Ballot.Waiting(ctx, v.Voter); err != nil {
		return l, err
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(view gate.View) bool { return p.Ballot.Choices(v.Voter, view).Given })
	if l.own, err = p.Ballot.Own(ctx, v.actor(), ownShown); err != nil {
		return l, err
	}
	l.own = slices.DeleteFunc(l.own, func(view gate.View) bool {
		return slices.ContainsFunc(l.waiting, func(w gate.View) bool { return w.ID == view.ID })
	})
	l.face = faceOf(append(slices.Clone(l.waiting), l.own...)...)
	return l, nil
}

// showRequests lists what waits for this person and what they have asked.
func (p *page) showRequests(w http.ResponseWriter, r *http.Request, v visitor) {
	lists, err := p.lists(r.Context(), v)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	page := listPage{p.layoutAt(hereRequests, "Requests", v), p.rows(lists.waiting), p.rows(lists.own)}
	page.follows("/requests/events", lists.face, "30")
	p.render(w, r, http.StatusOK, "requests", page)
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
		Account: p.accountName(v), Glass: glassOf(v),
	}
	if v.ServerID != "" {
		r.Server = "server " + inertName(v.ServerID)
	}
	if r.Badge.Text == "waiting" {
		r.Expires = momentOf(v.ExpiresAt, now)
	}
	return r
}

// glassOf names the rules that break-glass lifted.
func glassOf(v gate.View) string {
	var ids []string
	for _, r := range v.Glass() {
		ids = append(ids, inertName(r.ID))
	}
	return strings.Join(ids, ", ")
}

// accountName is "" where there is just one account to speak of.
func (p *page) accountName(v gate.View) string {
	if len(p.Ballot.Accounts()) < 2 {
		return ""
	}
	return inertName(v.Account)
}
