package gate

import (
	"errors"
	"strings"
	"unicode/utf8"

	"vpsops/internal/inert"
	"vpsops/internal/remedy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// maxSaid is how many runes of an error's words, and the API's, stand in a request's message:
// what to do next stands behind them, and is never cut off.
const maxSaid = 340

// undone is the message of a request of which nothing was done: why, and what a
// person does next, where there is anything.
func undone(what string, err error) string {
	text := what + ": " + told(err)
	if next := nextStep(err); next != "" {
		text = strings.TrimSuffix(text, ".") + ". " + next
	}
	return text
}

// told is an error's own words. What the API said stands at their end, as a quote:
// it is data, whatever it sounds like.
func told(err error) string {
	var (
		refused *vpsapi.APIError
		unknown *vpsapi.OutcomeUnknownError
		said    string
	)
	switch {
	case errors.As(err, &unknown):
		ours := *unknown
		ours.Message, said, err = "", unknown.Message, &ours
	case errors.As(err, &refused):
		ours := *refused
		ours.Message, said, err = "", refused.Message, &ours
	}
	const least = 80 // runes of it, however much there is to say beside it
	if said == "" {
		return capRunes(err.Error(), maxSaid)
	}
	text := capRunes(err.Error(), maxSaid-least) + "; it said "
	return text + inert.Quote(strings.TrimSuffix(said, "."), maxSaid-utf8.RuneCountInString(text))
}

func nextStep(err error) string {
	var (
		clock *ledger.ClockError
		store *ledger.StoreError
	)
	switch {
	case errors.Is(err, errNoLease):
		return "Ask again."
	case errors.As(err, &clock), errors.As(err, &store): // no fault of the API's, and they say it themselves
		return ""
	}
	return remedy.Of(err)
}
