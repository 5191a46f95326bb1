package config

import (
	"net/url"
	"strings"
)

// Slack is how to reach Slack, and whose deliveries to take.
type Slack struct {
	BotToken         Secret   // set: Slack is on
	AppToken         Secret   // set: Socket Mode
	SigningSecret    Secret   // set: HTTP mode
	TeamIDs          []string // empty: the bot token's own team
	AppID            string   // empty: the bot token's own app
	ApprovalsChannel string   // an id; empty: none
	AuditChannel     string   // an id; empty: none
	APIURL           *url.URL // nil: Slack's
}

// On reports whether Slack is turned on.
func (s Slack) On() bool { return s.BotToken.IsSet() }

func (p *parser) slack(e *environment) Slack {
	return Slack{
		BotToken:         p.slackToken("SLACK_BOT_TOKEN", e.SlackBotToken, "xoxb-", rotating+"xoxb-"),
		AppToken:         p.slackToken("SLACK_APP_TOKEN", e.SlackAppToken, "xapp-"),
		SigningSecret:    p.secret("SLACK_SIGNING_SECRET", e.SlackSigningSecret),
		TeamIDs:          p.slackIDs("SLACK_TEAM_IDS", e.SlackTeamIDs, "T", "E"),
		AppID:            p.slackID("SLACK_APP_ID", e.SlackAppID, "A"),
		ApprovalsChannel: p.slackID("SLACK_APPROVALS_CHANNEL", e.SlackApprovalsChannel, "C", "G"),
		AuditChannel:     p.slackID("SLACK_AUDIT_CHANNEL", e.SlackAuditChannel, "C", "G"),
		APIURL:           p.url("SLACK_API_URL", e.SlackAPIURL, urlRules{loopbackOnly: true}),
	}
}

// slackToken tells the kinds of token apart: they stand side by side on Slack's
// pages and are often swapped.
func (p *parser) slackToken(name, value string, prefixes ...string) Secret {
	if value != "" && !hasAnyPrefix(value, prefixes) {
		p.fault(name, "doesn't begin with %s: another kind of token", prefixes[0])
		return Secret{}
	}
	return p.secret(name, value)
}

func (p *parser) slackIDs(name, value string, prefixes ...string) []string {
	var ids []string
	for _, item := range list(value) {
		if id := p.slackID(name, item, prefixes...); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// slackID refuses names such as #ops: they can be given away, ids can't.
func (p *parser) slackID(name, value string, prefixes ...string) string {
	if value == "" {
		return ""
	}
	plain := strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	if !plain || !hasAnyPrefix(value, prefixes) {
		p.fault(name, "holds %s, not an id that begins with %s", shown(value), strings.Join(prefixes, " or "))
		return ""
	}
	return value
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// Rotates reports whether the bot token expires within hours and has to be refreshed
// by then, which vpsops doesn't (https://docs.slack.dev/authentication/using-token-rotation).
func (s Slack) Rotates() bool { return strings.HasPrefix(s.BotToken.Reveal(), rotating) }

const rotating = "xoxe."

func (s Slack) warnings() (all []string) {
	if s.Rotates() {
		all = append(all, "SLACK_BOT_TOKEN expires within hours, since the app rotates its tokens: vpsops refreshes none")
	}
	way := s.AppToken.IsSet() || s.SigningSecret.IsSet()
	switch {
	case s.On() && !way:
		all = append(all, "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP): Slack can't reach the bot")
	case !s.On() && (way || s.ApprovalsChannel != "" || s.AuditChannel != "" || len(s.TeamIDs) > 0 || s.AppID != ""):
		all = append(all, "SLACK_BOT_TOKEN isn't set: Slack stays off, and the other SLACK_ variables have no effect")
	}
	return all
}
