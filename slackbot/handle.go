package slackbot

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/slack-go/slack"

	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/delivery"
)

// Handle takes a delivery: what it says is done after it returns. An error means
// that it was not taken, and that nothing comes of it. Handle never waits for
// Slack or for the API; for a delivery that changes something it waits for the
// ledger.
func (b *Bot) Handle(ctx context.Context, d delivery.Delivery) (delivery.Ack, error) {
	switch d.Kind {
	case delivery.Command:
		return b.takeCommand(ctx, d)
	case delivery.Interaction:
		return b.takeInteraction(ctx, d)
	case delivery.Options:
		return b.takeOptions(d)
	case delivery.Event:
		return b.takeEvent(d)
	}
	return delivery.Ack{}, nil // something new of Slack's
}

// answer acknowledges with a message for the one who did it alone.
func answer(m card.Message) (delivery.Ack, error) {
	return ackOf(reply{Type: slack.ResponseTypeEphemeral, Text: m.Text, Blocks: m.Blocks})
}

// answerTo acknowledges a command with its answer.
func answerTo(c command.Command, m card.Message) (delivery.Ack, error) {
	if c.Share {
		return ackOf(reply{Type: slack.ResponseTypeInChannel, Text: m.Text, Blocks: m.Blocks})
	}
	return answer(m)
}

func ackOf(v any) (delivery.Ack, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return delivery.Ack{}, fmt.Errorf("slackbot: acknowledge: %w", err)
	}
	return delivery.Ack{Body: body}, nil
}

const busyWords = "vpsops has too much to do at the moment, since what it waits for answers slowly. Nothing was done; try again in a minute."

func (b *Bot) busy() *card.Message {
	words := b.cards().Note(busyWords)
	return &words
}

// take has a job done: by the ledger, where something may happen to a server
// after it.
func (b *Bot) take(ctx context.Context, d delivery.Delivery, job func(context.Context), changes bool) (no *card.Message, err error) {
	if changes {
		return b.durably(ctx, d, job)
	}
	return b.soon(b.traced(d, job)), nil
}

// traced is the job of a delivery, with its beginning and end told to Trace.
func (b *Bot) traced(d delivery.Delivery, job func(context.Context)) func(context.Context) {
	if b.Trace == nil {
		return job
	}
	return func(ctx context.Context) {
		ctx, ended := b.Trace(ctx, "slack "+string(d.Kind))
		defer ended()
		job(ctx)
	}
}

// soon does a job after the acknowledgement. It returns the words for whoever
// said it where it was not taken, else nil.
func (b *Bot) soon(job func(context.Context)) (no *card.Message) {
	if !b.jobs.start(job) {
		return b.busy()
	}
	return nil
}
