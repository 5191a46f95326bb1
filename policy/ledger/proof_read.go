package ledger

import (
	"bytes"
	"encoding/json"
)

// readProof reads what [proofs.take] writes. Most rows of a trail carry a vote,
// and a general decoder would take more of a verification's time than all the
// hashing: what has the usual form is read in one pass.
func readProof(text []byte) (p proof, err error) {
	if p, ok := usualProof(text); ok {
		return p, nil
	}
	err = json.Unmarshal(text, &p)
	return p, err
}

// usualProof reads a proof without a claim, in the order in which its members
// are written. It is false for anything else, which may be JSON all the same.
func usualProof(text []byte) (p proof, ok bool) {
	r := proofReader{rest: text}
	r.open("{")
	if r.member("state") {
		p.State = State(r.word())
	}
	p.Sending = r.truth("sending")
	p.Dropped = r.truth("dropped")
	if r.member("votes") {
		for r.open("["); !r.failed; {
			p.Votes = append(p.Votes, r.vote())
			if !r.next(",") {
				break
			}
		}
		r.need("]")
	}
	r.need("}")
	return p, !r.failed && len(r.rest) == 0
}

// proofReader takes pieces off the front of a text.
type proofReader struct {
	rest   []byte
	inside bool // a member has been read: the next comes after a comma
	failed bool
}

func (r *proofReader) vote() (v voteProof) {
	r.open("{")
	if !r.member("person") {
		r.failed = true
	}
	v.Person = r.word()
	v.Approve = r.truth("approve")
	if !r.member("factor") {
		r.failed = true
	}
	v.Level = r.digit()
	v.OwnOnly = r.truth("own_only")
	v.NameTyped = r.truth("name_typed")
	v.Reason = r.truth("reason")
	if r.member("digest") {
		v.Digest = r.word()
	}
	r.need("}")
	return v
}

// next takes a piece, if it is what comes next.
func (r *proofReader) next(piece string) bool {
	if len(r.rest) < len(piece) || string(r.rest[:len(piece)]) != piece {
		return false
	}
	r.rest = r.rest[len(piece):]
	return true
}

func (r *proofReader) need(piece string) { r.failed = !r.next(piece) || r.failed }

// open takes what begins an object or a list.
func (r *proofReader) open(piece string) {
	r.need(piece)
	r.inside = false
}

// member takes a member's name, if it is what comes next.
func (r *proofReader) member(name string) bool {
	before := r.rest
	if r.inside && !r.next(",") || !r.next(`"`) || !r.next(name) || !r.next(`":`) {
		r.rest = before
		return false
	}
	r.inside = true
	return true
}

// truth takes a member that is written only where it is true.
func (r *proofReader) truth(name string) bool {
	if !r.member(name) {
		return false
	}
	r.need("true")
	return true
}

// word takes a string of plain ASCII without escapes.
func (r *proofReader) word() string {
	r.need(`"`)
	end := bytes.IndexByte(r.rest, '"')
	if end < 0 || bytes.ContainsFunc(r.rest[:end], func(c rune) bool { return c < ' ' || c > '~' || c == '\\' }) {
		r.failed = true
		return ""
	}
	word := string(r.rest[:end])
	r.rest = r.rest[end+1:]
	return word
}

// digit takes a number of one digit, which every factor is.
func (r *proofReader) digit() int {
	if len(r.rest) == 0 || r.rest[0] < '0' || r.rest[0] > '9' {
		r.failed = true
		return 0
	}
	digit := int(r.rest[0] - '0')
	r.rest = r.rest[1:]
	return digit
}
