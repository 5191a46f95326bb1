package gate

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

const (
	dialogPurpose = "dialog"
	dialogTTL     = 10 * time.Minute
	pagePurpose   = "page"
)

// dialogState travels through the client, which is not trusted: it is sealed,
// and binds the answer to who asked, what, and the request it became.
type dialogState struct {
	RequestID string          `json:"r"`
	Digest    string          `json:"d"`
	Call      string          `json:"c"`
	Identity  policy.Identity `json:"i"`
	Expires   int64           `json:"e"`
	Nonce     string          `json:"n"`
}

// callDigest identifies a call as it was made, before anything was resolved.
func callDigest(op Operation) string {
	return digest("vpsops call 1", mustJSON(op), []byte(op.Reason))
}

// dialog seals the state for a client's dialog about a request. It is "" where
// a dialog's answer would not be enough: then a person must be reached in
// another way.
func (g *Gate) dialog(actor policy.Actor, op Operation, r ledger.Request) string {
	if r.State != ledger.Pending || len(r.Needs) != 1 {
		return ""
	}
	if n := r.Needs[0]; !n.ByAsker() || n.Factor > policy.Client || n.TypeName || n.Reason {
		return ""
	}
	return g.Key.Seal(dialogPurpose, mustJSON(dialogState{
		RequestID: r.ID, Digest: r.Digest, Call: callDigest(op), Identity: actor.Identity,
		Expires: g.Now().Add(dialogTTL).Unix(), Nonce: rand.Text(),
	}))
}

// pageState travels likewise, while the client opens a request's page. It opens
// nothing: that it is of this very call keeps one request's end from being told as
// another's.
type pageState struct {
	RequestID string          `json:"r"`
	Call      string          `json:"c"`
	Identity  policy.Identity `json:"i"`
}

func (g *Gate) page(actor policy.Actor, op Operation, r ledger.Request) string {
	return g.Key.Seal(pagePurpose, mustJSON(pageState{RequestID: r.ID, Call: callDigest(op), Identity: actor.Identity}))
}

// openPage returns the request that a call's page was opened for.
func (g *Gate) openPage(ctx context.Context, actor policy.Actor, op Operation, sealed string) (requestID string, err error) {
	var s pageState
	payload, err := g.Key.Open(pagePurpose, sealed)
	if err == nil {
		err = json.Unmarshal(payload, &s)
	}
	if err != nil || s.Identity != actor.Identity || s.Call != callDigest(op) {
		return "", g.auditDialog(ctx, actor, s.RequestID, ErrDialog)
	}
	return s.RequestID, nil
}

// answer hands in what the client's dialog said, as a vote of the asker with
// the weakest factor. Where the answer counts no more since its request has moved on,
// the request is returned as it stands: a client whose answer was lost makes the same
// call again, and must not hear that nothing came of it.
func (g *Gate) answer(ctx context.Context, actor policy.Actor, op Operation, sealed string, accept bool) (ledger.Request, error) {
	if actor.ReadOnly && accept {
		refused := &VoteError{Problem: "this credential may read and not change anything"}
		return ledger.Request{}, g.auditDialog(ctx, actor, "", refused)
	}
	s, err := g.openDialog(actor, op, sealed)
	if err != nil {
		return ledger.Request{}, g.auditDialog(ctx, actor, s.RequestID, err)
	}
	switch {
	case g.Now().Unix() >= s.Expires:
		err = ErrDialog
	case accept && g.ReadOnly: // before it is spent: a no is taken still
		err = errReadOnlyVote()
	default:
		err = g.spend(ctx, s)
	}
	if err != nil {
		err = g.auditDialog(ctx, actor, s.RequestID, err)
		if v, unseen := g.view(ctx, actor, s.RequestID); unseen == nil && v.State != ledger.Pending {
			return v.Request, nil
		}
		return ledger.Request{}, err
	}
	by := Voter{Identity: actor.Identity, Front: actor.Front, Factor: policy.Client, OwnOnly: true}
	return g.vote(ctx, by, Verdict{RequestID: s.RequestID, Digest: s.Digest, Approve: accept})
}

// openDialog reads the state of a dialog about that very call, which is good for a
// while and once (see spend).
func (g *Gate) openDialog(actor policy.Actor, op Operation, sealed string) (s dialogState, err error) {
	payload, err := g.Key.Open(dialogPurpose, sealed)
	if err != nil {
		return s, ErrDialog
	}
	if err := json.Unmarshal(payload, &s); err != nil {
		return s, ErrDialog
	}
	if s.Identity != actor.Identity || s.Call != callDigest(op) {
		return s, ErrDialog
	}
	return s, nil
}

// spend lets nobody answer the same dialog again.
func (g *Gate) spend(ctx context.Context, s dialogState) error {
	err := g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return tx.Spend("dialog "+s.Nonce, g.Now(), time.Unix(s.Expires, 0))
	})
	if errors.Is(err, ledger.ErrSpent) {
		return ErrDialog
	}
	return err
}

// auditDialog records that a dialog's state was refused, and returns why.
func (g *Gate) auditDialog(ctx context.Context, actor policy.Actor, requestID string, refused error) error {
	err := g.Ledger.Write(ctx, func(tx ledger.Tx) error {
		return tx.Audit(ledger.Event{
			At: g.Now(), Kind: eventDialog, RequestID: requestID,
			Person: g.Policy().PersonOf(actor.Identity), Identity: actor.Identity, Front: actor.Front, Detail: refused.Error(),
		})
	})
	return errors.Join(refused, err)
}
