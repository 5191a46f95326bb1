package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"time"
)

// rowDomain begins what is hashed of a row, so that no hash of another kind of
// thing can be taken for one. Another encoding gets another number.
const rowDomain = "vpsops audit row 1"

type hash [sha256.Size]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash reads what String writes, and nothing else: one hash, one text.
func parseHash(s string) (h hash, ok bool) {
	if len(s) != 2*len(h) {
		return h, false
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return h, false
	}
	return h, h.String() == s
}

// encoder writes fields so that no two lists of fields give the same bytes:
// each text is preceded by its length in eight bytes.
type encoder []byte

func (b *encoder) number(n int64) { *b = binary.BigEndian.AppendUint64(*b, uint64(n)) }

func (b *encoder) text(s string) {
	b.number(int64(len(s)))
	*b = append(*b, s...)
}

func (b *encoder) bytes(s []byte) {
	b.number(int64(len(s)))
	*b = append(*b, s...)
}

// encode appends the whole row, but for its hash, to b.
func (e *Event) encode(b *encoder, prev hash) {
	b.text(rowDomain)
	b.bytes(prev[:])
	b.number(e.Seq)
	b.number(nanos(e.At))
	b.text(e.Kind)
	b.text(e.RequestID)
	b.text(e.ServerID)
	b.text(e.Account)
	b.text(e.Person)
	b.text(string(e.Identity.Kind))
	b.text(e.Identity.ID)
	b.text(string(e.Front))
	b.text(e.Detail)
	b.bytes(e.Data)
	b.bytes(e.Proof)
}

// link is where a chain has got to.
type link struct {
	seq  int64
	hash hash
}

// next appends an event to the chain. scratch is reused where it is given.
func (l *link) next(e *Event, scratch *encoder) (prev hash) {
	prev = l.hash
	*scratch = (*scratch)[:0]
	e.encode(scratch, prev)
	l.seq, l.hash = e.Seq, sha256.Sum256(*scratch)
	return prev
}

// nanos is a time as it is stored: nanoseconds since 1970 in UTC, and 0 for no
// time. What lies beyond the years 1678 to 2262 becomes their end.
func nanos(t time.Time) int64 {
	switch year := t.Year(); {
	case t.IsZero():
		return 0
	case year < 1678:
		return math.MinInt64
	case year > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
