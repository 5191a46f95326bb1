package slackbot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/slack-go/slack"
)

// Codes of Slack's that mean that a message can't stand in a channel
// (https://docs.slack.dev/reference/methods/chat.postMessage, chat.update).
var elsewhere = map[string]string{
	"not_in_channel":        "the app is not in that channel: invite it",
	"channel_not_found":     "there is no such channel, or the app is not in it: invite it",
	"is_archived":           "that channel is archived",
	"is_inactive":           "that channel takes no more changes",
	"restricted_action":     "the workspace does not let the app post in that channel",
	"messages_tab_disabled": "the app's messages tab is turned off",
	"cannot_dm_bot":         "that is a bot",
	"user_not_found":        "there is no such user",
}

// Codes that mean that the app's own settings are wrong.
var misconfigured = map[string]string{
	"invalid_auth":      "the bot token is not valid: check SLACK_BOT_TOKEN",
	"not_authed":        "the bot token is missing: check SLACK_BOT_TOKEN",
	"account_inactive":  "the app was removed from the workspace: install it again",
	"token_revoked":     "the bot token was revoked: install the app again",
	"token_expired":     "the bot token has expired",
	"missing_scope":     "the app lacks a scope: install it again by the manifest",
	"ekm_access_denied": "the workspace's administrators have suspended posting",
}

// Codes that mean that Slack never takes a message as it is
// (https://docs.slack.dev/reference/methods/chat.postMessage).
var neverTaken = map[string]bool{
	"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true, "msg_too_long": true, "no_text": true,
}

// problemOf says in words why Slack could not be told something.
func problemOf(err error) string {
	var limited *slack.RateLimitedError
	var network net.Error
	code := codeOf(err)
	switch {
	case elsewhere[code] != "":
		return "Slack: " + elsewhere[code]
	case misconfigured[code] != "":
		return "Slack: " + misconfigured[code]
	case code != "":
		return "Slack refused the message (" + code + ")"
	case errors.As(err, &limited):
		return fmt.Sprintf("Slack takes no more messages for %s", limited.RetryAfter.Round(time.Second))
	case errors.Is(err, errNoAnswer):
		return "Slack did not take the message"
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		return "Slack cannot be reached"
	}
	return "Slack did not answer as it should"
}

// pauseAfter is how long to wait before a call that failed is tried again.
func pauseAfter(err error) time.Duration {
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		return max(time.Second, min(limited.RetryAfter, maxHeld))
	}
	if mustBeMended(err) {
		return maxPause
	}
	return minPause
}

// mustBeMended tells a setting that is wrong from what passes by itself.
func mustBeMended(err error) bool {
	code := codeOf(err)
	return elsewhere[code] != "" || misconfigured[code] != ""
}

const (
	minPause = 5 * time.Second
	maxPause = time.Minute
	maxHeld  = 10 * time.Minute // what Slack may hold us back for
)

// refusedBySlack tells whether Slack surely did not do what a call said.
func refusedBySlack(err error) bool {
	var limited *slack.RateLimitedError
	return codeOf(err) != "" || errors.As(err, &limited)
}
