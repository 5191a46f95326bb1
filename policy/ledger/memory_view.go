package ledger

import (
	"slices"
	"time"
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
	for _, id := range slices.Backward(v.m.order) {
		if r := v.m.requests[id]; f.picks(r) {
			found = append(found, r.clone())
			if len(found) == f.Limit {
				break
			}
		}
	}
	return found, nil
}

func (f Filter) picks(r Request) bool {
	return (f.Person == "" || f.Person == r.Person) &&
		(f.Front == "" || f.Front == r.Front) &&
		(f.Intent == "" || f.Intent == r.Intent) &&
		(f.ServerID == "" || f.ServerID == r.ServerID) &&
		(f.Account == "" || f.Account == r.Account) &&
		(len(f.States) == 0 || slices.Contains(f.States, r.State)) &&
		!r.EndedAt.Before(f.EndedSince)
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
	events := v.m.events
	if limit > 0 && len(events) > limit {
		events = events[len(events)-limit:]
	}
	return slices.Clone(events), nil
}
