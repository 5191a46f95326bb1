package ledger

import (
	"encoding/json"

	"vpsops/policy"
)

// proof is what a transaction has done to a request, as the trail keeps it.
type proof struct {
	State   State       `json:"state,omitempty"`   // after the transaction's last write
	Sending bool        `json:"sending,omitempty"` // the call may go out from here on
	Claim   *claimProof `json:"claim,omitempty"`   // of a request that goes to executing
	Dropped bool        `json:"dropped,omitempty"` // the votes before these are forgotten
	Votes   []voteProof `json:"votes,omitempty"`
}

// claimProof is what it took to carry a request out.
type claimProof struct {
	Action policy.Action `json:"action"`
	Asker  string        `json:"asker"`
	Digest string        `json:"digest"`
	Needs  []storedNeed  `json:"needs,omitempty"`
	Unsafe []string      `json:"unsafe,omitempty"` // where nothing is needed: the grants that let it run so
}

func claimOf(r Request) *claimProof {
	c := &claimProof{Action: r.Action, Asker: r.Person, Digest: r.Digest, Needs: storeNeeds(r.Needs)}
	for _, rule := range r.Rules {
		if rule.Kind == policy.GrantRule && rule.Unsafe && len(r.Needs) == 0 {
			c.Unsafe = append(c.Unsafe, rule.ID)
		}
	}
	return c
}

type voteProof struct {
	Person    string `json:"person"`
	Approve   bool   `json:"approve,omitempty"`
	Level     int    `json:"factor"`
	OwnOnly   bool   `json:"own_only,omitempty"`
	NameTyped bool   `json:"name_typed,omitempty"`
	Reason    bool   `json:"reason,omitempty"`
	Digest    string `json:"digest,omitempty"`
}

// proofs collects what a transaction does, until an audit row takes it along.
type proofs map[string]*proof

func (p proofs) of(requestID string) *proof {
	if p[requestID] == nil {
		p[requestID] = &proof{}
	}
	return p[requestID]
}

func (p proofs) wrote(before, after Request) {
	of := p.of(after.ID)
	of.State = after.State
	if before.SendingAt.IsZero() && !after.SendingAt.IsZero() {
		of.Sending = true
	}
	if before.State != Executing && after.State == Executing {
		of.Claim = claimOf(after)
	}
}

func (p proofs) voted(v Vote) {
	of := p.of(v.RequestID)
	of.Votes = append(of.Votes, proofOf(v))
}

func proofOf(v Vote) voteProof {
	return voteProof{
		Person: v.Person, Approve: v.Approve, Level: int(v.Factor), OwnOnly: v.OwnOnly,
		NameTyped: v.NameTyped, Reason: v.Reason != "", Digest: v.Digest,
	}
}

func (p proofs) dropped(requestID string) {
	p[requestID] = &proof{State: p.of(requestID).State, Dropped: true}
}

// take returns what is to be written into a request's next audit row.
func (p proofs) take(requestID string) json.RawMessage {
	of, ok := p[requestID]
	if !ok || requestID == "" {
		return nil
	}
	delete(p, requestID)
	return mustJSON(of)
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil { // only our own plain structs come here
		panic(err)
	}
	return text
}
