package socket

import (
	"errors"
	"fmt"

	"github.com/slack-go/slack"
)

// FatalError is what Slack says and no waiting mends.
type FatalError struct {
	Reason string // Slack's word, such as invalid_auth or link_disabled
	Do     string // what a person does next
}

func (e *FatalError) Error() string {
	return fmt.Sprintf("slack: Socket Mode ended: %s: %s", e.Reason, e.Do)
}

const (
	newToken = "make an app-level token with the scope connections:write on the app's page (Basic Information, App-Level Tokens) and set SLACK_APP_TOKEN to it"
	askOwner = "ask an owner of the workspace to enable the app, or install it again from the app's page (Install App)"
	turnOn   = "turn Socket Mode on on the app's page (Socket Mode), or set SLACK_SIGNING_SECRET instead of SLACK_APP_TOKEN and take deliveries over HTTP"
)

// fatal are the reasons of apps.connections.open (docs.slack.dev) and of a
// disconnect that stay until a person does something.
var fatal = map[string]string{
	"invalid_auth":           newToken,
	"not_authed":             newToken,
	"token_revoked":          newToken,
	"token_expired":          newToken,
	"not_allowed_token_type": "SLACK_APP_TOKEN holds another kind of token: " + newToken,
	"missing_scope":          "the token has other scopes: " + newToken,
	"no_permission":          "the token has other scopes: " + newToken,
	"account_inactive":       askOwner,
	"app_inactive":           askOwner,
	"access_denied":          askOwner,
	"forbidden_team":         askOwner,
	"team_disabled":          askOwner,
	"user_removed_from_team": askOwner,
	linkDisabled:             turnOn,
}

const linkDisabled = "link_disabled"

// classified makes a *FatalError of an error that is one.
func classified(err error) error {
	var said slack.SlackErrorResponse
	if !errors.As(err, &said) {
		return err
	}
	if do, ok := fatal[said.Err]; ok {
		return &FatalError{Reason: said.Err, Do: do}
	}
	return err
}

func isFatal(err error) bool {
	var f *FatalError
	return errors.As(err, &f)
}
