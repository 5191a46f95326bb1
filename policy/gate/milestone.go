package gate

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// Milestone is a row of the audit trail by which a request came to an end or
// near it, or a lock or a freeze was put up or lifted.
type Milestone struct {
	Row       int64
	RequestID string // "" for a lock or a freeze, of which HoldChange tells
}

// milestones are the kinds of row that may be one.
var milestones = []string{eventState, eventClaim, eventOutcome, eventSettled, eventHold, eventLift}

// Milestones returns what came about in rows of the trail after a number and,
// unless since is zero, of that time and later: oldest first, each request once.
// Newest is the number of the trail's last row: what to go on after. Of a very
// long trail only the last part is looked through.
func (b *Ballot) Milestones(ctx context.Context, after int64, since time.Time) (found []Milestone, newest int64, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		last, err := tx.Trail(ledger.EventFilter{Limit: 1})
		if err != nil || len(last) == 0 {
			return err
		}
		if newest = last[0].Seq; newest <= after {
			return nil
		}
		f := ledger.EventFilter{Kinds: milestones, Since: since}
		if _, err := (trailReader{gate: b.gate, tx: tx}).narrow(&f); err != nil {
			return err
		}
		f.After, f.Oldest, f.Limit = max(f.After, after), true, trailPage
		found, err = milestonesOf(tx, f)
		return err
	})
	return found, newest, err
}

// milestonesOf reads page after page, so that a day's rows are never held at
// once.
func milestonesOf(tx ledger.ReadTx, f ledger.EventFilter) (found []Milestone, err error) {
	seen := make(map[string]bool)
	for {
		rows, err := tx.Trail(f)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.RequestID == "" || !seen[r.RequestID] {
				seen[r.RequestID] = true
				found = append(found, Milestone{r.Seq, r.RequestID})
			}
		}
		if len(rows) < f.Limit {
			return found, nil
		}
		f.After = rows[len(rows)-1].Seq
	}
}

// HoldChange is a lock or a freeze that was put up or lifted.
type HoldChange struct {
	At     time.Time
	Person string // who did it
	Front  policy.Front
	Lifted bool
	Hold   ledger.Hold // From is not known
	Server string      // what the server was called when it was locked; "" where none was, or it isn't known
}

// held is what the trail keeps of a hold.
type held struct {
	ID      string           `json:"id"`
	Kind    ledger.HoldKind  `json:"kind"`
	Scope   ledger.HoldScope `json:"scope"`
	Value   string           `json:"value,omitempty"`
	Account string           `json:"account,omitempty"`
	Owner   string           `json:"owner"`
	Because string           `json:"because"`
	Until   time.Time        `json:"until,omitzero"`
	Server  string           `json:"server,omitempty"`
}

func heldOf(h ledger.Hold, server string) held {
	return held{h.ID, h.Kind, h.Scope, h.Value, h.Account, h.Owner, h.Because, h.Until, server}
}

func (h held) hold() ledger.Hold {
	return ledger.Hold{ID: h.ID, Kind: h.Kind, Scope: h.Scope, Value: h.Value, Account: h.Account, Owner: h.Owner, Because: h.Because, Until: h.Until}
}

// HoldChange returns what a row of the trail tells of a lock or a freeze. It is
// ErrNotFound where there is no such row, or it tells of something else.
func (b *Ballot) HoldChange(ctx context.Context, row int64) (c HoldChange, err error) {
	err = b.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error {
		rows, err := tx.Trail(ledger.EventFilter{After: row - 1, Oldest: true, Limit: 1})
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Seq != row || rows[0].Kind != eventHold && rows[0].Kind != eventLift {
			return ErrNotFound
		}
		c, err = changeIn(tx, rows[0])
		return err
	})
	return c, err
}

func changeIn(tx ledger.ReadTx, r ledger.Row) (HoldChange, error) {
	h, err := heldIn(r)
	c := HoldChange{At: r.At, Person: r.Person, Front: r.Front, Lifted: r.Kind == eventLift, Hold: h.hold(), Server: h.Server}
	if err != nil || !c.Lifted || c.Hold.Scope != ledger.ScopeServer {
		return c, err
	}
	locked, err := tx.Trail(ledger.EventFilter{ServerID: r.ServerID, Account: r.Account, Kinds: []string{eventHold}, Before: r.Seq, Limit: 1})
	if err != nil || len(locked) == 0 {
		return c, err
	}
	h, err = heldIn(locked[0])
	c.Server = h.Server
	return c, err
}

// heldIn reads what an older version wrote as far as it goes.
func heldIn(r ledger.Row) (h held, err error) {
	if len(r.Data) == 0 {
		kind, rest, _ := strings.Cut(r.Detail, " ")
		_, because, _ := strings.Cut(rest, ": ")
		return held{Kind: ledger.HoldKind(kind), Because: because, Scope: scopeOf(r), Value: r.ServerID, Account: r.Account}, nil
	}
	return h, json.Unmarshal(r.Data, &h)
}

func scopeOf(r ledger.Row) ledger.HoldScope {
	if r.ServerID != "" {
		return ledger.ScopeServer
	}
	return ""
}
