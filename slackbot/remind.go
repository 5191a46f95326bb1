package slackbot

import (
	"context"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// remindBefore is how long before its end an open request reminds those whose
// vote it waits for: five minutes, or a third of its time where that is shorter.
func remindBefore(v gate.View) time.Time {
	return v.ExpiresAt.Add(-min(5*time.Minute, v.ExpiresAt.Sub(v.CreatedAt)/3))
}

// remind reminds once, under the cards of those whose votes are missing.
func (b *board) remind(ctx context.Context, v gate.View, posts []ledger.Post, again *soonest) {
	if v.State != ledger.Pending || len(v.Missing) == 0 {
		b.endReminders(ctx, posts)
		return
	}
	now, at := b.bot.Now(), remindBefore(v)
	if now.Before(at) {
		again.by(at)
		return
	}
	if !now.Before(v.ExpiresAt) {
		again.by(now.Add(time.Second)) // its end is being written
		return
	}
	again.by(v.ExpiresAt)
	for _, card := range b.toRemind(ctx, v, posts) {
		b.remindUnder(ctx, v, card, recordOf(posts, remindName+card.Name), again)
	}
}

// toRemind are the cards that a reminder belongs under: where those who decide are
// asked, if any of them is missing, else where it was asked. Where none stands there,
// it is the first that stands.
func (b *board) toRemind(ctx context.Context, v gate.View, posts []ledger.Post) (cards []ledger.Post) {
	var places []string
	if v.Front != policy.Slack || slices.ContainsFunc(v.Missing, func(m gate.Missing) bool { return !m.ByAsker() }) {
		places, _ = b.deciders(ctx, v, posts)
	}
	if own := askedIn(v); len(places) == 0 || isDirect(recordOf(posts, cardName+own)) {
		places = append(places, own)
	}
	standing := slices.DeleteFunc(slices.Clone(posts), func(p ledger.Post) bool { return !isCard(p) || p.Message == "" })
	for _, p := range standing {
		if slices.Contains(places, strings.TrimPrefix(p.Name, cardName)) {
			cards = append(cards, p)
		}
	}
	if len(cards) == 0 {
		return standing[:min(1, len(standing))]
	}
	return cards
}

// isDirect tells whether a message stands in somebody's own messages with the
// app (https://docs.slack.dev/reference/objects/conversation-object).
func isDirect(p ledger.Post) bool { return strings.HasPrefix(p.Channel, "D") }

// remindUnder posts a reminder under a card, by a record of its own: of all
// processes one does, once, and again only where Slack surely did not take it.
func (b *board) remindUnder(ctx context.Context, v gate.View, card, p ledger.Post, again *soonest) {
	now := b.bot.Now()
	switch {
	case p.Done:
		return
	case p.TakenUntil.After(now):
		again.by(p.TakenUntil)
		return
	case p.Version == 0:
		if card = b.bringAnew(ctx, v, card, again); card.Message == "" {
			return // it comes under the card that is posted anew
		}
		now = b.bot.Now()
		p.At = now
	}
	p.RequestID, p.Name, p.Channel, p.TakenUntil = v.ID, remindName+card.Name, card.Channel, now.Add(writeTime)
	p, err := b.bot.Ballot.PutPost(ctx, p)
	if err != nil {
		b.notTaken(p, err, again)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	_, p.Message, err = b.bot.post(ctx, card.Channel, card.Message, b.bot.cards().Reminder(v))
	if p.Done = err == nil || !refusedBySlack(err); !p.Done {
		p.TakenUntil = b.bot.Now().Add(pauseAfter(err))
		again.by(p.TakenUntil)
	}
	if codeOf(err) == "thread_not_found" {
		b.bringAnew(ctx, v, card, again)
	}
	if err != nil {
		b.bot.Logger.Warn("slack: nobody could be reminded", "request", v.ID, "error", err)
	}
	b.keep(ctx, p)
}

// endReminders closes the records of reminders that nobody needs any more.
func (b *board) endReminders(ctx context.Context, posts []ledger.Post) {
	for _, p := range posts {
		if strings.HasPrefix(p.Name, remindName) && !p.Done && !p.TakenUntil.After(b.bot.Now()) {
			p.Done = true
			b.keep(ctx, p)
		}
	}
}
