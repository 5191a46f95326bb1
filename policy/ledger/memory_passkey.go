package ledger

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

func (v memoryView) Passkeys(person string) ([]Passkey, error) {
	var found []Passkey
	for _, p := range v.m.passkeys {
		if p.Person == person {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b Passkey) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return found, nil
}

func (t *memoryTx) AddPasskey(p Passkey) error {
	if _, kept := t.m.passkeys[p.ID]; kept {
		return ErrSpent
	}
	t.changePasskeys(func() { t.m.passkeys[p.ID] = p })
	return nil
}

func (t *memoryTx) UsePasskey(id string, uses int64, now time.Time) error {
	p, kept := t.m.passkeys[id]
	switch {
	case !kept:
		return ErrNotFound
	case !p.mayFollow(uses):
		return ErrSpent
	}
	p.Uses, p.Used = uses, now
	t.changePasskeys(func() { t.m.passkeys[id] = p })
	return nil
}

func (t *memoryTx) DropPasskey(person, id string) error {
	if p, kept := t.m.passkeys[id]; !kept || p.Person != person {
		return ErrNotFound
	}
	t.changePasskeys(func() { delete(t.m.passkeys, id) })
	return nil
}

func (t *memoryTx) changePasskeys(change func()) {
	before := maps.Clone(t.m.passkeys)
	t.onRollback(func() { t.m.passkeys = before })
	change()
}
