package ledger

import (
	"maps"
	"slices"
)

// compare holds the requests and votes that the store has against what the
// trail tells of them: they are what decides, and whoever writes into the store
// need not write into the trail.
func (v *sqlView) compare(c *verifier) error {
	votes, err := v.tallies(&c.court)
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(c.court.requests))
	err = v.each("read requests", "SELECT id, state, created_at FROM requests ORDER BY number", func(scan func(...any) error) error {
		var r Request
		if err := scan((*column)(&r.ID), (*column)(&r.State), (*timeColumn)(&r.CreatedAt)); err != nil {
			return err
		}
		seen[r.ID] = true
		h := c.court.requests[r.ID]
		switch {
		case h == nil || h.state == "":
			if !c.mayBeUntold(r) {
				c.fault(RecordFault, 0, r.ID, "no row tells of it")
			}
		case h.state != r.State:
			c.fault(RecordFault, h.last, r.ID, "the ledger has it as %s, the trail tells that it is %s", r.State, h.state)
		case !h.midway && h.counted(&c.court) != votes[r.ID]:
			c.fault(RecordFault, h.last, r.ID, "its votes in the ledger are not those that the trail tells of")
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(c.court.requests)) {
		// Retention takes away what had ended before it.
		if h := c.court.requests[id]; !seen[id] && h.state != "" && (!h.state.Final() || h.at > c.pruned) {
			c.fault(RecordFault, h.last, id, "the trail tells that it is %s, and the ledger has no such request", h.state)
		}
	}
	return nil
}

// mayBeUntold tells whether no row need tell of a request: retention takes away those
// of what is still open, or was refused lately, and says of which, but for a version
// that kept no list.
func (v *verifier) mayBeUntold(r Request) bool {
	if v.proven && v.cutThrough != nil {
		return v.cutThrough[r.ID]
	}
	return v.anchor.seq > 0 && nanos(r.CreatedAt) <= v.pruned
}

// tallies sums up each request's votes.
func (v *sqlView) tallies(c *court) (map[string]uint64, error) {
	tallies := make(map[string]uint64)
	err := v.each("read votes", "SELECT "+voteColumns+" FROM votes", func(scan func(...any) error) error {
		var vote Vote
		if err := scan(scanVote(&vote)...); err != nil {
			return err
		}
		tallies[vote.RequestID] += c.weigh(proofOf(vote))
		return nil
	})
	return tallies, err
}

// each calls do with the scanner of each row of a query.
func (v *sqlView) each(op, query string, do func(scan func(...any) error) error) error {
	rows, err := v.tx.QueryContext(v.ctx, v.s.query(query))
	if err != nil {
		return v.fault(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return v.fault(op, err)
		}
	}
	return v.fault(op, rows.Err())
}
