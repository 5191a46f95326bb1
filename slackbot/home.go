package slackbot

import (
	"context"

	"github.com/slack-go/slack"

	"vpsops/slackbot/card"
)

const homeOwn = 10 // of the person's own requests

// publishHome shows a person what awaits their vote, and what they have asked.
func (b *Bot) publishHome(ctx context.Context, by caller) {
	home, err := b.homeOf(ctx, by)
	if err != nil {
		b.Logger.Error("slack: an App Home could not be made", "user", by.identity().ID, "error", err)
		return
	}
	request := slack.PublishViewContextRequest{UserID: by.user, View: b.cards().Home(home)}
	if _, err := b.API.PublishViewContext(ctx, request); err != nil {
		b.Logger.Warn("slack: an App Home could not be published", "user", by.identity().ID, "error", err)
	}
}

func (b *Bot) homeOf(ctx context.Context, by caller) (home card.Home, err error) {
	home.Person, home.ReadOnly = b.Ballot.Person(by.actor()), b.Ballot.ReadOnly()
	if home.Person == "" || !b.Serves(by.team) {
		home.Person, home.Stranger = "", true
		return home, nil
	}
	if home.Waiting, err = b.Ballot.Waiting(ctx, by.voter()); err != nil {
		return home, err
	}
	home.Own, err = b.Ballot.Own(ctx, by.actor(), homeOwn)
	return home, err
}
