package slackbot

import (
	"context"
	"time"

	"github.com/slack-go/slack"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/card"
)

// caller is who did something in Slack, and how they can be answered.
type caller struct {
	team, user string
	channel    string // "" where it was done in none: in a form, on the App Home
	response   string // address, or ""
	trigger    string // opens a form within three seconds
	// left is when they did it, where a process took it and did not finish: some
	// of it may have been done. Else it is zero.
	left time.Time
}

func (c caller) identity() policy.Identity {
	return policy.Identity{Kind: policy.SlackUser, ID: c.team + "/" + c.user}
}

func (c caller) actor() policy.Actor {
	return policy.Actor{Identity: c.identity(), Front: policy.Slack, Channel: c.channel}
}

func (c caller) voter() gate.Voter {
	return gate.Voter{Identity: c.identity(), Front: policy.Slack, Factor: policy.PersonFactor}
}

func commander(c slack.SlashCommand) caller {
	return caller{team: c.TeamID, user: c.UserID, channel: c.ChannelID, response: c.ResponseURL, trigger: c.TriggerID}
}

// presser is who pressed or submitted. Their team is their own: in a channel
// that is shared with another company it is not the channel's.
func presser(c slack.InteractionCallback) caller {
	by := caller{team: c.User.TeamID, user: c.User.ID, channel: c.Container.ChannelID, response: c.ResponseURL, trigger: c.TriggerID}
	if by.team == "" {
		by.team = c.Team.ID
	}
	if by.channel == "" {
		by.channel = c.Channel.ID
	}
	return by
}

// tellTime is for an answer, whatever time was left: who waited in vain is told
// so.
const tellTime = 25 * time.Second

func forTelling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), tellTime)
}

// tell answers to the caller alone: by the response address where there is one
// that still works, else in the channel, else in their messages with the app.
func (b *Bot) tell(ctx context.Context, to caller, m card.Message) {
	ctx, cancel := forTelling(ctx)
	defer cancel()
	if to.response != "" {
		err := b.responder.send(ctx, to.response, private(m))
		if err == nil {
			return
		}
		b.Logger.Warn("slack: a response address did not take an answer", "error", err)
	}
	if to.channel != "" {
		_, err := b.API.PostEphemeralContext(ctx, to.channel, to.user, content(m)...)
		if err == nil {
			return
		}
		b.Logger.Debug("slack: nobody could be told in the channel", "error", err)
	}
	if _, _, err := b.post(ctx, to.user, "", m); err != nil {
		b.Logger.Warn("slack: an answer could not be given", "user", to.user, "error", err)
	}
}

// replace puts m in the place of the message that was pressed.
func (b *Bot) replace(ctx context.Context, by caller, m card.Message) {
	if by.response == "" {
		return
	}
	ctx, cancel := forTelling(ctx)
	defer cancel()
	if err := b.responder.send(ctx, by.response, replacing(m)); err != nil {
		b.Logger.Warn("slack: a message could not be replaced", "error", err)
	}
}

// share answers where everybody in the channel sees it; where that can't be, to
// the caller alone.
func (b *Bot) share(ctx context.Context, by caller, m card.Message) {
	said, cancel := forTelling(ctx)
	defer cancel()
	err := b.responder.send(said, by.response, shared(m))
	if err != nil {
		b.Logger.Warn("slack: an answer could not be shared", "error", err)
		b.tell(ctx, by, m)
	}
}

func content(m card.Message) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// post posts once, in a channel or to a user, within a thread where one is
// given. It returns where the message stands.
func (b *Bot) post(ctx context.Context, channel, thread string, m card.Message) (in, id string, err error) {
	opts := content(m)
	if thread != "" {
		opts = append(opts, slack.MsgOptionTS(thread))
	}
	in, id, err = b.API.PostMessageContext(ctx, channel, opts...)
	if err == nil && id == "" {
		err = errNoAnswer
	}
	return in, id, err
}
