package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// sqlTx writes in one transaction.
type sqlTx struct {
	sqlView
	head
	writes  int64     // committed writes of this ledger, with this one
	numbers int64     // the last number given out
	began   int64     // the trail's last row before this transaction
	there   time.Time // the database's clock as this began, where it dates rows
	here    time.Time // this process's then, of which only what has passed since is used
	wrote   bool
	proofs  proofs
	known   map[string]Request // read or written here: nobody else can write them meanwhile
	touched map[string]bool    // requests to be marked as changed
	changed []string           // all that changed, for the watchers
	signed  []Checkpoint
}

// begin takes the head: until the end of this transaction no other writes.
func (t *sqlTx) begin() error {
	var text string
	var there int64
	err := t.one("write", "UPDATE head SET writes = writes + 1 WHERE id = 1 RETURNING writes, numbers, seq, hash, signed_seq, signed_at, "+cmp.Or(t.s.now, "0"), nil,
		&t.writes, &t.numbers, &t.seq, &text, &t.signedSeq, &t.signedAt, &there)
	switch {
	case errors.Is(err, ErrNotFound): // nothing that the caller looks for
		return t.damaged("the head of the audit trail is missing")
	case err != nil:
		return err
	}
	if t.s.now != "" && t.s.options.OwnDates {
		t.there, t.here = fromNanos(there), time.Now()
	}
	var ok bool
	if t.hash, ok = parseHash(text); !ok {
		return t.damaged("the head of the audit trail is no hash")
	}
	t.began = t.seq
	return nil
}

func (t *sqlTx) damaged(how string) error {
	return &StoreError{Op: "write", Store: t.s.store, Problem: Damaged, Err: errors.New(how)}
}

// end writes what the transaction owes before it is committed.
func (t *sqlTx) end() error {
	for id := range t.touched {
		if _, err := t.exec("write", "UPDATE requests SET changed = ? WHERE id = ?", t.writes, toText(id)); err != nil {
			return err
		}
	}
	_, err := t.exec("write", "UPDATE head SET numbers = ?, seq = ?, hash = ?, signed_seq = ?, signed_at = ? WHERE id = 1",
		t.numbers, t.seq, t.hash.String(), t.signedSeq, t.signedAt)
	if err != nil || t.s.tell == "" || len(t.changed) == 0 {
		return err
	}
	_, err = t.exec("write", t.s.tell)
	return err
}

// do runs a statement that changes something.
func (t *sqlTx) do(op, query string, args ...any) (rows int64, err error) {
	t.wrote = true
	return t.exec(op, query, args...)
}

func (t *sqlTx) number() int64 {
	t.numbers++
	return t.numbers
}

// Request reads a request once.
func (t *sqlTx) Request(id string) (Request, error) {
	if r, ok := t.known[id]; ok {
		return r.clone(), nil
	}
	r, err := t.sqlView.Request(id)
	if err == nil {
		t.known[id] = r.clone()
	}
	return r, err
}

func (t *sqlTx) Insert(r Request) error {
	if !r.State.mayBegin() {
		return fmt.Errorf("%w: a request cannot begin as %s", ErrNoEdge, r.State)
	}
	if r.ID == "" {
		return errIDTaken
	}
	r.Version = 1
	values := append(requestValues(&r), toText(r.ID), t.number(), t.writes)
	rows, err := t.do("write a request", insertRequest, values...)
	if err != nil {
		return err
	}
	if rows == 0 {
		return errIDTaken
	}
	t.known[r.ID] = r.clone()
	t.changed = append(t.changed, r.ID)
	t.proofs.wrote(Request{}, r)
	return nil
}

var (
	insertRequest = "INSERT INTO requests (" + requestColumns + ", id, number, changed) VALUES (" + placeholders(32) + ") ON CONFLICT (id) DO NOTHING"
	updateRequest = "UPDATE requests SET " + requestSets + ", changed = ? WHERE id = ? AND version = ?"
	insertVote    = "INSERT INTO votes (" + voteColumns + ", number) VALUES (" + placeholders(13) + ")"
	insertSession = "INSERT INTO sessions (" + sessionColumns + ") VALUES (" + placeholders(9) + ") ON CONFLICT (id_hash) DO NOTHING"
	insertHold    = "INSERT INTO holds (" + holdColumns + ", number) VALUES (" + placeholders(11) + ") ON CONFLICT (id) DO NOTHING"
	insertEvent   = "INSERT INTO audit (" + eventColumns + ") VALUES (" + placeholders(14) + ")"
)

func (t *sqlTx) Update(r Request) (Request, error) {
	old, err := t.Request(r.ID)
	switch {
	case err != nil:
		return Request{}, err
	case old.Version != r.Version:
		return Request{}, ErrConflict
	case old.State != r.State && !old.State.MayBecome(r.State):
		return Request{}, fmt.Errorf("%w: %s to %s", ErrNoEdge, old.State, r.State)
	case !old.asks(r):
		return Request{}, ErrAnotherAsk
	}
	r.Version++
	rows, err := t.do("write a request", updateRequest, append(requestValues(&r), t.writes, toText(r.ID), old.Version)...)
	if err != nil {
		return Request{}, err
	}
	if rows == 0 {
		return Request{}, ErrConflict
	}
	t.known[r.ID] = r.clone()
	t.changed = append(t.changed, r.ID)
	t.proofs.wrote(old, r)
	return r, nil
}

func (t *sqlTx) AddVote(v Vote) error {
	if _, err := t.do("write a vote", "DELETE FROM votes WHERE request_id = ? AND person = ?", toText(v.RequestID), toText(v.Person)); err != nil {
		return err
	}
	_, err := t.do("write a vote", insertVote, toText(v.RequestID), toText(v.Person), toText(string(v.Identity.Kind)), toText(v.Identity.ID),
		toText(string(v.Front)), int64(v.Factor), fromFlag(v.OwnOnly), fromFlag(v.Approve), fromFlag(v.NameTyped),
		toText(v.Reason), toText(v.Digest), nanos(v.At), t.number())
	if err != nil {
		return err
	}
	t.touch(v.RequestID)
	t.proofs.voted(v)
	return nil
}

func (t *sqlTx) touch(requestID string) {
	t.touched[requestID] = true
	t.changed = append(t.changed, requestID)
}

func (t *sqlTx) DropVotes(requestID string) error {
	if _, err := t.do("forget votes", "DELETE FROM votes WHERE request_id = ?", toText(requestID)); err != nil {
		return err
	}
	t.touch(requestID)
	t.proofs.dropped(requestID)
	return nil
}

// Spend keeps the token's hash alone: the ledger's file opens no door.
func (t *sqlTx) Spend(token string, now, until time.Time) error {
	sum := sha256.Sum256([]byte(token))
	rows, err := t.do("use a token up", "INSERT INTO spent (token, valid_until) VALUES (?, ?) ON CONFLICT (token) DO NOTHING",
		hex.EncodeToString(sum[:]), nanos(until))
	if err != nil {
		return err
	}
	if rows == 0 {
		return ErrSpent
	}
	_, err = t.do("forget used tokens", "DELETE FROM spent WHERE "+t.s.expired("valid_until")+" AND token <> ?", nanos(now), hex.EncodeToString(sum[:]))
	return err
}

func (t *sqlTx) AddSession(s Session) error {
	if _, err := t.do("forget sign-ins", "DELETE FROM sessions WHERE "+t.s.expired("expires_at")+" OR id_hash = ?", nanos(s.Created), toText(s.IDHash)); err != nil {
		return err
	}
	_, err := t.do("write a sign-in", insertSession, toText(s.IDHash), toText(string(s.Identity.Kind)), toText(s.Identity.ID), toText(s.Person),
		fromFlag(s.OwnOnly), int64(s.Factor), toText(s.CSRF), nanos(s.Created), nanos(s.Expires))
	return err
}

func (t *sqlTx) DropSession(idHash string) error {
	_, err := t.do("end a sign-in", "DELETE FROM sessions WHERE id_hash = ?", toText(idHash))
	return err
}

func (t *sqlTx) DropSessions(person string) error {
	_, err := t.do("end sign-ins", "DELETE FROM sessions WHERE person = ?", toText(person))
	return err
}

func (t *sqlTx) AddUse(u Use) error {
	_, err := t.do("write what is used of a budget",
		"INSERT INTO budget_uses (number, budget, request_id, uses, cents, at) VALUES (?, ?, ?, ?, ?, ?)",
		t.number(), toText(u.Key), toText(u.RequestID), u.Count, u.Cents, nanos(u.At))
	return err
}

func (t *sqlTx) Refund(requestID string) error {
	_, err := t.do("give back to a budget", "DELETE FROM budget_uses WHERE request_id = ?", toText(requestID))
	return err
}

func (t *sqlTx) AddHold(h Hold) error {
	if err := h.check(); err != nil {
		return err
	}
	rows, err := t.do("write a hold", insertHold, toText(h.ID), toText(string(h.Kind)), toText(string(h.Scope)), toText(h.Value), toText(h.Account),
		toText(h.AccountKey), toText(h.Owner), toText(h.Because), nanos(h.From), nanos(h.Until), t.number())
	if err == nil && rows == 0 {
		return errIDTaken
	}
	return err
}

func (t *sqlTx) LiftHold(id string) error {
	rows, err := t.do("lift a hold", "DELETE FROM holds WHERE id = ?", toText(id))
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

// dated is the date of a row that comes with another: the database's, where that
// dates rows.
func (t *sqlTx) dated(at time.Time) time.Time {
	if t.there.IsZero() {
		return at
	}
	return t.there.Add(time.Since(t.here))
}

func (t *sqlTx) Audit(e Event) error {
	e.At = t.dated(e.At)
	row, err := t.s.clerk.row(&t.head, e, t.proofs.take(e.RequestID))
	if err != nil {
		return err
	}
	if err := t.append(row); err != nil || !t.s.clerk.due(&t.head, row.At) {
		return err
	}
	return t.checkpoint(row.At)
}

// checkpoint looks once more whose the newest is: where processes with two keys begin a
// ledger together, neither finds the other's when it opens it.
func (t *sqlTx) checkpoint(at time.Time) error {
	if err := t.mustBeOurs(); err != nil {
		return err
	}
	row, signed := t.s.clerk.checkpoint(&t.head, at)
	t.signed = append(t.signed, signed)
	return t.append(row)
}

func (t *sqlTx) append(row Row) error {
	_, err := t.do("write the audit trail", insertEvent, eventValues(&row)...)
	return err
}
