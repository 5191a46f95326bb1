package gate

import (
	"context"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// How much of the trail is looked through for rows that may be shown: first as
// many as are wanted, then whole pages.
const (
	trailPage  = 200
	trailPages = 20
)

// TrailQuery picks rows of the audit trail. A zero field picks all.
type TrailQuery struct {
	Account   string // in it; "" is any, or the default where a server is named
	ServerID  string // about it, and about requests for it
	RequestID string
	Person    string // who did it
	Kinds     []string
	Since     time.Time
	Until     time.Time // before this
	Before    int64     // rows older than this number
	Limit     int
}

// TrailPage is a part of the audit trail.
type TrailPage struct {
	Rows []ledger.Row // oldest first
	// Older is what Before takes to look further back; 0 where there is
	// nothing older. A page may hold fewer rows than were asked for, or none,
	// and still have older ones behind it.
	Older int64
}

// Trail returns the newest rows of the audit trail that the actor may see,
// oldest first: all, or with a server's id those about it and about requests for
// it. It is [Desk.Search] without the rest.
func (d *Desk) Trail(ctx context.Context, actor policy.Actor, account, serverID string, limit int) ([]ledger.Row, error) {
	page, err := d.Search(ctx, actor, TrailQuery{Account: account, ServerID: serverID, Limit: limit})
	return page.Rows, err
}

// Search returns the newest rows of the audit trail that a query picks and the
// actor may see. Who may not list gets a *DeniedError; rows about servers that the
// actor may not list, as far as the trail tells what they were, are left out.
func (d *Desk) Search(ctx context.Context, actor policy.Actor, q TrailQuery) (page TrailPage, err error) {
	if err := d.MayRead(actor, policy.List, q.Account, nil); err != nil {
		return page, err
	}
	filter := ledger.EventFilter{
		RequestID: q.RequestID, ServerID: q.ServerID, Person: q.Person, Kinds: q.Kinds,
		Since: q.Since, Until: q.Until, Before: q.Before, Limit: min(q.Limit+1, trailPage),
	}
	if q.ServerID != "" || q.Account != "" {
		a, err := d.gate.account(q.Account)
		if err != nil {
			return page, err
		}
		filter.Account = a.Name
	}
	err = d.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		reader := trailReader{gate: d.gate, pol: d.gate.Policy(), actor: actor, tx: tx, seen: make(map[string]bool)}
		reader.all = reader.mayListAll()
		page, err = reader.newest(filter, q.Limit)
		return err
	})
	return page, err
}

const maxHistory = 500 // rows; a request has some ten

// History returns the audit rows of a request that is some of the actor's
// business, oldest first. Any other is ErrNotFound.
func (d *Desk) History(ctx context.Context, actor policy.Actor, id string) (rows []ledger.Row, err error) {
	pol := d.gate.Policy()
	err = d.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		if _, err := d.gate.visible(tx, pol, actor.Front, pol.PersonOf(actor.Identity), id); err != nil {
			return err
		}
		rows, err = tx.Trail(ledger.EventFilter{RequestID: id, Limit: maxHistory})
		return err
	})
	return rows, err
}

// trailReader picks the rows that an actor may see.
type trailReader struct {
	gate  *Gate
	pol   *policy.Policy
	actor policy.Actor
	tx    ledger.ReadTx
	all   bool            // every server may be listed, whichever it is
	seen  map[string]bool // by request: whether its server may be listed
}

func (t trailReader) newest(f ledger.EventFilter, limit int) (page TrailPage, err error) {
	older, err := t.narrow(&f)
	if err != nil {
		return page, err
	}
	for range trailPages {
		read, err := t.tx.Trail(f)
		if err != nil {
			return page, err
		}
		kept, err := t.keep(read)
		if err != nil {
			return page, err
		}
		page.Rows, page.Older = append(kept, page.Rows...), older
		if len(read) == f.Limit {
			page.Older = read[0].Seq
		}
		if extra := len(page.Rows) - limit; extra > 0 {
			page.Rows = page.Rows[extra:]
			page.Older = page.Rows[0].Seq
		}
		if len(read) < f.Limit || len(page.Rows) == limit {
			break
		}
		f.Before, f.Limit = read[0].Seq, trailPage
	}
	return page, nil
}

// keep picks what the actor may see.
func (t trailReader) keep(rows []ledger.Row) (kept []ledger.Row, err error) {
	for _, r := range rows {
		may, err := t.may(r)
		if err != nil {
			return nil, err
		}
		if may {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// may tells whether the actor could list the server that a row is about.
func (t trailReader) may(r ledger.Row) (bool, error) {
	if t.all {
		return true, nil
	}
	if r.RequestID == "" {
		return r.ServerID == "" || t.mayList(r.Account, &policy.Server{ID: r.ServerID, Account: r.Account}), nil
	}
	if may, known := t.seen[r.RequestID]; known {
		return may, nil
	}
	request, err := t.tx.Request(r.RequestID)
	if errors.Is(err, ledger.ErrNotFound) {
		return false, nil // what it was about is gone with it
	}
	if err != nil {
		return false, err
	}
	shown, err := shownOf(request)
	if err != nil {
		return false, err
	}
	server := &policy.Server{ID: request.ServerID, Account: request.Account}
	if facts := shown.Server; facts != nil {
		server = facts.forPolicy(request.Account)
	} else if shown.After != nil {
		server = shown.After.forPolicy(request.Account)
	}
	t.seen[r.RequestID] = t.mayList(request.Account, server)
	return t.seen[r.RequestID], nil
}

// mayListAll tells whether the actor may list a server of which nothing is
// known, which counts as the strictest there could be.
func (t trailReader) mayListAll() bool {
	for _, account := range append(t.gate.accountNames(), "") {
		if !t.mayList(account, &policy.Server{Account: account}) {
			return false
		}
	}
	return true
}

func (t trailReader) mayList(account string, s *policy.Server) bool {
	ask := policy.Ask{Actor: t.actor, Action: policy.List, Account: account, Server: s, At: t.gate.Now()}
	return t.pol.Decide(ask).Effect != policy.Deny
}
