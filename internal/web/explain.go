package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
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
		denied  *gate.DeniedError
		invalid *gate.InvalidError
		none    *gate.NoAccountError
		several *vpsapi.AmbiguousError
		missing *vpsapi.NotFoundError
		badID   *vpsapi.InvalidIDError
	)
	switch {
	case errors.As(err, &denied):
		return trouble{http.StatusForbidden, inert.Sentence(err.Error(), maxReason)}, true
	case errors.Is(err, gate.ErrClosing):
		return trouble{http.StatusServiceUnavailable, inert.Sentence(err.Error(), maxReason)}, true
	case errors.As(err, &invalid), errors.As(err, &badID):
		return trouble{http.StatusUnprocessableEntity, inert.Sentence(err.Error(), maxReason)}, true
	case errors.As(err, &none), errors.Is(err, gate.ErrNotFound):
		return trouble{http.StatusNotFound, inert.Sentence(err.Error(), maxReason)}, true
	case errors.As(err, &missing):
		return trouble{http.StatusNotFound, fmt.Sprintf("No server has the id, name, hostname or address %q.%s", inertName(missing.Ref), p.rowWords(v, account, " Near it: ", missing.Suggestions))}, true
	case errors.As(err, &several):
		return trouble{http.StatusUnprocessableEntity, fmt.Sprintf("%q is several servers.%s Name the one that is meant by its id.", inertName(several.Ref), p.rowWords(v, account, " They are: ", several.Candidates))}, true
	}
	return explainAPI(err)
}

// explainAPI says what the API's no means.
func explainAPI(err error) (trouble, bool) {
	var refused *vpsapi.APIError
	said := ""
	if errors.As(err, &refused) && refused.Message != "" {
		said = ` It said “` + inert.Line(refused.Message, 300) + `”.`
	}
	again := "in a minute"
	if refused != nil && refused.RetryAfter > 0 {
		again = "in " + refused.RetryAfter.Round(time.Second).String()
	}
	for _, kind := range []struct {
		of     error
		status int
		text   string
	}{
		{vpsapi.ErrUnauthorized, http.StatusBadGateway, "The API refused the token. Whoever runs vpsops gives it a valid one."},
		{vpsapi.ErrForbidden, http.StatusBadGateway, "The API token may not do this. It takes a token with more permissions."},
		{vpsapi.ErrNotFound, http.StatusNotFound, "There is no such server. It may be gone; the list shows those there are."},
		{vpsapi.ErrRateLimited, http.StatusServiceUnavailable, "The API is asked too often. Try again " + again + "."},
		{vpsapi.ErrUnavailable, http.StatusBadGateway, "The API is out of reach or out of order. Try again in a few minutes."},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, "The API takes too long to answer. Try again in a few minutes."},
	} {
		if errors.Is(err, kind.of) {
			return trouble{kind.status, kind.text + said}, true
		}
	}
	if refused != nil {
		return trouble{http.StatusBadGateway, fmt.Sprintf("The API refused it (%d).%s", refused.StatusCode, said)}, true
	}
	return trouble{}, false
}

// rowWords lists servers that the visitor may see, after some words; "" where
// there are none.
func (p *page) rowWords(v visitor, account, before string, rows []vpsapi.ServerRow) (words string) {
	for _, r := range rows {
		s := vpsapi.Server{ID: r.ID, Name: r.Name, Hostname: r.Hostname, Location: r.Location}
		if p.Ballot.MayRead(v.actor(), policy.List, account, &s) == nil {
			words += before + fmt.Sprintf("%s (id %s)", inertName(r.Name), inertName(r.ID.String()))
			before = ", "
		}
	}
	if words != "" {
		words += "."
	}
	return words
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
