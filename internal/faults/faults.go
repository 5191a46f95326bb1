// Package faults says what an error means to who asked, and what they do next.
// It is the same on every front end; what of it comes from outside is inert.
package faults

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"vpsops/internal/inert"
	"vpsops/internal/remedy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

const (
	maxWords = 600 // runes of an explanation
	maxSaid  = 300 // of the API's own words
	maxRef   = 60  // of what a server was called
	maxCell  = 80  // of a name
)

// Words says what the gate's, the ledger's or the API's error means. list is how
// the asker has servers listed, such as "list_servers". It is "" for an error
// that says nothing to them: log that one.
func Words(err error, list string) string {
	if text := ofGate(err); text != "" {
		return text
	}
	if store := (*ledger.StoreError)(nil); errors.As(err, &store) {
		return "The ledger, in which everything is recorded first, cannot be used (" + string(store.Problem) + "), so nothing is changed; reads go on. Whoever runs vpsops finds more in its log, and with vpsops doctor."
	}
	return ofAPI(err, list)
}

func ofGate(err error) string {
	var (
		denied    *gate.DeniedError
		noAccount *gate.NoAccountError
		invalid   *gate.InvalidError
		late      *gate.TooLateError
		vote      *gate.VoteError
		badID     *vpsapi.InvalidIDError
	)
	if errors.As(err, &invalid) && invalid.Field != "" { // an argument's name stands as it is written
		return strings.TrimRight(inert.Line(err.Error(), maxWords), ".") + "."
	}
	if errors.As(err, &denied) {
		return inert.Sentence(denied.Error(), maxWords)
	}
	if errors.Is(err, gate.ErrNotFound) || errors.Is(err, gate.ErrClosing) || errors.Is(err, gate.ErrDialog) || errors.Is(err, gate.ErrStale) ||
		errors.As(err, &noAccount) || errors.As(err, &invalid) || errors.As(err, &late) || errors.As(err, &vote) || errors.As(err, &badID) {
		return inert.Sentence(err.Error(), maxWords)
	}
	return ""
}

func ofAPI(err error, list string) string {
	var (
		refused  *vpsapi.APIError
		missing  *vpsapi.MissingTokenError
		odd      *vpsapi.UnexpectedAnswerError
		tooLarge *vpsapi.ResponseTooLargeError
		paging   *vpsapi.PagingError
	)
	errors.As(err, &refused)
	switch {
	case errors.As(err, &missing):
		return "No API token is configured. " + remedy.Of(err)
	case errors.Is(err, vpsapi.ErrUnauthorized):
		return "The API refused the token (401)" + said(refused) + ". " + remedy.Of(err)
	case errors.Is(err, vpsapi.ErrForbidden):
		return "The API token may not do this (403)" + said(refused) + ". " + remedy.Of(err)
	case NoAPI(err):
		return "There is no list of servers at the API's address (404). Whoever runs vpsops checks VPS_API_URL: the API's path belongs to it, as in https://admin.vps.org/api/v1."
	case IsUnknownID(err):
		return UnknownID(nil, "") + " " + list + " shows the servers there are."
	case errors.Is(err, vpsapi.ErrRateLimited):
		return "The API is asked too often (429)" + said(refused) + ". " + remedy.Of(err)
	case errors.Is(err, vpsapi.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return "The API is out of reach or out of order" + said(refused) + ". " + remedy.Of(err)
	case refused != nil:
		return fmt.Sprintf("The API refused it (%d)%s.", refused.StatusCode, said(refused))
	case errors.As(err, &odd), errors.As(err, &tooLarge), errors.As(err, &paging):
		return "The API's answer makes no sense: " + inert.Sentence(err.Error(), maxWords) + " Whoever runs vpsops checks VPS_API_URL."
	}
	return ""
}

// NoAPI tells a list that isn't there (404) from a server that isn't: it is the
// API that was looked for in the wrong place.
func NoAPI(err error) bool {
	refused, ok := errors.AsType[*vpsapi.APIError](err)
	return ok && refused.Operation == "list servers" && errors.Is(refused, vpsapi.ErrNotFound)
}

// said quotes the API, whose words are data.
func said(e *vpsapi.APIError) string {
	if e == nil || e.Message == "" {
		return ""
	}
	return "; it said " + inert.Quote(e.Message, maxSaid)
}

// Unknown says that no server is called so, and which are called nearly so, of
// those that the asker may see. Of several accounts, the default first, it says
// which one was looked in; "" is the default.
func Unknown(e *vpsapi.NotFoundError, accounts []string, account string, visible func(*vpsapi.Server) bool) string {
	text := fmt.Sprintf("No server has the id, name, hostname or address %q%s", inert.Text(e.Ref, maxRef), where(accounts, account))
	if a, err := netip.ParseAddr(e.Ref); err == nil && a.Is6() {
		text += " The API's list has no IPv6 addresses: take another of these."
	}
	if is, looks, ok := e.Lookalike(); ok {
		text += fmt.Sprintf(" In it stands %U, which is not the %q that it looks like.", is, string(looks))
	}
	if near := rows(e.Suggestions, visible); near != "" {
		text += " Near it, if one of these is meant: " + near + "."
	}
	return text
}

// UnknownID says of an id that was read without a list that the API knows none
// such (see [IsUnknownID]). Of several accounts it says what [Unknown] does.
func UnknownID(accounts []string, account string) string {
	return "The API knows nothing by that id (404)" + where(accounts, account)
}

// IsUnknownID tells an id behind which the API has nothing.
func IsUnknownID(err error) bool {
	return errors.Is(err, vpsapi.ErrNotFound) && !NoAPI(err)
}

// where ends a sentence about what wasn't found.
func where(accounts []string, account string) string {
	if len(accounts) < 2 {
		return "."
	}
	account = cmp.Or(account, accounts[0])
	others := slices.DeleteFunc(slices.Clone(accounts), func(name string) bool { return name == account })
	return fmt.Sprintf(" in account %s. Not looked in: %s.", inert.Text(account, maxCell), inert.Text(strings.Join(others, ", "), maxWords))
}

// Several says which servers are called so, of those that the asker may see.
func Several(e *vpsapi.AmbiguousError, visible func(*vpsapi.Server) bool) string {
	text := fmt.Sprintf("%q is %d servers.", inert.Text(e.Ref, maxRef), len(e.Candidates)+e.More)
	if rows := rows(e.Candidates, visible); rows != "" {
		text += " They are: " + rows
		if e.More > 0 {
			text += fmt.Sprintf(", and %d more", e.More)
		}
		text += "."
	}
	return text + " Nothing was done."
}

func rows(of []vpsapi.ServerRow, visible func(*vpsapi.Server) bool) string {
	var texts []string
	for _, r := range of {
		if visible(r.Server()) {
			texts = append(texts, fmt.Sprintf("%s (id %s, %s)", inert.Name(r.Name, maxCell), inert.Name(r.ID.String(), maxCell), inert.Words(r.Location, maxCell)))
		}
	}
	return strings.Join(texts, ", ")
}
