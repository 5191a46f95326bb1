package web

import (
	"context"
	"errors"
	"net/http"

	"vpsops/internal/faults"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// trouble is why a page cannot show or do something, and what to do next.
type trouble struct {
	status int
	text   string
}

// explain says what an error means to the visitor. It is false for one that
// says nothing to them: log that one.
func (p *page) explain(v visitor, account string, err error) (trouble, bool) {
	var (
		unknown *vpsapi.NotFoundError
		several *vpsapi.AmbiguousError
		shared  *gate.SharedIDError
	)
	if store := (*ledger.StoreError)(nil); errors.As(err, &store) {
		p.Logger.Error("the ledger failed", "error", err)
	}
	t := trouble{statusOf(err), faults.Words(err, "The list")}
	switch {
	case errors.As(err, &unknown):
		t.text = faults.Unknown(unknown, p.Ballot.Accounts(), account, p.lister(v, account))
	case errors.As(err, &shared):
		t.text = faults.Several(shared.Several, p.lister(v, account)) + " Rename the other one first."
	case errors.As(err, &several):
		t.text = faults.Several(several, p.lister(v, account)) + " Name the one that is meant by its id."
	}
	t.text = withMoments(t.text)
	return t, t.text != ""
}

// statusOf is HTTP's word for what went wrong.
func statusOf(err error) int {
	var (
		denied  *gate.DeniedError
		invalid *gate.InvalidError
		badID   *vpsapi.InvalidIDError
		several *vpsapi.AmbiguousError
		none    *gate.NoAccountError
		unknown *vpsapi.NotFoundError
		store   *ledger.StoreError
	)
	switch {
	case errors.As(err, &denied):
		return http.StatusForbidden
	case errors.As(err, &invalid), errors.As(err, &badID), errors.As(err, &several):
		return http.StatusUnprocessableEntity
	case errors.As(err, &none), errors.As(err, &unknown), errors.Is(err, gate.ErrNotFound), errors.Is(err, vpsapi.ErrNotFound):
		return http.StatusNotFound
	case errors.As(err, &store), errors.Is(err, gate.ErrClosing), errors.Is(err, vpsapi.ErrRateLimited):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// lister tells of a server whether the visitor may list it.
func (p *page) lister(v visitor, account string) func(*vpsapi.Server) bool {
	return func(s *vpsapi.Server) bool { return p.Ballot.MayRead(v.actor(), policy.List, account, s) == nil }
}

// cannot answers with why something cannot be shown or done.
func (p *page) cannot(w http.ResponseWriter, r *http.Request, v visitor, here, title, account string, err error) {
	t, known := p.explain(v, account, err)
	if !known {
		p.fail(w, r, err)
		return
	}
	l := p.layoutAt(here, title, v)
	p.render(w, r, t.status, "message", messagePage{l, t.text})
}
