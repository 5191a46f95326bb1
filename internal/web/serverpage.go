package web

import (
	"context"
	"net/http"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi"
)

// serverPage is one server, and what the visitor may ask to have done to it.
type serverPage struct {
	layout
	Name     string
	Odd      bool
	ID       string
	Status   badge
	Facts    []fact
	Account  string
	Holds    []holdRow
	Actions  []offer
	ReadOnly bool
	Lock     *lockForm
	Trail    string // the address of the trail about it
}

// offer is an action that may be asked for, or why it may not.
type offer struct {
	Action string
	Label  string
	Danger bool
	Path   string // of the form; "" where it makes no sense to ask
	How    string
	Needs  []need
	Denied []string
	Glass  bool // asking with break-glass would lift the denial
}

// lockForm is what a lock on a server is put up with.
type lockForm struct {
	Path    string
	Token   string
	Account string
	Times   []holdTime
}

// powerful are the actions on a server, in the order in which they are offered.
var powerful = []policy.Action{policy.Start, policy.Reboot, policy.Stop, policy.Update, policy.Delete}

var askLabels = map[policy.Action]string{
	policy.Start: "Start", policy.Reboot: "Restart", policy.Stop: "Stop", policy.Update: "Change or rename", policy.Delete: "Delete for good",
	policy.Create: "Create",
}

// serverFor reads the server that an address names, for a visitor who may see
// it.
func (p *page) serverFor(r *http.Request, v visitor, account string) (s vpsapi.Server, source gate.Source, err error) {
	if err = p.Ballot.MayRead(v.actor(), policy.Get, account, nil); err != nil {
		return s, source, err
	}
	if source, err = p.Ballot.Source(account); err != nil {
		return s, source, err
	}
	id, err := vpsapi.ParseID(r.PathValue("id"))
	if err != nil {
		return s, source, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), lookTime)
	defer cancel()
	if s, err = source.Reader.GetServer(ctx, id); err != nil {
		return s, source, err
	}
	return s, source, p.Ballot.MayRead(v.actor(), policy.Get, source.Account, &s)
}

// showServer shows one server with what may be asked.
func (p *page) showServer(w http.ResponseWriter, r *http.Request, v visitor) {
	account := r.URL.Query().Get("account")
	s, source, err := p.serverFor(r, v, account)
	if err != nil {
		p.cannot(w, r, v, hereServers, "This server cannot be shown", account, err)
		return
	}
	page := serverPage{
		layout: p.layoutAt(hereServers, inertName(s.Name), v), Name: inertName(s.Name), Odd: inert.Suspicious(s.Name), ID: inertName(s.ID.String()),
		Status: statusBadge(s.Status), Facts: factLines(factsOf(s), p.Now()), ReadOnly: p.Ballot.ReadOnly(), Trail: trailOf("server", s.ID.String(), p.accountInPath(source.Account)),
		Holds: p.holdsOn(r.Context(), v, source.Account, s),
	}
	if len(p.Ballot.Accounts()) > 1 {
		page.Account = inertName(source.Account)
	}
	if page.Actions, err = p.offers(r.Context(), v, s, account); err != nil {
		p.fail(w, r, err)
		return
	}
	if p.mayAsk(v, policy.Lock) {
		page.Lock = &lockForm{serverPath(s.ID, policy.Lock, ""), p.onceToken(v, aboutLock(s.ID.String()), ""), account, holdTimes}
	}
	p.render(w, r, http.StatusOK, "server", page)
}

// offers says of every action on a server how an ask would end. Where nothing
// may be changed at all, there are none.
func (p *page) offers(ctx context.Context, v visitor, s vpsapi.Server, account string) (offers []offer, err error) {
	if p.Ballot.ReadOnly() {
		return nil, nil
	}
	said := make(map[string]bool) // a reason that is told once is enough
	for _, action := range powerful {
		d, err := p.Ballot.Outlook(ctx, v.actor(), action, account, s)
		if err != nil {
			return nil, err
		}
		o := offer{Action: string(action), Label: askLabels[action], Danger: action == policy.Delete}
		if why := senseless(action, s.Status); why != "" {
			o.How = why
		} else {
			o.How, o.Needs, o.Glass = effectHow(d), p.wouldNeed(v, d.Needs), len(d.Lifts) > 0
			o.Denied = tellOnce(d.Denied, said)
			if d.Effect != policy.Deny || o.Glass {
				o.Path = serverPath(s.ID, action, account)
			}
		}
		offers = append(offers, o)
	}
	return offers, nil
}

// tellOnce are reasons in full where they are told the first time.
func tellOnce(reasons []string, said map[string]bool) (told []string) {
	for _, why := range reasons {
		text := inert.Sentence(withMoments(why), maxReason)
		if said[text] {
			text = "For the same reason."
		} else {
			said[text] = true
		}
		told = append(told, text)
	}
	return told
}

func effectHow(d policy.Decision) string {
	return map[policy.Effect]string{
		policy.Allow: "Done at once.", policy.Confirm: "You confirm it on the page that follows.", policy.Approve: "Others must approve it.", policy.Deny: "",
	}[d.Effect]
}

// senseless says why the API would refuse an action now, or "". A status that
// is not known is left to the API.
func senseless(a policy.Action, status vpsapi.Status) string {
	power := a == policy.Start || a == policy.Stop || a == policy.Reboot
	switch {
	case !power:
		return ""
	case status.Transitional():
		return "It is " + inertName(string(status)) + ": wait until it has arrived."
	case status == vpsapi.StatusSuspended:
		return "It is suspended: only the provider can lift that."
	case a == policy.Start && status == vpsapi.StatusActive:
		return "It runs already."
	case a != policy.Start && status == vpsapi.StatusStopped:
		return "It is not running."
	}
	return ""
}

// holdsOn are the locks and freezes that keep a server from being changed.
func (p *page) holdsOn(ctx context.Context, v visitor, account string, s vpsapi.Server) (rows []holdRow) {
	holds, err := p.Ballot.HoldsOn(ctx, v.actor(), account, s)
	if err != nil {
		p.Logger.Info("locks and freezes could not be read for the page", "error", err)
	}
	for _, h := range holds {
		rows = append(rows, p.holdRow(v, h))
	}
	return rows
}
