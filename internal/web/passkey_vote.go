package web

import (
	"errors"
	"net/http"

	"vpsops/policy"
	"vpsops/policy/gate"
)

// offerPasskey lets a voter approve what only a passkey approves, if they have
// one.
func (p *page) offerPasskey(r *http.Request, v visitor, view gate.View, d *decision) {
	fields, err := p.askForPasskey(r, v, ceremony{What: toVote, Request: view.ID, Digest: view.Digest, Verdict: "approve"})
	switch {
	case err != nil:
		p.Logger.Error("a passkey could not be asked for", "person", v.Person, "error", err)
		d.WhyNot = "This needs a passkey, and yours cannot be looked up right now. Look again in a moment."
	case fields == nil:
		d.WhyNot = "This needs a passkey of yours, and you have none here. Whoever runs vpsops makes you a link for the first one: vpsops passkey grant --person " + inertName(v.Person) + "."
	default:
		d.Approve, d.Passkey = true, fields
	}
}

// votePasskey is the proof that a vote's form carries; nil where it carries
// none. It must be for this request as it was shown, and for this verdict.
func (p *page) votePasskey(r *http.Request, v visitor, id, digest, verdict string) (*gate.PasskeyProof, error) {
	if r.PostForm.Get("passkey") == "" {
		return nil, nil //nolint:nilnil // most votes carry none
	}
	c, proof, err := p.provePasskey(r, v, toVote)
	if err == nil && (c.Request != id || c.Digest != digest || c.Verdict != verdict) {
		err = errPasskey("the passkey signed for another request, or another verdict")
	}
	return proof, err
}

// refuseVotePasskey says that a vote did not count, and why in the audit trail.
func (p *page) refuseVotePasskey(w http.ResponseWriter, r *http.Request, v visitor, err error) {
	var wrong errPasskey
	if !errors.As(err, &wrong) {
		p.fail(w, r, err)
		return
	}
	if wait := p.limits.refusal(r); wait > 0 {
		p.tooMany(w, r, wait)
		return
	}
	id := r.PathValue("id")
	p.Logger.Warn("a passkey was refused", "person", v.Person, "request", id, "why", wrong.Error())
	if err := p.Ballot.PasskeyRefused(r.Context(), v.Identity, wrong.Error()); err != nil {
		p.fail(w, r, err)
		return
	}
	view, err := p.Ballot.Request(r.Context(), v.actor(), id)
	switch {
	case errors.Is(err, gate.ErrNotFound):
		p.notYours(w, r, v)
	case err != nil:
		p.fail(w, r, err)
	default:
		p.showRefusal(w, r, v, view, &gate.VoteError{Why: policy.WeakFactor, Problem: "your passkey's answer is not one to what was asked: use it once more"})
	}
}
