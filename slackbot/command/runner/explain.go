package runner

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
	"vpsops/slackbot/command"
	"vpsops/vpsapi"
)

const maxFault = 600 // runes of an explanation

// Explain says to the asker what an error of Run means and what to do next. It
// is empty for an error that says nothing to them: log that one.
func Explain(desk *gate.Desk, actor policy.Actor, c command.Command, err error) string {
	var (
		unknown *vpsapi.NotFoundError
		several *vpsapi.AmbiguousError
		store   *ledger.StoreError
		badID   *vpsapi.InvalidIDError
	)
	switch {
	case errors.As(err, &unknown):
		text := fmt.Sprintf("No server has the id, name, hostname or address %q.", inert.Text(unknown.Ref, maxCell))
		if near := rowsFor(desk, actor, c.Account, unknown.Suggestions); near != "" {
			text += " Near it, if one of these is meant: " + near + "."
		}
		return text
	case errors.As(err, &several):
		text := fmt.Sprintf("%q is %d servers", inert.Text(several.Ref, maxCell), len(several.Candidates)+several.More)
		if rows := rowsFor(desk, actor, c.Account, several.Candidates); rows != "" {
			text += ": " + rows
		}
		return text + ". Nothing was done. Name the one that is meant by id:ID."
	case errors.As(err, &badID):
		return inert.Sentence(badID.Error(), maxFault)
	case errors.As(err, &store):
		return "The ledger, in which everything is recorded first, cannot be used (" + string(store.Problem) + "), so nothing is changed; reads go on. Whoever runs vpsops finds more in its log, and with vpsops doctor."
	}
	if text := explainGate(err); text != "" {
		return text
	}
	return explainAPI(err)
}

func explainGate(err error) string {
	var (
		denied    *gate.DeniedError
		noAccount *gate.NoAccountError
		invalid   *gate.InvalidError
		late      *gate.TooLateError
		vote      *gate.VoteError
	)
	switch {
	case errors.As(err, &denied):
		return inert.Sentence(denied.Error(), maxFault)
	case errors.Is(err, gate.ErrNotFound), errors.Is(err, gate.ErrClosing), errors.Is(err, gate.ErrDialog), errors.Is(err, gate.ErrStale),
		errors.As(err, &noAccount), errors.As(err, &invalid), errors.As(err, &late), errors.As(err, &vote):
		return inert.Sentence(err.Error(), maxFault)
	}
	return ""
}

// explainAPI says what the API's error means for who asked, or nothing.
func explainAPI(err error) string {
	var (
		refused *vpsapi.APIError
		missing *vpsapi.MissingTokenError
	)
	errors.As(err, &refused)
	switch {
	case errors.As(err, &missing):
		return "No API token is configured: whoever runs vpsops sets VPS_API_TOKEN to a token from admin.vps.org and starts it again."
	case errors.Is(err, vpsapi.ErrUnauthorized):
		return "The API refused the token (401)" + said(refused) + ". Whoever runs vpsops sets VPS_API_TOKEN to a valid one."
	case errors.Is(err, vpsapi.ErrForbidden):
		return "The API token may not do this (403)" + said(refused) + ". It takes a token with more permissions."
	case errors.Is(err, vpsapi.ErrNotFound):
		return "The API knows nothing by that id (404). list shows the servers there are."
	case errors.Is(err, vpsapi.ErrRateLimited):
		return "The API is asked too often (429)" + said(refused) + ". Try again " + later(refused) + "."
	case errors.Is(err, vpsapi.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return "The API is out of reach or out of order" + said(refused) + ". Try again in a few minutes; if it lasts, whoever runs vpsops sees to VPS_API_URL and the network."
	case errors.Is(err, context.Canceled):
		return "It was interrupted."
	case refused != nil:
		return fmt.Sprintf("The API refused it (%d)%s.", refused.StatusCode, said(refused))
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

// rowsFor lists servers that the actor may see.
func rowsFor(desk *gate.Desk, actor policy.Actor, account string, rows []vpsapi.ServerRow) string {
	var texts []string
	for _, r := range rows {
		s := vpsapi.Server{ID: r.ID, Name: r.Name, Hostname: r.Hostname, Location: r.Location}
		if desk.MayRead(actor, policy.List, account, &s) == nil {
			texts = append(texts, fmt.Sprintf("%s (id %s, %s)", cell(r.Name), r.ID, cell(r.Location)))
		}
	}
	return strings.Join(texts, ", ")
}
