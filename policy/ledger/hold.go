package ledger

import (
	"errors"
	"time"
)

// HoldKind says what a [Hold] is called. Both deny what they cover.
type HoldKind string

// The kinds of hold: a lock is put on one server, a freeze on more.
const (
	LockHold   HoldKind = "lock"
	FreezeHold HoldKind = "freeze"
)

// HoldScope says what a [Hold]'s Value names.
type HoldScope string

// The scopes. Of ScopeAll the Value is "".
const (
	ScopeServer  HoldScope = "server"  // a server's id, in Account
	ScopeSet     HoldScope = "set"     // a server set of the policy
	ScopePerson  HoldScope = "person"  // a person of the policy, as asker
	ScopeAccount HoldScope = "account" // an API account's name
	ScopeAll     HoldScope = "all"
)

// Hold keeps servers from being changed for a time. What it covers is the
// gate's to decide: the ledger only keeps it.
type Hold struct {
	ID      string
	Kind    HoldKind
	Scope   HoldScope
	Value   string
	Account string // the API account that a server's id belongs to, or that a set's or a person's hold is limited to
	// AccountKey tells the account that Value or Account names from others, whatever it
	// is called since. It is "" where none is named, and of what an older version wrote.
	AccountKey string
	Owner      string // the person who put it up
	Because    string // the owner's words
	From       time.Time
	Until      time.Time // zero: until it is lifted
}

// InForce tells whether the hold holds at a time.
func (h Hold) InForce(now time.Time) bool {
	return !now.Before(h.From) && (h.Until.IsZero() || now.Before(h.Until))
}

func (h Hold) check() error {
	switch {
	case h.ID == "":
		return errors.New("ledger: a hold needs an id of its own")
	case h.Kind != LockHold && h.Kind != FreezeHold:
		return errors.New("ledger: a hold is a lock or a freeze")
	}
	switch h.Scope {
	case ScopeServer, ScopeSet, ScopePerson, ScopeAccount, ScopeAll:
		return nil
	}
	return errors.New("ledger: a hold covers a server, a set, a person, an account or all")
}
