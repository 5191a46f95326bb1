package slackbot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/slackbot/delivery"
)

// takeInteraction takes a press of a button, a choice in a menu, a form.
func (b *Bot) takeInteraction(ctx context.Context, d delivery.Delivery) (delivery.Ack, error) {
	c, err := d.Callback()
	if err != nil {
		return delivery.Ack{}, err
	}
	by := presser(c)
	switch c.Type {
	case slack.InteractionTypeBlockActions:
		action := actionOf(c)
		if action == nil || card.Action(action.ActionID) == card.ActOpen {
			return delivery.Ack{}, nil
		}
		job := func(ctx context.Context) { b.pressed(ctx, by, c, action) }
		no, err := b.take(ctx, d, job, decides(card.Action(action.ActionID)))
		if err != nil || no == nil {
			return delivery.Ack{}, err
		}
		return delivery.Ack{}, b.sayNotTaken(by, *no)
	case slack.InteractionTypeViewSubmission:
		return b.takeForm(ctx, d, by, c)
	}
	return delivery.Ack{}, nil
}

// errNotTaken has Slack show that the press came to nothing.
var errNotTaken = errors.New("slackbot: too much to do: a press was not taken")

// sayNotTaken says to who pressed why it was not taken: what a press is
// acknowledged with is shown to nobody.
func (b *Bot) sayNotTaken(by caller, why card.Message) error {
	if !b.jobs.start(func(ctx context.Context) { b.tell(ctx, by, why) }) {
		return errNotTaken
	}
	return nil
}

// interactionJob is what an interaction that was kept at a time says to do, and
// who did it.
func (b *Bot) interactionJob(d delivery.Delivery, at time.Time) (by caller, job func(context.Context), err error) {
	c, err := d.Callback()
	if err != nil {
		return by, nil, err
	}
	by = presser(c)
	by.left = at
	if c.Type == slack.InteractionTypeViewSubmission {
		job, err = b.formJob(by, c)
		return by, job, err
	}
	action := actionOf(c)
	if action == nil {
		return by, nil, errors.New("slackbot: an interaction without an action")
	}
	return by, func(ctx context.Context) { b.pressed(ctx, by, c, action) }, nil
}

func actionOf(c slack.InteractionCallback) *slack.BlockAction {
	if len(c.ActionCallback.BlockActions) == 0 {
		return nil
	}
	return c.ActionCallback.BlockActions[0]
}

// decides tells the actions after which something may happen to a server.
func decides(action string) bool {
	switch action {
	case card.ActApprove, card.ActDeny, card.ActCancel, card.ActStart, card.ActStop, card.ActReboot:
		return true
	}
	return false
}

// valueOf is what a button or a menu's choice carries.
func valueOf(a *slack.BlockAction) string {
	if a.Value != "" {
		return a.Value
	}
	return a.SelectedOption.Value
}

// pressed does what pressing a button means.
func (b *Bot) pressed(ctx context.Context, by caller, c slack.InteractionCallback, action *slack.BlockAction) {
	if c.View.Type == slack.VTModal {
		b.changed(ctx, by, c)
		return
	}
	press, err := b.openPress(valueOf(action))
	if err != nil {
		b.Logger.Warn("slack: a button's value was not made here", "user", by.identity().ID)
		b.Ballot.DeliveryRefused("button changed")
		b.tell(ctx, by, b.cards().Note("This button was not made by this vpsops, or was changed. Nothing was done."))
		return
	}
	switch act := card.Action(action.ActionID); act {
	case card.ActApprove, card.ActDeny:
		b.pressedVerdict(ctx, by, c, press, act == card.ActApprove)
	case card.ActCancel:
		b.pressedCancel(ctx, by, c, press)
	case card.ActStart, card.ActStop, card.ActReboot:
		b.do(ctx, by, command.Command{Verb: command.Verb(act), Server: "id:" + press.Server, Account: press.Account})
	case card.ActShow:
		b.answerPress(ctx, by, c, command.Command{Verb: command.VerbShow, Server: "id:" + press.Server, Account: press.Account}, false)
	case card.ActRequest:
		b.answerPress(ctx, by, c, command.Command{Verb: command.VerbRequest, Request: press.Request}, false)
	case card.ActList:
		b.turnPage(ctx, by, c, press)
	case card.ActRefresh:
		b.publishHome(ctx, by)
	}
}

// answerPress runs a command that only looks and answers to the presser alone, in
// the place of the message where that was theirs alone, too.
func (b *Bot) answerPress(ctx context.Context, by caller, c slack.InteractionCallback, cmd command.Command, inPlace bool) {
	r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), cmd)
	m := b.cards().Result(r)
	if err != nil {
		m = b.failure(by, cmd, err)
	}
	b.give(ctx, by, c, m, inPlace)
}

func (b *Bot) give(ctx context.Context, by caller, c slack.InteractionCallback, m card.Message, inPlace bool) {
	if inPlace && c.Container.IsEphemeral {
		b.replace(ctx, by, m)
		return
	}
	b.tell(ctx, by, m)
}

// turnPage shows another page or filter of a list.
func (b *Bot) turnPage(ctx context.Context, by caller, c slack.InteractionCallback, p card.Press) {
	cmd := p.Command()
	r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), cmd)
	if err != nil || r.Servers == nil {
		b.give(ctx, by, c, b.failure(by, cmd, err), false)
		return
	}
	b.give(ctx, by, c, b.cards().Servers(*r.Servers, p), true)
}
