package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

const (
	trailShown = 50
	dayLayout  = "2006-01-02" // as a date field of a form writes it
)

// trailPage is a part of the audit trail, the newest rows first.
type trailPage struct {
	layout
	Server, RequestID, Whom, Kind, Since, Until, Account string // what is looked for
	Accounts                                             []string
	Kinds                                                []string
	Rows                                                 []trailRow
	Older                                                string // the address of what is older; "" where there is nothing
	Narrowed                                             bool
	Paged                                                bool
}

// trailRow is a row of the audit trail.
type trailRow struct {
	Seq       int64
	Kind      string
	What      string
	Person    string
	Through   string
	RequestID string
	Server    string
	OfServer  string // the address of the trail about it
	Account   string // "" where there is just one to speak of
	Detail    string
	At        moment
}

// trailKinds are the kinds of row in the order in which people look for them,
// and what each says of the person in it.
var trailKinds = []struct{ kind, words string }{
	{"ask", "asked"},
	{"vote", "voted"},
	{"vote-refused", "voted, and it did not count"},
	{"dialog-refused", "answered a dialog, and it did not count"},
	{"state", "a request moved on"},
	{"claim", "claimed for carrying out"},
	{"claim-refused", "was not claimed"},
	{"sending", "the call was sent"},
	{"outcome", "the API’s answer"},
	{"settled", "found out by looking"},
	{"hold", "put up a lock or freeze"},
	{"lift", "lifted a lock or freeze"},
	{"hold-refused", "was refused a lock or freeze"},
	{"lift-refused", "was refused to lift one"},
	{"sign-in", "signed in"},
	{"sign-in-refused", "a sign-in was refused"},
	{"sign-out", "signed out"},
	{"passkey-added", "added a passkey"},
	{"passkey-removed", "removed a passkey"},
	{"passkey-refused", "a passkey was refused"},
	{"read", "read"},
	{"read-denied", "was refused to read"},
	{"policy", "the policy"},
	{"delivery-refused", "a delivery was refused"},
	{ledger.KindCheckpoint, "a checkpoint was signed"},
	{ledger.KindRetention, "old rows were taken away"},
}

func kindWords(kind string) string {
	for _, k := range trailKinds {
		if k.kind == kind {
			return k.words
		}
	}
	return inertName(kind)
}

// showTrail shows what the visitor may see of the audit trail.
func (p *page) showTrail(w http.ResponseWriter, r *http.Request, v visitor) {
	asked := r.URL.Query()
	page := trailPage{
		layout: p.layoutAt(hereAudit, "Audit", v), Accounts: p.shownAccounts(),
		Server: asked.Get("server"), RequestID: asked.Get("request"), Whom: asked.Get("person"), Kind: asked.Get("kind"),
		Since: asked.Get("since"), Until: asked.Get("until"), Account: asked.Get("account"), Paged: asked.Get("before") != "",
	}
	query, err := page.query(asked.Get("before"))
	var found gate.TrailPage
	if err == nil {
		found, err = p.Ballot.Search(r.Context(), v.actor(), query)
	}
	if err != nil {
		p.cannot(w, r, v, hereAudit, "The trail cannot be shown", page.Account, err)
		return
	}
	for _, k := range trailKinds {
		page.Kinds = append(page.Kinds, k.kind)
	}
	for _, name := range []string{"server", "request", "person", "kind", "since", "until", "account"} {
		page.Narrowed = page.Narrowed || asked.Get(name) != ""
	}
	page.Rows = p.trailRows(found.Rows)
	slices.Reverse(page.Rows)
	if found.Older > 0 {
		asked.Set("before", strconv.FormatInt(found.Older, 10))
		page.Older = hereAudit + "?" + asked.Encode()
	}
	p.render(w, r, http.StatusOK, "audit", page)
}

// query is what a form asked for. Times are days of UTC, both included.
func (t trailPage) query(before string) (gate.TrailQuery, error) {
	q := gate.TrailQuery{
		Account: t.Account, ServerID: strings.TrimSpace(t.Server), RequestID: strings.TrimSpace(t.RequestID),
		Person: strings.TrimSpace(t.Whom), Limit: trailShown,
	}
	if t.Kind != "" {
		q.Kinds = []string{t.Kind}
	}
	var err error
	if q.Since, err = dayOf("since", t.Since); err != nil {
		return q, err
	}
	if q.Until, err = dayOf("until", t.Until); err != nil {
		return q, err
	}
	if !q.Until.IsZero() {
		q.Until = q.Until.AddDate(0, 0, 1)
	}
	if before == "" {
		return q, nil
	}
	if q.Before, err = strconv.ParseInt(before, 10, 64); err != nil || q.Before < 0 {
		return q, &gate.InvalidError{Field: "before", Problem: "is the number of a row"}
	}
	return q, nil
}

func dayOf(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(dayLayout, text)
	if err != nil {
		return day, &gate.InvalidError{Field: field, Problem: "is a day such as 2026-11-25"}
	}
	return day, nil
}

func (p *page) trailRows(rows []ledger.Row) []trailRow {
	now := p.Now()
	shown := make([]trailRow, len(rows))
	for i, r := range rows {
		shown[i] = trailRow{
			Seq: r.Seq, Kind: inertName(r.Kind), What: kindWords(r.Kind), Person: inertName(r.Person),
			RequestID: inertName(r.RequestID), Server: inertName(r.ServerID), Detail: inert.Line(withMoments(r.Detail), maxReason), At: momentOf(r.At, now),
		}
		if r.Front != "" {
			shown[i].Through = frontWords(r.Front)
		}
		if r.Kind == ledger.KindAsk { // what became of it is in the rows that follow
			shown[i].Detail = strings.TrimPrefix(shown[i].Detail, string(ledger.Pending)+" ")
		}
		account := p.accountInPath(r.Account)
		shown[i].Account = inertName(account)
		shown[i].OfServer = trailOf("server", r.ServerID, account)
	}
	return shown
}

// trailOf is the address of the trail about something, of an account's where that
// is not "".
func trailOf(name, value, account string) string {
	about := url.Values{name: {value}}
	if account != "" {
		about.Set("account", account)
	}
	return hereAudit + "?" + about.Encode()
}

// shownAccount is an account's name, or the default one's where it is "", where there are
// several.
func (p *page) shownAccount(account string) string {
	if source, err := p.Ballot.Source(account); err == nil {
		account = source.Account
	}
	return inertName(p.accountInPath(account))
}

// shownAccounts are the accounts' names, where there are several to choose
// from.
func (p *page) shownAccounts() (names []string) {
	if all := p.Ballot.Accounts(); len(all) > 1 {
		for _, name := range all {
			names = append(names, inertName(name))
		}
	}
	return names
}
