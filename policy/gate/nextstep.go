package gate

import (
	"errors"
	"strings"

	"vpsops/internal/remedy"
	"vpsops/policy/ledger"
)

// maxSaid is how many runes of an error's own words stand in a request's message:
// what to do next stands behind them, and is never cut off.
const maxSaid = 340

// undone is the message of a request of which nothing was done: why, and what a
// person does next, where there is anything.
func undone(what string, err error) string {
	text := what + ": " + capRunes(err.Error(), maxSaid)
	if next := nextStep(err); next != "" {
		text = strings.TrimSuffix(text, ".") + ". " + next
	}
	return text
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
