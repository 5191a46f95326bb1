// Package remedy says what a person does next about an error of the API.
package remedy

import (
	"context"
	"errors"
	"time"

	"vpsops/vpsapi"
)

// Of returns it in whole sentences that hold nothing of the API's own words; ""
// where there is nothing to do but to read what the API said.
func Of(err error) string {
	var (
		missing *vpsapi.MissingTokenError
		refused *vpsapi.APIError
	)
	errors.As(err, &refused)
	switch {
	case errors.As(err, &missing):
		return "Whoever runs vpsops sets VPS_API_TOKEN to a token from admin.vps.org and starts it again."
	case errors.Is(err, vpsapi.ErrUnauthorized):
		return "Whoever runs vpsops sets " + Token(err) + " to a valid one. Asking again won't help."
	case errors.Is(err, vpsapi.ErrPaymentRequired):
		return "The account lacks credit for it: once it is topped up at admin.vps.org, ask again."
	case errors.Is(err, vpsapi.ErrForbidden):
		return "It takes a token with more permissions."
	case errors.Is(err, vpsapi.ErrRateLimited):
		return "Ask again " + later(refused) + "."
	case refused != nil && errors.Is(err, vpsapi.ErrUnavailable):
		return "Ask again in a few minutes."
	case outOfReach(err):
		return "Ask again in a few minutes. If it lasts, whoever runs vpsops sees to VPS_API_URL and the network."
	}
	return ""
}

// Token says where the token that the API refused is set.
func Token(err error) string {
	if refused, ok := errors.AsType[*vpsapi.APIError](err); ok && refused.TokenName != "" {
		return refused.TokenName
	}
	return "VPS_API_TOKEN"
}

// outOfReach tells whether there was no answer, or never a connection.
func outOfReach(err error) bool {
	if errors.Is(err, vpsapi.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var unsent *vpsapi.NotSentError
	return errors.As(err, &unsent) && !errors.Is(err, vpsapi.ErrInvalid) && !errors.Is(err, context.Canceled)
}

// later says when to ask again: as the API has it, where it says so.
func later(e *vpsapi.APIError) string {
	if e == nil || e.RetryAfter <= 0 {
		return "in a minute"
	}
	return "in " + e.RetryAfter.Round(time.Second).String()
}
