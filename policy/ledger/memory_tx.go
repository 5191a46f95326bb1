package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// memoryTx writes at once and remembers how to take each write back.
type memoryTx struct {
	memoryView
	undo    []func()
	changed []string
}

func (t *memoryTx) rollback() {
	for _, undo := range slices.Backward(t.undo) {
		undo()
	}
}

func (t *memoryTx) onRollback(undo func()) { t.undo = append(t.undo, undo) }

func (t *memoryTx) Insert(r Request) error {
	if _, taken := t.m.requests[r.ID]; taken || r.ID == "" {
		return errors.New("ledger: a request needs an id of its own")
	}
	if !r.State.mayBegin() {
		return fmt.Errorf("%w: a request cannot begin as %s", ErrNoEdge, r.State)
	}
	r = r.clone()
	r.Version = 1
	order := t.m.order
	t.onRollback(func() { delete(t.m.requests, r.ID); t.m.order = order })
	t.m.requests[r.ID] = r
	t.m.order = append(t.m.order, r.ID)
	t.changed = append(t.changed, r.ID)
	return nil
}

func (t *memoryTx) Update(r Request) (Request, error) {
	old, ok := t.m.requests[r.ID]
	switch {
	case !ok:
		return Request{}, ErrNotFound
	case old.Version != r.Version:
		return Request{}, ErrConflict
	case old.State != r.State && !old.State.MayBecome(r.State):
		return Request{}, fmt.Errorf("%w: %s to %s", ErrNoEdge, old.State, r.State)
	}
	r.Version++
	t.onRollback(func() { t.m.requests[r.ID] = old })
	t.m.requests[r.ID] = r.clone()
	t.changed = append(t.changed, r.ID)
	return r, nil
}

func (t *memoryTx) AddVote(v Vote) error {
	old := t.m.votes[v.RequestID]
	t.onRollback(func() { t.m.votes[v.RequestID] = old })
	others := slices.DeleteFunc(slices.Clone(old), func(o Vote) bool { return o.Person == v.Person })
	t.m.votes[v.RequestID] = append(others, v)
	t.changed = append(t.changed, v.RequestID)
	return nil
}

func (t *memoryTx) DropVotes(requestID string) error {
	old := t.m.votes[requestID]
	t.onRollback(func() { t.m.votes[requestID] = old })
	delete(t.m.votes, requestID)
	t.changed = append(t.changed, requestID)
	return nil
}

func (t *memoryTx) Spend(token string, now, until time.Time) error {
	if _, used := t.m.spent[token]; used {
		return ErrSpent
	}
	for old, until := range t.m.spent {
		if until.Before(now) {
			t.onRollback(func() { t.m.spent[old] = until })
			delete(t.m.spent, old)
		}
	}
	t.onRollback(func() { delete(t.m.spent, token) })
	t.m.spent[token] = until
	return nil
}

func (t *memoryTx) AddSession(s Session) error {
	old := maps.Clone(t.m.sessions)
	t.onRollback(func() { t.m.sessions = old })
	maps.DeleteFunc(t.m.sessions, func(_ string, o Session) bool { return !s.Created.Before(o.Expires) })
	t.m.sessions[s.IDHash] = s
	return nil
}

func (t *memoryTx) DropSession(idHash string) error {
	return t.dropSessions(func(s Session) bool { return s.IDHash == idHash })
}

func (t *memoryTx) DropSessions(person string) error {
	return t.dropSessions(func(s Session) bool { return s.Person == person })
}

func (t *memoryTx) dropSessions(which func(Session) bool) error {
	old := maps.Clone(t.m.sessions)
	t.onRollback(func() { t.m.sessions = old })
	maps.DeleteFunc(t.m.sessions, func(_ string, s Session) bool { return which(s) })
	return nil
}

func (t *memoryTx) Audit(e Event) error {
	events, seq := t.m.events, t.m.seq
	t.onRollback(func() { t.m.events, t.m.seq = events, seq })
	t.m.seq++
	e.Seq = t.m.seq
	t.m.events = append(t.m.events, e)
	return nil
}
