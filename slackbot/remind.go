package slackbot

import (
	"context"
	"errors"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
)

// remindBefore is how long before its end an open request reminds those whose
// vote it waits for: five minutes, or a third of its time where that is shorter.
func remindBefore(v gate.View) time.Time {
	return v.ExpiresAt.Add(-min(5*time.Minute, v.ExpiresAt.Sub(v.CreatedAt)/3))
}

// remind reminds once, under the card, in the first place where it stands.
func (b *board) remind(ctx context.Context, v gate.View, posts []ledger.Post, again *soonest) {
	if v.State != ledger.Pending || len(v.Missing) == 0 {
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
	for _, p := range posts {
		if isCard(p) && p.Message != "" {
			b.remindUnder(ctx, v, p)
			return
		}
	}
}

func (b *board) remindUnder(ctx context.Context, v gate.View, p ledger.Post) {
	err := b.bot.Ballot.Once(ctx, "remind "+v.ID, v.ExpiresAt.Sub(b.bot.Now())+time.Hour)
	if errors.Is(err, ledger.ErrSpent) {
		return
	}
	if err == nil {
		_, _, err = b.bot.post(ctx, p.Channel, p.Message, b.bot.cards().Reminder(v))
	}
	if err != nil {
		b.bot.Logger.Warn("slack: nobody could be reminded", "request", v.ID, "error", err)
	}
}
