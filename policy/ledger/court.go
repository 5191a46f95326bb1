package ledger

import (
	"encoding/json"
	"hash/maphash"

	"vpsops/policy"
)

// court replays, from what the trail alone proves, what became of each request:
// that every state was reached by a way that exists, that every execution had
// the votes it needed, and that nothing was sent twice.
type court struct {
	seed       maphash.Seed
	requests   map[string]*history
	states     map[string]proof // proofs that hold a state and no more, by their text: they are few, and most rows'
	cutOff     bool             // the trail's beginning is gone: a request may be in its midst
	executions int
	unsafe     map[string]int // of them, by the grant that let them run without a vote
	fault      func(kind FaultKind, seq int64, requestID, format string, args ...any)
}

// history is what is known of one request.
type history struct {
	state   State
	midway  bool  // its beginning went with the trail's
	first   int64 // the row that told of it first
	last    int64 // the row that told of it last
	at      int64 // when that was
	claimed bool
	sent    bool
	votes   map[string]voteProof // while it isn't final
	tally   uint64               // of the votes, once it is
}

func (h *history) counted(c *court) uint64 {
	if h.state.Final() {
		return h.tally
	}
	var tally uint64
	for _, v := range h.votes {
		tally += c.weigh(v)
	}
	return tally
}

// weigh makes a number of a vote: the sum of several says whether they are the
// same, in no more room than one. Nobody can know beforehand what it will be.
func (c *court) weigh(v voteProof) uint64 { return maphash.Comparable(c.seed, v) }

func (c *court) hear(e *Event) {
	seq, requestID := e.Seq, e.RequestID
	p, err := c.read(e.Proof)
	if err != nil {
		c.fault(StateFault, seq, requestID, "its proof cannot be read")
		return
	}
	h, known := c.requests[requestID]
	if !known {
		h = &history{midway: c.cutOff && e.Kind != KindAsk, first: seq}
		c.requests[requestID] = h
	}
	h.last, h.at = seq, nanos(e.At)
	if p.Dropped {
		h.votes = nil
	}
	for _, v := range p.Votes {
		if h.votes == nil {
			h.votes = make(map[string]voteProof)
		}
		h.votes[v.Person] = v
	}
	if p.State == "" {
		return
	}
	c.step(seq, requestID, h, &p)
	if p.Sending {
		c.send(seq, requestID, h)
	}
	if p.State.Final() {
		h.tally = h.counted(c)
		h.votes = nil
	}
	h.state = p.State
}

func (c *court) read(text json.RawMessage) (p proof, err error) {
	const short = 64
	if p, known := c.states[string(text)]; known {
		return p, nil
	}
	p, err = readProof(text)
	if err == nil && len(text) < short && p.Claim == nil && len(p.Votes) == 0 && p.State.known() {
		c.states[string(text)] = p
	}
	return p, err
}

// step checks one change of state.
func (c *court) step(seq int64, requestID string, h *history, p *proof) {
	switch {
	case h.state == p.State, h.midway && h.state == "":
	case h.state == "" && !p.State.mayBegin():
		c.fault(StateFault, seq, requestID, "it begins as %s", p.State)
	case h.state != "" && !h.state.MayBecome(p.State):
		c.fault(StateFault, seq, requestID, "it went from %s to %s", h.state, p.State)
	}
	if p.State != Executing || h.state == Executing {
		return
	}
	c.executions++
	h.claimed = true
	switch {
	case p.Claim == nil && h.midway: // the claim is no longer in the trail
	case p.Claim == nil:
		c.fault(VotesFault, seq, requestID, "it was carried out, and nothing says what it needed")
	case !h.midway:
		c.judge(seq, requestID, h, p.Claim)
	}
}

// judge counts the votes again. That a voter was of the group then, only the
// policy of that time can tell.
func (c *court) judge(seq int64, requestID string, h *history, claim *claimProof) {
	if claim.Action.Guarded() && len(claim.Needs) == 0 {
		c.unvoted(seq, requestID, claim)
	}
	for _, need := range claim.Needs {
		got := 0
		for _, v := range h.votes {
			if v.fills(need, claim) {
				got++
			}
		}
		if got < need.Count || need.Count < 1 {
			who := need.From
			if who == "" {
				who = "the asker"
			}
			c.fault(VotesFault, seq, requestID, "it was carried out with %d votes of %s, and needed %d", got, who, max(1, need.Count))
		}
	}
}

// unvoted tells what a grant let run without a vote from what had to have one, as a
// delete always has.
func (c *court) unvoted(seq int64, requestID string, claim *claimProof) {
	if len(claim.Unsafe) == 0 || claim.Action == policy.Delete {
		c.fault(VotesFault, seq, requestID, "a %s was carried out without anybody's vote", claim.Action)
		return
	}
	for _, grant := range claim.Unsafe {
		c.unsafe[grant]++
	}
}

func (v voteProof) fills(need storedNeed, claim *claimProof) bool {
	byAsker := need.From == ""
	return v.Approve && v.Digest == claim.Digest && (v.Person == claim.Asker) == byAsker && (byAsker || !v.OwnOnly) &&
		policy.Factor(v.Level) >= policy.Factor(need.Factor) && (v.NameTyped || !need.TypeName) && (v.Reason || !need.Reason)
}

func (c *court) send(seq int64, requestID string, h *history) {
	switch {
	case h.sent:
		c.fault(TwiceFault, seq, requestID, "it was sent before")
	case !h.claimed && !h.midway:
		c.fault(VotesFault, seq, requestID, "it was sent without being claimed")
	}
	h.sent = true
}
