package ledger

import (
	"fmt"
	"slices"
	"strings"

	"vpsops/policy"
)

// The columns of a request, but for its id, number and changed.
const requestColumns = "version, state, person, identity_kind, identity_id, front, channel, client, " +
	"action, account, server_id, operation, reason, intent, shown, digest, policy_hash, needs, rules, " +
	"created_at, expires_at, approved_at, ended_at, fence, lease_until, sending_at, message, server_status, settled_at"

// requestSets is "version = ?, state = ?, …".
var requestSets = strings.ReplaceAll(requestColumns, ", ", " = ?, ") + " = ?"

func requestValues(r *Request) []any {
	return []any{
		r.Version, toText(string(r.State)), toText(r.Person), toText(string(r.Identity.Kind)), toText(r.Identity.ID),
		toText(string(r.Front)), toText(r.Channel), toText(r.Client),
		toText(string(r.Action)), toText(r.Account), toText(r.ServerID), toText(string(r.Operation)), toText(r.Reason), toText(r.Intent),
		toText(string(r.Shown)), toText(r.Digest), toText(r.PolicyHash),
		toText(listText(storeNeeds(r.Needs))), toText(listText(storeRules(r.Rules))),
		nanos(r.CreatedAt), nanos(r.ExpiresAt), nanos(r.ApprovedAt), nanos(r.EndedAt),
		toText(r.Fence), nanos(r.LeaseUntil), nanos(r.SendingAt), toText(r.Message), toText(r.ServerStatus), nanos(r.SettledAt),
	}
}

// storedRequest is a request while it is read.
type storedRequest struct {
	Request
	needs, rules column
}

func scanRequest(r *storedRequest) []any {
	return []any{
		(*column)(&r.ID),
		&r.Version, (*column)(&r.State), (*column)(&r.Person), (*column)(&r.Identity.Kind), (*column)(&r.Identity.ID),
		(*column)(&r.Front), (*column)(&r.Channel), (*column)(&r.Client),
		(*column)(&r.Action), (*column)(&r.Account), (*column)(&r.ServerID), (*jsonColumn)(&r.Operation), (*column)(&r.Reason), (*column)(&r.Intent),
		(*jsonColumn)(&r.Shown), (*column)(&r.Digest), (*column)(&r.PolicyHash), &r.needs, &r.rules,
		(*timeColumn)(&r.CreatedAt), (*timeColumn)(&r.ExpiresAt), (*timeColumn)(&r.ApprovedAt), (*timeColumn)(&r.EndedAt),
		(*column)(&r.Fence), (*timeColumn)(&r.LeaseUntil), (*timeColumn)(&r.SendingAt),
		(*column)(&r.Message), (*column)(&r.ServerStatus), (*timeColumn)(&r.SettledAt),
	}
}

func (r *storedRequest) decode() (err error) {
	if r.Needs, err = loadNeeds(string(r.needs)); err == nil {
		r.Rules, err = loadRules(string(r.rules))
	}
	if err != nil {
		return fmt.Errorf("ledger: request %s: %w", r.ID, err)
	}
	return nil
}

func (v *sqlView) Request(id string) (Request, error) {
	var r storedRequest
	err := v.one("read a request", "SELECT id, "+requestColumns+" FROM requests WHERE id = ?", []any{toText(id)}, scanRequest(&r)...)
	if err != nil {
		return Request{}, err
	}
	return r.Request, r.decode()
}

func (v *sqlView) Requests(f Filter) ([]Request, error) {
	which, args := f.sql()
	stored, err := collect(v, "read requests", "SELECT id, "+requestColumns+which, args, scanRequest, (*storedRequest).decode)
	if err != nil || len(stored) == 0 {
		return nil, err
	}
	requests := make([]Request, len(stored))
	for i := range stored {
		requests[i] = stored[i].Request
	}
	return requests, nil
}

func (v *sqlView) Outlines(f Filter) ([]Outline, error) {
	which, args := f.sql()
	return collect(v, "read requests", "SELECT id, state, expires_at"+which, args, func(o *Outline) []any {
		return []any{(*column)(&o.ID), (*column)(&o.State), (*timeColumn)(&o.ExpiresAt)}
	}, nil)
}

// sql is the rest of a query that picks requests.
func (f Filter) sql() (which string, args []any) {
	var w where
	w.equals("person", f.Person)
	w.equals("front", string(f.Front))
	w.equals("intent", f.Intent)
	w.equals("server_id", f.ServerID)
	w.equals("account", f.Account)
	var states []any
	for _, s := range f.States {
		states = append(states, toText(string(s)))
	}
	w.in("state", states)
	if !f.EndedSince.IsZero() {
		w.add("ended_at >= ?", nanos(f.EndedSince))
	}
	if !f.ExpiresBefore.IsZero() {
		w.add("expires_at < ?", nanos(f.ExpiresBefore))
	}
	if f.RefusedByPerson {
		w.add("EXISTS (SELECT 1 FROM votes WHERE request_id = requests.id AND approve = 0 AND factor >= ?)", int64(policy.PersonFactor))
	}
	if f.HasYes {
		w.add("EXISTS (SELECT 1 FROM votes WHERE request_id = requests.id AND approve = 1)")
	}
	order := " ORDER BY number DESC"
	if len(f.States) > 0 && !slices.ContainsFunc(f.States, State.Final) {
		// There are few of those whatever has been: they are to be found by
		// their state, not by going through all there ever were in order.
		order = " ORDER BY number + 0 DESC"
	}
	if f.Limit > 0 {
		order += " LIMIT ?"
		w.args = append(w.args, f.Limit)
	}
	return " FROM requests" + w.text() + order, w.args
}
