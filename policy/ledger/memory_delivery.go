package ledger

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

func (v memoryView) Deliveries(now time.Time) ([]Delivery, error) {
	var free []Delivery
	for _, d := range v.m.inbox {
		if !now.Before(d.TakenUntil) {
			free = append(free, d.clone())
		}
	}
	slices.SortFunc(free, func(a, b Delivery) int { return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.ID, b.ID)) })
	return free, nil
}

// clone shares nothing with d that could be written to.
func (d Delivery) clone() Delivery {
	d.Payload = slices.Clone(d.Payload)
	return d
}

func (t *memoryTx) AddDelivery(d Delivery) error {
	if _, kept := t.m.inbox[d.ID]; kept {
		return ErrSpent
	}
	t.changeInbox(func() { t.m.inbox[d.ID] = d.clone() })
	return nil
}

func (t *memoryTx) TakeDelivery(id string, now, until time.Time) error {
	d, kept := t.m.inbox[id]
	if !kept || now.Before(d.TakenUntil) {
		return ErrConflict
	}
	d.TakenUntil = until
	t.changeInbox(func() { t.m.inbox[id] = d })
	return nil
}

func (t *memoryTx) DropDelivery(id string) error {
	if _, kept := t.m.inbox[id]; kept {
		t.changeInbox(func() { delete(t.m.inbox, id) })
	}
	return nil
}

func (t *memoryTx) changeInbox(change func()) {
	before := maps.Clone(t.m.inbox)
	t.onRollback(func() { t.m.inbox = before })
	change()
}
