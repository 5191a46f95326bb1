package slackbot

import (
	"context"
	"slices"
	"strings"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/slackbot/delivery"
)

// takeCommand takes /vps ….
func (b *Bot) takeCommand(ctx context.Context, d delivery.Delivery) (delivery.Ack, error) {
	said, err := d.SlashCommand()
	if err != nil {
		return delivery.Ack{}, err
	}
	by := commander(said)
	if !b.Serves(by.team) {
		return answer(b.cards().Note("This workspace is not one that vpsops serves."))
	}
	c, err := command.Parse(said.Text)
	if err != nil {
		return answer(b.cards().Note(inert.Sentence(err.Error(), maxWords)))
	}
	if c.Verb == command.VerbHelp { // needs nobody's answer
		r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), c)
		if err != nil {
			return answer(b.failure(by, c, err))
		}
		return answerTo(c, b.cards().Result(r))
	}
	job := func(ctx context.Context) { b.do(ctx, by, c) }
	no, err := b.take(ctx, d, job, !c.Reads() && !wantsForm(c))
	if err != nil || no == nil {
		return delivery.Ack{}, err
	}
	return answer(*no)
}

// commandJob is what a command that was kept at a time says to do, and who said
// it.
func (b *Bot) commandJob(d delivery.Delivery, at time.Time) (caller, func(context.Context), error) {
	said, err := d.SlashCommand()
	if err != nil {
		return caller{}, nil, err
	}
	c, err := command.Parse(said.Text)
	by := commander(said)
	by.left = at
	return by, func(ctx context.Context) { b.do(ctx, by, c) }, err
}

// do does what a command says and answers.
func (b *Bot) do(ctx context.Context, by caller, c command.Command) {
	if wantsForm(c) {
		b.openCommandForm(ctx, by, c)
		return
	}
	if !c.Reads() {
		check := b.people.check
		if c.Tightens() {
			check = b.people.checkStop
		}
		if err := check(ctx, by); err != nil {
			b.refuse(ctx, by, err)
			return
		}
		if v, was := b.askedBefore(ctx, by, c); was {
			b.showAsked(ctx, by, v)
			return
		}
	}
	r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), c)
	switch {
	case err != nil:
		b.tell(ctx, by, b.failure(by, c, err))
	case c.Verb == command.VerbCancel:
		b.showCancelled(ctx, by, r.Request.View)
	case r.Request != nil && !c.Reads():
		b.showAsked(ctx, by, r.Request.View)
	case r.Hold != nil: // whoever is about to change something must know
		b.share(ctx, by, b.cards().Result(r))
	case c.Share:
		b.share(ctx, by, b.cards().Result(r))
	default:
		b.tell(ctx, by, b.cards().Result(r))
	}
}

func (b *Bot) refuse(ctx context.Context, by caller, err error) {
	b.Logger.Info("slack: somebody was refused", "user", by.identity().ID, "why", err)
	b.Ballot.DeliveryRefused("not a person who may")
	b.tell(ctx, by, b.cards().Note(whyNot(err)))
}

// failure says to the asker what an error of a command means.
func (b *Bot) failure(by caller, c command.Command, err error) card.Message {
	text := runner.Explain(b.Ballot.Desk, by.actor(), c, err)
	if text == "" {
		return b.internalError("a command failed", err)
	}
	return b.cards().Note(text)
}

// showAsked sees to it that what somebody asked is shown where they asked it, or
// says to them where it is. What the policy denied is theirs alone.
func (b *Bot) showAsked(ctx context.Context, by caller, v gate.View) {
	if v.Again && v.State == ledger.Pending { // they may not find its card
		b.board.doubt(ctx, v.ID)
	}
	cards := b.cardsOf(ctx, v.ID)
	stand := channelsOf(slices.DeleteFunc(slices.Clone(cards), func(p ledger.Post) bool { // in others' messages with the app
		return isDirect(p) && p.Name != cardName+askedIn(v)
	}))
	switch {
	case v.Again && v.State == ledger.Pending:
		b.tell(ctx, by, b.cards().Again(v, by.channel, stand))
	case v.Again, len(stand) == 0:
		b.tell(ctx, by, b.cards().Request(b.latest(ctx, v)))
	case slices.Contains(stand, by.channel), by.channel == "" && isShown(cards, v):
	case v.State == ledger.Pending:
		b.tell(ctx, by, b.cards().Note(whyElsewhere(cards, v)))
	default:
		b.tell(ctx, by, b.cards().Request(b.latest(ctx, v)))
	}
}

// showCancelled has the cards of a request say that it was taken back, and tells
// who did so: a card that stands far above is not looked at.
func (b *Bot) showCancelled(ctx context.Context, by caller, v gate.View) {
	stand := channelsOf(b.cardsOf(ctx, v.ID))
	v = b.latest(ctx, v)
	if slices.Contains(stand, by.channel) {
		b.tell(ctx, by, b.cards().Brief(v))
		return
	}
	b.tell(ctx, by, b.cards().Request(v))
}

// cardsOf brings a request's cards in step, and returns their records. Where none
// stands, and another process is writing one, it waits.
func (b *Bot) cardsOf(ctx context.Context, request string) (cards []ledger.Post) {
	for range 2 * int(writeTime/lookAgain) {
		cards = slices.DeleteFunc(b.board.sync(ctx, request), func(p ledger.Post) bool { return !isCard(p) })
		writing := slices.ContainsFunc(cards, func(p ledger.Post) bool { return p.Message == "" && p.Problem == "" && !p.Done })
		if len(channelsOf(cards)) > 0 || !writing || !sleep(ctx, lookAgain) {
			break
		}
	}
	return cards
}

// channelsOf are the channels in which cards stand.
func channelsOf(cards []ledger.Post) (channels []string) {
	for _, p := range cards {
		if p.Message != "" && !slices.Contains(channels, p.Channel) {
			channels = append(channels, p.Channel)
		}
	}
	return channels
}

// isShown tells whether the card for who asked stands, here or in their messages
// with the app.
func isShown(cards []ledger.Post, v gate.View) bool {
	return recordOf(cards, cardName+askedIn(v)).Message != ""
}

// whyElsewhere says why a request is not shown where it was asked, and where it
// is.
func whyElsewhere(cards []ledger.Post, v gate.View) string {
	switch {
	case !isShown(cards, v):
	case strings.HasPrefix(askedIn(v), "D"): // nobody can be invited into these
		return "The app can't post in your messages with somebody else, so the request is shown in your messages with the app. For others to see it, ask in a channel that the app is in."
	default:
		return "The app is not in this channel, or may not post here, so the request is shown in your messages with the app. Invite the app to have it here."
	}
	place := askedIn(v)
	why := strings.TrimPrefix(strings.TrimPrefix(recordOf(cards, cardName+place).Problem, at(place, "")), "Slack: ")
	if why == "" {
		why = "Slack did not take it"
	}
	return "The request could not be shown here yet: " + why + ". It is shown where such requests are decided, and comes here once Slack takes it."
}

const maxWords = 600 // runes of an error that is told

const lookAgain = 250 * time.Millisecond

// sleep is false where ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// latest is a request as it is now, or as it was.
func (b *Bot) latest(ctx context.Context, v gate.View) gate.View {
	now, err := b.Ballot.Look(ctx, v.ID)
	if err != nil {
		return v
	}
	return now
}
