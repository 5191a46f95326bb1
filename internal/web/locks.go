package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// locksPage is what keeps servers from being changed now.
type locksPage struct {
	layout
	Holds    []holdRow
	MayLock  bool
	Freeze   *freezeForm // nil for who may freeze nothing
	ReadOnly bool
}

// holdRow is a lock or a freeze.
type holdRow struct {
	ID      string
	What    string
	Owner   string
	Because string
	From    moment
	Remark  string // a sentence, or nothing
	Until   moment // nothing where it stands until it is lifted
	Token   string // of the form that lifts it; "" where the visitor may not try
}

// freezeForm is what a freeze is put up with.
type freezeForm struct {
	Token    string
	All      bool // and not some sets alone
	Sets     []string
	People   []string
	Accounts []string
	Times    []holdTime
}

// holdTime is how long a lock or a freeze may be put up for.
type holdTime struct{ Hours, Name string }

var holdTimes = []holdTime{
	{"1", "for an hour"}, {"4", "for four hours"}, {"24", "for a day"}, {"72", "for three days"}, {"168", "for a week"}, {"0", "until it is lifted"},
}

const aboutFreeze = "freeze"

func aboutLock(server string) string { return "lock " + server }
func aboutLift(hold string) string   { return "lift " + hold }

// showLocks lists the locks and freezes in force.
func (p *page) showLocks(w http.ResponseWriter, r *http.Request, v visitor) {
	holds, err := p.Ballot.Holds(r.Context(), v.actor())
	if err != nil {
		p.cannot(w, r, v, hereLocks, "Locks and freezes cannot be shown", "", err)
		return
	}
	page := locksPage{layout: p.layoutAt(hereLocks, "Locks and freezes", v), MayLock: p.mayAsk(v, policy.Lock), ReadOnly: p.Ballot.ReadOnly()}
	for _, h := range holds {
		page.Holds = append(page.Holds, p.holdRow(v, h))
	}
	if sets, people := p.Ballot.Freezable(v.actor()); len(sets)+len(people) > 0 {
		page.Freeze = &freezeForm{Token: p.onceToken(v, aboutFreeze, ""), Sets: sets, People: people, Times: holdTimes}
		if page.Freeze.All = len(people) > 0; page.Freeze.All {
			page.Freeze.Accounts = p.shownAccounts()
		}
	}
	p.render(w, r, http.StatusOK, "locks", page)
}

func (p *page) holdRow(v visitor, h gate.HoldInForce) holdRow {
	row := holdRow{
		ID: h.ID, What: p.heldWords(h.Hold), Owner: inertName(h.Owner), Because: inert.Line(h.Because, maxReason), Remark: inert.Sentence(h.Remark, maxReason),
		From: momentOf(h.From, p.Now()), Until: momentOf(h.Until, p.Now()),
	}
	if p.Ballot.MayLift(v.actor(), h.Hold) {
		row.Token = p.formToken(v, aboutLift(h.ID), "")
	}
	return row
}

// heldWords say what a lock or a freeze covers.
func (p *page) heldWords(h ledger.Hold) string {
	value, within := inertName(h.Value), ""
	if h.Account != "" {
		within = " in the account " + inertName(h.Account)
	}
	switch h.Scope {
	case ledger.ScopeServer:
		if account := p.accountInPath(h.Account); account != "" {
			return "Server " + value + " of the account " + inertName(account) + " is locked"
		}
		return "Server " + value + " is locked"
	case ledger.ScopeSet:
		return "The servers of " + value + within + " are frozen"
	case ledger.ScopePerson:
		return "What " + value + " asks for" + within + " is frozen"
	case ledger.ScopeAccount:
		return "The account " + value + " is frozen"
	}
	return "Everything is frozen"
}

// lock puts a lock on a server up.
func (p *page) lock(w http.ResponseWriter, r *http.Request, v visitor) {
	id := r.PathValue("id")
	p.hold(w, r, v, aboutLock(id), gate.HoldOrder{
		Kind: ledger.LockHold, Scope: ledger.ScopeServer, Server: gate.Ref{Text: id, IsID: true}, Account: r.PostForm.Get("account"),
	})
}

// freeze puts a freeze up on what the form's choice names: its scope, and after
// a colon which.
func (p *page) freeze(w http.ResponseWriter, r *http.Request, v visitor) {
	scope, value, _ := strings.Cut(r.PostForm.Get("what"), ":")
	p.hold(w, r, v, aboutFreeze, gate.HoldOrder{Kind: ledger.FreezeHold, Scope: ledger.HoldScope(scope), Value: value})
}

// hold puts up what a form asks for, once.
func (p *page) hold(w http.ResponseWriter, r *http.Request, v visitor, about string, o gate.HoldOrder) {
	if !p.once(w, r, v, about) {
		return
	}
	hours, err := strconv.Atoi(r.PostForm.Get("hours"))
	if err != nil || hours < 0 || hours > 24*90 {
		err = &gate.InvalidError{Field: "for", Problem: "is a time of up to 90 days"}
	}
	if o.For, o.Because = time.Duration(hours)*time.Hour, r.PostForm.Get("because"); err == nil {
		_, err = p.Ballot.Hold(r.Context(), v.actor(), o)
	}
	if err != nil {
		p.cannot(w, r, v, hereLocks, "It was not put up", o.Account, err)
		return
	}
	http.Redirect(w, r, hereLocks, http.StatusSeeOther)
}

// lift ends a lock or a freeze.
func (p *page) lift(w http.ResponseWriter, r *http.Request, v visitor) {
	id := r.PathValue("id")
	if _, ok := p.openFormToken(v, aboutLift(id), r.PostForm.Get("csrf")); !ok {
		p.refuseToken(w, r)
		return
	}
	_, err := p.Ballot.Lift(r.Context(), v.actor(), id)
	if err != nil && !errors.Is(err, gate.ErrNotFound) { // one that is gone is lifted
		p.cannot(w, r, v, hereLocks, "It was not lifted", "", err)
		return
	}
	http.Redirect(w, r, hereLocks, http.StatusSeeOther)
}
