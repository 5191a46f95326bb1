package web

import (
	"errors"
	"net/http"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
)

// vote hands in what a person pressed. It counts for what their page showed,
// which the form's token says.
func (p *page) vote(w http.ResponseWriter, r *http.Request, v visitor) {
	id, form := r.PathValue("id"), r.PostForm
	digest, ok := p.openFormToken(v, id, form.Get("csrf"))
	if !ok {
		p.refuseToken(w, r)
		return
	}
	verdict := form.Get("verdict")
	if verdict != "approve" && verdict != "deny" {
		p.refuse(w, r, http.StatusUnprocessableEntity, "Approve or deny?", "Nothing was done: the form said neither. Open the request and decide again.")
		return
	}
	proof, err := p.votePasskey(r, v, id, digest, verdict)
	if err != nil {
		p.refuseVotePasskey(w, r, v, err)
		return
	}
	view, err := p.Ballot.Vote(r.Context(), v.Voter, gate.Verdict{
		RequestID: id, Digest: digest, Approve: verdict == "approve",
		TypedName: form.Get("typed_name"), Reason: form.Get("reason"), Passkey: proof,
	})
	switch {
	case err == nil:
		http.Redirect(w, r, "/requests/"+id, http.StatusSeeOther)
	case errors.Is(err, gate.ErrNotFound):
		p.notYours(w, r, v)
	case errors.Is(err, gate.ErrClosing):
		p.refuse(w, r, http.StatusServiceUnavailable, "vpsops is shutting down", inert.Sentence(err.Error(), maxReason))
	case view.ID == "":
		p.fail(w, r, err)
	default:
		p.showRefusal(w, r, v, view, err)
	}
}

// showRefusal shows the request as it stands, with the reason on top and what
// was typed still in its fields.
func (p *page) showRefusal(w http.ResponseWriter, r *http.Request, v visitor, view gate.View, why error) {
	page := p.requestPage(r, v, view)
	page.Alert = inert.Sentence(withMoments(why.Error()), maxReason)
	page.Title = "Not counted: " + page.Title
	d := &page.Decision
	d.GivenName, d.Given = r.PostForm.Get("typed_name"), r.PostForm.Get("reason")
	var refused *gate.VoteError
	if errors.As(why, &refused) {
		d.BadName, d.BadReason = refused.Why == policy.NameNotTyped, refused.Why == policy.NoReason
	}
	p.renderRequest(w, r, v, view, refusalStatus(why), page)
}

func refusalStatus(why error) int {
	var refused *gate.VoteError
	var late *gate.TooLateError
	switch {
	case errors.As(why, &late), errors.Is(why, gate.ErrStale):
		return http.StatusConflict
	case errors.As(why, &refused) && (refused.Why == policy.NameNotTyped || refused.Why == policy.NoReason):
		return http.StatusUnprocessableEntity
	case errors.As(why, &refused):
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}
