package ledger

import (
	"iter"
	"slices"
	"time"

	"vpsops/policy"
)

type memoryView struct{ m *Memory }

func (v memoryView) Request(id string) (Request, error) {
	r, ok := v.m.requests[id]
	if !ok {
		return Request{}, ErrNotFound
	}
	return r.clone(), nil
}

func (v memoryView) Requests(f Filter) ([]Request, error) {
	var found []Request
	for r := range v.picked(f) {
		found = append(found, r.clone())
	}
	return found, nil
}

func (v memoryView) Outlines(f Filter) ([]Outline, error) {
	var found []Outline
	for r := range v.picked(f) {
		found = append(found, Outline{r.ID, r.State, r.ExpiresAt})
	}
	return found, nil
}

// picked goes through what a filter picks, newest first.
func (v memoryView) picked(f Filter) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		left := f.Limit
		for _, id := range slices.Backward(v.m.order) {
			r := v.m.requests[id]
			if !f.picks(r) || f.RefusedByPerson && !v.refusedByPerson(id) || f.HasYes && !v.hasYes(id) {
				continue
			}
			if left--; !yield(r) || left == 0 {
				return
			}
		}
	}
}

func (v memoryView) refusedByPerson(id string) bool {
	return slices.ContainsFunc(v.m.votes[id], func(vote Vote) bool { return !vote.Approve && vote.Factor >= policy.PersonFactor })
}

func (v memoryView) hasYes(id string) bool {
	return slices.ContainsFunc(v.m.votes[id], func(vote Vote) bool { return vote.Approve })
}

func (f Filter) picks(r Request) bool {
	return (f.Person == "" || f.Person == r.Person) &&
		(f.Front == "" || f.Front == r.Front) &&
		(f.Intent == "" || f.Intent == r.Intent) &&
		(f.ServerID == "" || f.ServerID == r.ServerID) &&
		(f.Account == "" || f.Account == r.Account) &&
		(len(f.States) == 0 || slices.Contains(f.States, r.State)) &&
		!r.EndedAt.Before(f.EndedSince) &&
		(f.ExpiresBefore.IsZero() || r.ExpiresAt.Before(f.ExpiresBefore))
}

func (v memoryView) Votes(requestID string) ([]Vote, error) {
	return slices.Clone(v.m.votes[requestID]), nil
}

func (v memoryView) Session(idHash string, now time.Time) (Session, error) {
	s, ok := v.m.sessions[idHash]
	if !ok || !now.Before(s.Expires) {
		return Session{}, ErrNotFound
	}
	return s, nil
}

func (v memoryView) Events(limit int) ([]Event, error) {
	rows := v.m.events
	if limit > 0 && len(rows) > limit {
		rows = rows[len(rows)-limit:]
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = row.clone()
	}
	return events, nil
}

func (v memoryView) Trail(f EventFilter) ([]Row, error) {
	order := slices.Backward(v.m.events)
	if f.Oldest {
		order = slices.All(v.m.events)
	}
	var rows []Row
	for _, row := range order {
		if !f.picks(&row.Event) || !v.about(row.Event, f) {
			continue
		}
		row.Event = row.clone()
		if rows = append(rows, row); len(rows) == f.Limit {
			break
		}
	}
	if !f.Oldest {
		slices.Reverse(rows)
	}
	return rows, nil
}

// about tells whether a row is about the filter's server.
func (v memoryView) about(e Event, f EventFilter) bool {
	r := v.m.requests[e.RequestID]
	is := func(server, account string) bool {
		return (f.ServerID == "" || server == f.ServerID) && (f.Account == "" || account == f.Account)
	}
	return is(e.ServerID, e.Account) || is(r.ServerID, r.Account)
}

func (v memoryView) Used(key string, since time.Time) (count int, cents int64, err error) {
	for _, u := range v.m.uses {
		if u.Key == key && !u.At.Before(since) {
			count += u.Count
			cents += u.Cents
		}
	}
	return count, cents, nil
}

func (v memoryView) Uses(key string, since time.Time) ([]Use, error) {
	uses := slices.DeleteFunc(slices.Clone(v.m.uses), func(u Use) bool { return u.Key != key || u.At.Before(since) })
	slices.SortStableFunc(uses, func(a, b Use) int { return a.At.Compare(b.At) })
	return uses, nil
}

func (v memoryView) Holds(now time.Time) ([]Hold, error) {
	return slices.DeleteFunc(slices.Clone(v.m.holds), func(h Hold) bool { return !h.InForce(now) }), nil
}
