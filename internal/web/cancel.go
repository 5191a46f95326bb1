package web

import (
	"errors"
	"net/http"

	"vpsops/policy/gate"
)

func aboutCancel(id string) string { return "cancel " + id }

// cancel takes the visitor's own request back.
func (p *page) cancel(w http.ResponseWriter, r *http.Request, v visitor) {
	id := r.PathValue("id")
	if _, ok := p.openFormToken(v, aboutCancel(id), r.PostForm.Get("taking_back")); !ok {
		p.refuseToken(w, r)
		return
	}
	view, err := p.Ballot.Cancel(r.Context(), v.actor(), id)
	var late *gate.TooLateError
	switch {
	case err == nil:
		http.Redirect(w, r, "/requests/"+id, http.StatusSeeOther)
	case errors.Is(err, gate.ErrNotFound):
		p.notYours(w, r, v)
	case errors.As(err, &late) && view.ID != "":
		p.showRefusal(w, r, v, view, err)
	default:
		p.fail(w, r, err)
	}
}
