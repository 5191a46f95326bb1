package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// requestPage is everything about one request. What the asker says comes last.
type requestPage struct {
	layout
	ID       string
	Digest   string // of what is shown
	Alert    string // why a vote was refused
	Again    bool   // the visitor has just asked for what they had asked for before
	Danger   bool
	Headline string
	Odd      bool // the server's name may not be what it looks like
	Effect   string
	Warnings []string
	Badge    badge
	Outcome  string // "" while it waits
	Server   serverCard
	Account  string
	ToServer string // the address of the server's page; "" where there is nothing to see
	Asker    string
	Through  string
	Client   string // what the MCP client calls itself
	Asked    moment
	Expires  moment // while it is open
	Needs    []need
	Votes    []vote
	Rules    []rule
	Reason   string // the asker's
	Decision decision
	Announce string   // what a change is read aloud as
	Model    bool     // a model may have said the reason
	Timing   string   // how long it took, or has taken so far
	Problems []string // why people could not be told of it
	History  []trailRow
	Cancel   string // the token of the form that takes it back; "" for none
	Glass    string // the address of the form that asks for what lifts the denial; "" for none
}

// decision is the voter's part of the page.
type decision struct {
	Open      bool // the request waits for votes
	Approve   bool
	Deny      bool
	WhyNot    string // instead of the approve button
	Label     string // what the button does, to the Target
	Target    string
	TypeName  string // the name to type; "" where none is wanted
	TypeID    bool   // it is the id, as the name can't be typed
	Reason    bool   // an approval needs one
	Token     string
	Passkey   *passkeyFields // where a passkey must sign the approval
	GivenName string         // what was typed into a form that was refused
	Given     string         // the reason given in it
	BadName   bool
	BadReason bool
}

// form tells whether there is anything to type or press.
func (d decision) form() bool { return d.Approve || d.Deny }

// showRequest shows one request to a person whose business it is.
func (p *page) showRequest(w http.ResponseWriter, r *http.Request, v visitor) {
	view, err := p.Ballot.Request(r.Context(), v.actor(), r.PathValue("id"))
	switch {
	case errors.Is(err, gate.ErrNotFound):
		p.noSuchRequest(w, r, v)
	case err != nil:
		p.fail(w, r, err)
	default:
		p.renderRequest(w, r, v, view, http.StatusOK, p.requestPage(r, v, view))
	}
}

// renderRequest answers with a request's page, which goes on with the request: also one
// that says why a vote was refused.
func (p *page) renderRequest(w http.ResponseWriter, r *http.Request, v visitor, view gate.View, status int, page requestPage) {
	if err := p.addHistory(r, v, view, &page); err != nil {
		p.fail(w, r, err)
		return
	}
	page.At = "/requests/" + view.ID
	page.follows(page.At+"/events", faceOf(view), refreshEvery(view, page.Decision))
	p.render(w, r, status, "request", page)
}

// refreshEvery is after how many seconds the page looks again by itself: never
// under somebody's fingers.
func refreshEvery(v gate.View, d decision) string {
	switch {
	case d.form():
		return ""
	case v.State == ledger.Pending:
		return "10"
	case v.State == ledger.Unknown:
		return "5"
	case v.State == ledger.Approved, v.State == ledger.Executing, v.Followed():
		return "2"
	}
	return ""
}

func (p *page) noSuchRequest(w http.ResponseWriter, r *http.Request, v visitor) {
	l := p.layout("There is no such request", v)
	p.render(w, r, http.StatusNotFound, "message", messagePage{l, "Or it is not yours to see. Your requests, and those that wait for you, are listed under Requests."})
}

// notYours answers a vote, or a request taken back, of somebody whose business it isn't,
// or isn't any more.
func (p *page) notYours(w http.ResponseWriter, r *http.Request, v visitor) {
	l := p.layout("This did not count", v)
	p.render(w, r, http.StatusNotFound, "message", messagePage{l, "There is no such request, or it is not yours to decide, or not any more. Nothing was done. What waits for you is listed under Requests."})
}

func (p *page) requestPage(r *http.Request, v visitor, view gate.View) requestPage {
	now := p.Now()
	b := badgeOf(view, now)
	page := requestPage{
		layout: p.layoutAt(hereRequests, headline(view), v), ID: view.ID, Digest: view.Digest,
		Danger: isDanger(view), Headline: headline(view), Odd: inert.Suspicious(view.Shown.Name()),
		Effect: consequence(view), Badge: b,
		Server: p.serverOf(r.Context(), view), Account: p.accountName(view),
		Asker: inertName(view.Person), Through: frontWords(view.Front), Asked: momentOf(view.CreatedAt, now),
		Needs: needsOf(view), Votes: votesOf(view, now), Rules: rulesOf(view),
		Reason: inert.Line(view.Reason, maxReason), Timing: timing(view, now),
	}
	for _, problem := range view.Problems {
		page.Problems = append(page.Problems, inert.Sentence(problem, maxReason))
	}
	if view.State.Open() && view.Person == v.Person {
		page.Cancel = p.formToken(v, aboutCancel(view.ID), "")
	}
	if view.Front == policy.MCP {
		page.Client, page.Model = inertName(view.Client), true
	}
	for _, warning := range view.Warnings() {
		if warning != gate.OddName { // each name is marked itself
			page.Warnings = append(page.Warnings, inert.Line(warning, maxReason))
		}
	}
	if view.State == ledger.Pending {
		page.Again = view.Person == v.Person && r.URL.Query().Has(askedAgain)
		page.Expires = momentOf(view.ExpiresAt, now)
		page.Decision = p.decision(r, v, view)
		if view.Barred != "" {
			page.Warnings = append(page.Warnings, barredWords(view))
		}
		if why := view.ElsewhereWords(); why != "" {
			page.Warnings = append(page.Warnings, inert.Sentence(withMoments(why), maxReason))
		}
	} else {
		page.Outcome = outcome(view)
	}
	if view.HeldBack() {
		page.Decision = p.decision(r, v, view)
	}
	page.Announce = announcement(view, page)
	page.ToServer = p.serverAddress(v, view)
	return page
}

// addHistory adds what the audit trail tells of a request and, where the policy
// has denied it, the way to ask with break-glass.
func (p *page) addHistory(r *http.Request, v visitor, view gate.View, page *requestPage) error {
	rows, err := p.Ballot.History(r.Context(), v.actor(), view.ID)
	if err != nil {
		return err
	}
	page.History = p.trailRows(rows)
	if page.Glass, err = p.glass(r, v, view); err != nil {
		p.Logger.Info("whether a denial can be lifted is not known", "request", view.ID, "error", err)
	}
	return nil
}

// glass is the address of the form by which the asker of a denied request asks
// for what lifts the denial, where something does.
func (p *page) glass(r *http.Request, v visitor, view gate.View) (string, error) {
	denied := view.State == ledger.Denied && len(view.Votes) == 0 && view.Person == v.Person
	if !denied || view.Action == policy.Create || p.Ballot.ReadOnly() {
		return "", nil
	}
	id, err := vpsapi.ParseID(view.Operation.Server.Text)
	if err != nil {
		return "", nil //nolint:nilerr // it was named otherwise, and is not known to be one server's
	}
	s, err := p.look(r.Context(), view.Account, id)
	if err != nil {
		return "", err
	}
	if err := p.Ballot.MayRead(v.actor(), policy.Get, view.Account, &s); err != nil {
		return "", err
	}
	d, err := p.Ballot.Outlook(r.Context(), v.actor(), view.Action, view.Account, s)
	if err != nil || len(d.Lifts) == 0 {
		return "", err
	}
	return serverPath(s.ID, view.Action, p.accountInPath(view.Account)), nil
}

// accountInPath is an account's name for an address; "" where there is just one.
func (p *page) accountInPath(account string) string {
	if len(p.Ballot.Accounts()) < 2 {
		return ""
	}
	return account
}

// isDanger tells whether a server may yet be lost by this.
func isDanger(v gate.View) bool {
	return v.Action == policy.Delete && (v.State.Open() || v.State == ledger.Executing)
}

// decision offers what would count, and says why the rest would not.
func (p *page) decision(r *http.Request, v visitor, view gate.View) decision {
	can := p.Ballot.Choices(v.Voter, view)
	d := decision{
		Open: true, Approve: can.Approve, Deny: can.Deny, Reason: can.Reason,
		Label: approveLabel(view, v.Person == view.Person), Target: inertName(view.Shown.Name()),
		Token: p.formToken(v, view.ID, view.Digest),
	}
	switch {
	case can.Given:
		d.Approve, d.WhyNot = false, "You have approved this. Others must, too."
	case can.Passkey:
		p.offerPasskey(r, v, view, &d)
	case !can.Approve:
		d.WhyNot = inert.Sentence(can.WhyNot, maxReason)
	}
	if can.TypeName && d.Approve {
		word, isID := view.Shown.TypedWord()
		d.TypeName, d.TypeID = inertName(word), isID
	}
	if (can.Approve || can.Passkey) && !can.Given && hasApproved(view, v.Person) {
		d.WhyNot = strings.TrimSpace("Your yes stands, and is not enough any more. " + d.WhyNot)
	}
	return d
}

// hasApproved tells whether somebody's yes to what is asked stands.
func hasApproved(view gate.View, person string) bool {
	return slices.ContainsFunc(view.Votes, func(w ledger.Vote) bool {
		return w.Person == person && w.Approve && w.Digest == view.Digest
	})
}

// barredWords warn whoever is about to approve what would be denied.
func barredWords(v gate.View) string {
	return inert.Sentence(withMoments("if it is approved now, it is denied: "+v.Barred), maxReason)
}

// announcement is what is read aloud when a request's page has changed by itself.
func announcement(view gate.View, page requestPage) string {
	if page.Outcome != "" {
		return page.Outcome
	}
	var said []string
	if view.Barred != "" {
		said = append(said, barredWords(view))
	}
	for _, n := range page.Needs {
		said = append(said, "Still needed: "+n.Who+".")
	}
	return strings.Join(said, " ")
}

// serverAddress is where the server of a request is shown, to who may see servers at all.
func (p *page) serverAddress(v visitor, view gate.View) string {
	id, known := view.Created()
	if s := view.Shown.Server; s != nil {
		id, known = s.ID, view.Action != policy.Delete || view.State != ledger.Succeeded
	}
	if !known || p.Ballot.MayRead(v.actor(), policy.Get, view.Account, nil) != nil {
		return ""
	}
	return serverPath(id, "", p.accountInPath(view.Account))
}
