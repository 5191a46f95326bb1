package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

const (
	internalError = "Internal error in vpsops; its log says more. Nothing was done by this call as far as is known."
	maxFault      = 600 // runes of an explanation
)

// explain says in a line what went wrong and what to do next. An error that it
// doesn't know goes to the log, not to the model.
func (t *toolset) explain(ctx context.Context, actor policy.Actor, account string, err error) string {
	var (
		unknown   *vpsapi.NotFoundError
		several   *vpsapi.AmbiguousError
		denied    *gate.DeniedError
		noAccount *gate.NoAccountError
		invalid   *gate.InvalidError
		argument  *argumentError
		badID     *vpsapi.InvalidIDError
	)
	switch {
	case errors.As(err, &unknown):
		return t.explainUnknown(actor, account, unknown)
	case errors.As(err, &several):
		return t.explainSeveral(actor, account, several)
	case errors.As(err, &denied):
		return inert.Sentence(denied.Error(), maxFault) + " Asking again won't change it."
	case errors.Is(err, gate.ErrNotFound), errors.Is(err, gate.ErrClosing), errors.Is(err, gate.ErrDialog), errors.Is(err, gate.ErrStale),
		errors.As(err, &noAccount), errors.As(err, &invalid), errors.As(err, &argument), errors.As(err, &badID):
		return inert.Sentence(err.Error(), maxFault)
	}
	if store := (*ledger.StoreError)(nil); errors.As(err, &store) {
		t.Logger.Error("the ledger failed", "error", err)
		return "The ledger, in which everything is recorded first, cannot be used (" + string(store.Problem) + "), so nothing is changed; reads go on. Whoever runs vpsops finds more in its log, and with vpsops doctor."
	}
	if text := explainAPI(err); text != "" {
		return text
	}
	if ctx.Err() != nil {
		return "The call was cancelled."
	}
	t.Logger.Error("a tool failed", "error", err)
	return internalError
}

// explainAPI says what the API's error means for who asked, or nothing.
func explainAPI(err error) string {
	var (
		refused  *vpsapi.APIError
		missing  *vpsapi.MissingTokenError
		odd      *vpsapi.UnexpectedAnswerError
		tooLarge *vpsapi.ResponseTooLargeError
		paging   *vpsapi.PagingError
		vote     *gate.VoteError
	)
	errors.As(err, &refused)
	switch {
	case errors.As(err, &vote):
		return inert.Sentence(vote.Error(), maxFault)
	case errors.As(err, &missing):
		return "No API token is configured: whoever runs vpsops sets VPS_API_TOKEN to a token from admin.vps.org and starts it again."
	case errors.Is(err, vpsapi.ErrUnauthorized):
		return "The API refused the token (401)" + said(refused) + ". Whoever runs vpsops sets VPS_API_TOKEN to a valid one. Asking again won't help."
	case errors.Is(err, vpsapi.ErrForbidden):
		return "The API token may not do this (403)" + said(refused) + ". It takes a token with more permissions."
	case errors.Is(err, vpsapi.ErrNotFound):
		return "The API knows nothing by that id (404). list_servers shows the servers there are."
	case errors.Is(err, vpsapi.ErrRateLimited):
		return "The API is asked too often (429)" + said(refused) + ". Ask again " + later(refused) + "."
	case errors.Is(err, vpsapi.ErrUnavailable):
		text := "The API is out of reach or out of order" + said(refused) + ". Ask again in a few minutes."
		if refused == nil {
			text += " If it lasts, whoever runs vpsops sees to VPS_API_URL and the network."
		}
		return text
	case errors.Is(err, context.DeadlineExceeded):
		return "The API did not answer in time. Ask again in a few minutes."
	case refused != nil:
		return fmt.Sprintf("The API refused it (%d)%s.", refused.StatusCode, said(refused))
	case errors.As(err, &odd), errors.As(err, &tooLarge), errors.As(err, &paging):
		return "The API's answer makes no sense: " + inert.Sentence(err.Error(), maxFault) + " Whoever runs vpsops checks VPS_API_URL."
	}
	return ""
}

// said quotes the API, whose words are data.
func said(e *vpsapi.APIError) string {
	if e == nil || e.Message == "" {
		return ""
	}
	return `; it said "` + inert.Line(e.Message, 300) + `"`
}

func later(e *vpsapi.APIError) string {
	if e == nil || e.RetryAfter <= 0 {
		return "in a minute"
	}
	return "in " + e.RetryAfter.Round(time.Second).String()
}

func (t *toolset) explainUnknown(actor policy.Actor, account string, e *vpsapi.NotFoundError) string {
	text := fmt.Sprintf("No server has the id, name, hostname or address %q.", inert.Text(e.Ref, maxEcho))
	if near := t.rowsFor(actor, account, e.Suggestions); near != "" {
		text += " Near it, if one of these is meant: " + near + "."
	}
	return text + " list_servers shows all."
}

func (t *toolset) explainSeveral(actor policy.Actor, account string, e *vpsapi.AmbiguousError) string {
	text := fmt.Sprintf("%q is %d servers.", inert.Text(e.Ref, maxEcho), len(e.Candidates)+e.More)
	if rows := t.rowsFor(actor, account, e.Candidates); rows != "" {
		text += " They are: " + rows
		if e.More > 0 {
			text += fmt.Sprintf(", and %d more", e.More)
		}
		text += "."
	}
	return text + " Nothing was done. Ask the user which one, and name it by its id as a JSON integer."
}

// rowsFor lists servers that the actor may see.
func (t *toolset) rowsFor(actor policy.Actor, account string, rows []vpsapi.ServerRow) string {
	var texts []string
	for _, r := range rows {
		if t.Desk.MayRead(actor, policy.List, account, serverOf(r)) == nil {
			texts = append(texts, fmt.Sprintf("%s (id %s, %s)", inert.Text(r.Name, maxCell), r.ID, inert.Text(r.Location, maxCell)))
		}
	}
	return strings.Join(texts, ", ")
}
