package ledger

import (
	"context"
	"errors"
	"time"
)

// Ledger is durable memory with transactions. Implementations are safe for
// concurrent use.
type Ledger interface {
	// Write runs fn in one transaction. If fn returns an error nothing is
	// written and Write returns that error; if the transaction cannot be
	// committed, nothing is written and the error says why. It is ctx's
	// error only where ctx ended before the commit: that itself is waited
	// for. fn may run again after a conflict: it must have no effect but on
	// tx.
	Write(ctx context.Context, fn func(tx Tx) error) error

	// Read runs fn on a consistent view.
	Read(ctx context.Context, fn func(tx ReadTx) error) error

	// Watch returns a channel that receives after each committed write to
	// the request, and a function that ends the watch. Signals may be
	// merged: read the request again after each.
	Watch(requestID string) (<-chan struct{}, func())

	// Changes returns a feed of every request that is written from now on.
	// Close it.
	Changes() *Changes

	// Close gives up what the ledger holds.
	Close() error
}

// ReadTx is a consistent view.
type ReadTx interface {
	// Request returns a request, or ErrNotFound.
	Request(id string) (Request, error)
	// Requests returns what the filter picks, newest first.
	Requests(f Filter) ([]Request, error)
	// Outlines returns the little that is needed of many: of the same requests,
	// in the same order.
	Outlines(f Filter) ([]Outline, error)
	// Votes returns a request's votes, in the order they were given.
	Votes(requestID string) ([]Vote, error)
	// Session returns a live sign-in, or ErrNotFound.
	Session(idHash string, now time.Time) (Session, error)
	// Events returns the newest rows of the audit trail, oldest first.
	// Limit 0 means all.
	Events(limit int) ([]Event, error)
	// Trail returns the rows of the audit trail that the filter picks,
	// oldest first, each with its place in the chain.
	Trail(f EventFilter) ([]Row, error)
	// Used returns what has been taken from a budget at since or later.
	Used(key string, since time.Time) (count int, cents int64, err error)
	// Uses returns what makes that up, the oldest first.
	Uses(key string, since time.Time) ([]Use, error)
	// Clock holds the caller's clock against the one that the ledger knows:
	// nil, a *ClockError, or why that cannot be known.
	Clock(now func() time.Time) error
	// Holds returns the locks and freezes in force at a time, oldest first.
	Holds(now time.Time) ([]Hold, error)
	// Posts returns a request's messages, by name.
	Posts(requestID string) ([]Post, error)
	// OpenPosts returns the messages of any request that something may yet
	// follow for, the oldest first, at most so many.
	OpenPosts(limit int) ([]Post, error)
	// Deliveries returns what came in and is not dealt with, and that nobody
	// is at work on at a time, oldest first.
	Deliveries(now time.Time) ([]Delivery, error)
	// Passkeys returns a person's passkeys, oldest first.
	Passkeys(person string) ([]Passkey, error)
}

// Tx is a transaction that may write.
type Tx interface {
	ReadTx

	// Insert adds a request with Version 1. Its state is one that a
	// request may begin in.
	Insert(r Request) error
	// Update writes a request if nobody else has since it was read, and
	// if the edge between the two states exists: ErrConflict, ErrNoEdge. Who
	// asked for what never changes: ErrAnotherAsk.
	// It returns the request as written.
	Update(r Request) (Request, error)
	// AddVote adds a vote, or replaces an earlier vote of the same person.
	AddVote(v Vote) error
	// DropVotes forgets the votes on a request.
	DropVotes(requestID string) error
	// Spend uses a single-use token up; the second time it is ErrSpent.
	// After until, the token is refused by its own expiry and may be
	// forgotten.
	Spend(token string, now, until time.Time) error
	// AddSession keeps a sign-in; DropSession ends it, and DropSessions
	// all of a person.
	AddSession(s Session) error
	DropSession(idHash string) error
	DropSessions(person string) error
	// Audit appends a row to the trail, with the next Seq. The first row
	// about a request that this transaction has changed also carries proof
	// of the change.
	Audit(e Event) error
	// AddUse takes something from a budget; Refund gives back all that a
	// request took. Read what is used in the same transaction: nobody else
	// writes between.
	AddUse(u Use) error
	Refund(requestID string) error
	// AddHold puts a lock or freeze up; LiftHold ends one, or is
	// ErrNotFound.
	AddHold(h Hold) error
	LiftHold(id string) error
	// PutPost writes a message's record: a new one where Version is 0, else
	// over what has that version. It is ErrConflict where another was
	// quicker, and returns the record as written. It wakes no watcher but by
	// a new Problem.
	PutPost(p Post) (Post, error)
	// AddDelivery keeps what came in until it is dropped: ErrSpent where it is
	// kept already. TakeDelivery is ErrConflict where somebody else is at work
	// on it, or it is dealt with.
	AddDelivery(d Delivery) error
	TakeDelivery(id string, now, until time.Time) error
	DropDelivery(id string) error
	// AddPasskey keeps a passkey: ErrSpent where one of its id is kept,
	// anybody's. UsePasskey writes down a signature's count, and is ErrSpent
	// where that cannot come after those seen, so the key was copied;
	// ErrNotFound where there is no such key. DropPasskey forgets one of a
	// person's, or is ErrNotFound.
	AddPasskey(p Passkey) error
	UsePasskey(id string, uses int64, now time.Time) error
	DropPasskey(person, id string) error
}

// What a transaction may answer.
var (
	ErrNotFound = errors.New("ledger: not found")
	ErrConflict = errors.New("ledger: somebody else has changed this request")
	ErrNoEdge   = errors.New("ledger: a request cannot go from that state to this")
	ErrSpent    = errors.New("ledger: this was used before")

	ErrAnotherAsk = errors.New("ledger: what a request asks for never changes")
)

var errIDTaken = errors.New("ledger: this needs an id of its own")
