package ledger

import (
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
	proofs  proofs
}

func (t *memoryTx) rollback() {
	for _, undo := range slices.Backward(t.undo) {
		undo()
	}
}

func (t *memoryTx) onRollback(undo func()) { t.undo = append(t.undo, undo) }

func (t *memoryTx) Insert(r Request) error {
	if _, taken := t.m.requests[r.ID]; taken || r.ID == "" {
		return errIDTaken
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
	t.proofs.wrote(Request{}, r)
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
	case !old.asks(r):
		return Request{}, ErrAnotherAsk
	}
	r.Version++
	t.onRollback(func() { t.m.requests[r.ID] = old })
	t.m.requests[r.ID] = r.clone()
	t.changed = append(t.changed, r.ID)
	t.proofs.wrote(old, r)
	return r, nil
}

func (t *memoryTx) AddVote(v Vote) error {
	old := t.m.votes[v.RequestID]
	t.onRollback(func() { t.m.votes[v.RequestID] = old })
	others := slices.DeleteFunc(slices.Clone(old), func(o Vote) bool { return o.Person == v.Person })
	t.m.votes[v.RequestID] = append(others, v)
	t.changed = append(t.changed, v.RequestID)
	t.proofs.voted(v)
	return nil
}

func (t *memoryTx) DropVotes(requestID string) error {
	old := t.m.votes[requestID]
	t.onRollback(func() { t.m.votes[requestID] = old })
	delete(t.m.votes, requestID)
	t.changed = append(t.changed, requestID)
	t.proofs.dropped(requestID)
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
	events, head := t.m.events, t.m.head
	t.onRollback(func() { t.m.events, t.m.head = events, head })
	row, err := t.m.clerk.row(&t.m.head, e, t.proofs.take(e.RequestID))
	if err != nil {
		return err
	}
	t.m.events = append(t.m.events, row)
	return nil
}

func (t *memoryTx) AddUse(u Use) error {
	uses := t.m.uses
	t.onRollback(func() { t.m.uses = uses })
	t.m.uses = append(t.m.uses, u)
	return nil
}

func (t *memoryTx) Refund(requestID string) error {
	uses := t.m.uses
	t.onRollback(func() { t.m.uses = uses })
	t.m.uses = slices.DeleteFunc(slices.Clone(uses), func(u Use) bool { return u.RequestID == requestID })
	return nil
}

func (t *memoryTx) AddHold(h Hold) error {
	if err := h.check(); err != nil {
		return err
	}
	if slices.ContainsFunc(t.m.holds, func(o Hold) bool { return o.ID == h.ID }) {
		return errIDTaken
	}
	holds := t.m.holds
	t.onRollback(func() { t.m.holds = holds })
	t.m.holds = append(slices.Clone(holds), h)
	return nil
}

func (t *memoryTx) LiftHold(id string) error {
	holds := t.m.holds
	left := slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return h.ID == id })
	if len(left) == len(holds) {
		return ErrNotFound
	}
	t.onRollback(func() { t.m.holds = holds })
	t.m.holds = left
	return nil
}
