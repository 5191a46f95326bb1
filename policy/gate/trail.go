package gate

import (
	"context"
	"errors"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// How much of the trail is looked through for rows that may be shown.
const (
	trailPage  = 200
	trailPages = 20
)

// Trail returns the newest rows of the audit trail that the actor may see,
// oldest first: all, or with a server's id those about it and about requests for
// it. Who may not list gets a *DeniedError; rows about servers that the actor may
// not list, as far as the trail tells what they were, are left out.
func (d *Desk) Trail(ctx context.Context, actor policy.Actor, account, serverID string, limit int) (rows []ledger.Row, err error) {
	if err := d.MayRead(actor, policy.List, account, nil); err != nil {
		return nil, err
	}
	filter := ledger.EventFilter{ServerID: serverID, Limit: trailPage}
	if serverID != "" {
		a, err := d.gate.account(account)
		if err != nil {
			return nil, err
		}
		filter.Account = a.Name
	}
	err = d.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		reader := trailReader{gate: d.gate, pol: d.gate.Policy(), actor: actor, tx: tx, seen: make(map[string]bool)}
		rows, err = reader.newest(filter, limit)
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
	seen  map[string]bool // by request: whether its server may be listed
}

func (t trailReader) newest(f ledger.EventFilter, limit int) (rows []ledger.Row, err error) {
	for range trailPages {
		page, err := t.tx.Trail(f)
		if err != nil {
			return nil, err
		}
		var kept []ledger.Row
		for _, r := range page {
			may, err := t.may(r)
			if err != nil {
				return nil, err
			}
			if may {
				kept = append(kept, r)
			}
		}
		rows = append(kept, rows...)
		if len(page) < f.Limit || len(rows) >= limit {
			break
		}
		f.Before = page[0].Seq
	}
	return rows[max(0, len(rows)-limit):], nil
}

// may tells whether the actor could list the server that a row is about.
func (t trailReader) may(r ledger.Row) (bool, error) {
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

func (t trailReader) mayList(account string, s *policy.Server) bool {
	ask := policy.Ask{Actor: t.actor, Action: policy.List, Account: account, Server: s, At: t.gate.Now()}
	return t.pol.Decide(ask).Effect != policy.Deny
}
