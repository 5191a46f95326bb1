package ledger

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"vpsops/internal/seal"
)

// The most that one audit row holds, in bytes. A longer detail is cut; longer
// data is refused, since half of it would be no JSON.
const (
	maxDetail = 16 << 10
	maxData   = 64 << 10
	maxField  = 1 << 10
)

// head is where the trail has got to.
type head struct {
	link
	signedSeq int64 // the last checkpoint's
	signedAt  int64
}

// clerk turns events into rows of the chain, for every kind of ledger alike.
type clerk struct {
	redact redactor
	key    ed25519.PrivateKey // nil: no checkpoints
	every  int64              // rows between checkpoints
	after  int64              // nanoseconds between them
}

func newClerk(key seal.Key, every int, after time.Duration) *clerk {
	c := &clerk{redact: newRedactor(key), every: int64(every), after: int64(after)}
	if key != (seal.Key{}) {
		c.key = signingKey(key)
	}
	return c
}

// row makes the next row of the chain.
func (c *clerk) row(h *head, e Event, proof json.RawMessage) (Row, error) {
	var err error
	if e.Data, err = c.cleanData(e.Data); err != nil {
		return Row{}, err
	}
	e.Kind = c.clean(e.Kind, maxField)
	e.RequestID, e.ServerID, e.Identity.ID = c.clean(e.RequestID, maxField), c.clean(e.ServerID, maxField), c.clean(e.Identity.ID, maxField)
	// Those are names that the policy and the configuration have given, whatever they
	// look like: a row under another one could not be found by it.
	e.Person, e.Account = fit(e.Person, maxField), fit(e.Account, maxField)
	e.Detail = c.clean(e.Detail, maxDetail)
	e.Proof = proof
	return h.append(e), nil
}

func (h *head) append(e Event) Row {
	e.Seq = h.seq + 1
	var scratch encoder
	prev := h.next(&e, &scratch)
	return Row{Event: e, Prev: prev.String(), Hash: h.hash.String()}
}

// clean makes a text one that every database and export keeps as it is, that
// holds no secret and, unless limit is 0, is not longer than it.
func (c *clerk) clean(s string, limit int) string {
	return fit(c.redact.text(strings.ToValidUTF8(s, "\uFFFD")), limit)
}

// fit is clean without a look for secrets.
func fit(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit || limit == 0 {
		return s
	}
	cut := limit
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// due tells whether a checkpoint is to follow a row written at a time.
func (c *clerk) due(h *head, at time.Time) bool {
	return c.key != nil && (h.seq-h.signedSeq >= c.every || nanos(at)-h.signedAt >= c.after)
}

// checkpoint signs where the chain has got to, and appends the row that says
// so.
func (c *clerk) checkpoint(h *head, at time.Time) (Row, Checkpoint) {
	cp := sign(c.key, h.link, nanos(at))
	row := h.append(Event{At: at, Kind: KindCheckpoint, Detail: cp.String()})
	h.signedSeq, h.signedAt = h.seq, nanos(at)
	return row, cp
}
