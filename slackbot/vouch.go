package slackbot

import (
	"context"
	"errors"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
)

// vouchTime bounds what a vote waits for: a read that was under way when it came, and
// one that began afterwards.
const vouchTime = 2 * checkTime

// vouch says what Slack tells of those on whose word a request hangs.
func (b *Bot) vouch(ctx context.Context, d gate.Doubt) gate.Word {
	// Whoever goes away has read what others wait for.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), vouchTime)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	w := gate.Word{Unfit: make(map[policy.Identity]string), Unsure: make(map[policy.Identity]string)}
	if b.Usergroups != nil && len(d.Groups) > 0 {
		all.Go(func() {
			leave := 0
			if d.OfAsk {
				leave = leaveForAll
			}
			unread, wait := b.Usergroups.readSince(ctx, d.Groups, d.Since, leave)
			mu.Lock()
			defer mu.Unlock()
			w.Unread, w.Wait = unread, max(w.Wait, wait)
		})
	}
	for _, id := range d.Accounts {
		all.Go(func() {
			err := b.stillFit(ctx, id, d.Since)
			mu.Lock()
			defer mu.Unlock()
			var refused refusedError
			var held heldError
			switch {
			case errors.As(err, &refused):
				w.Unfit[id] = refused.Error()
			case errors.As(err, &held):
				w.Unsure[id], w.Wait = "Slack takes no more questions about people at the moment", max(w.Wait, held.wait)
			case misconfigured[codeOf(err)] != "":
				w.Unsure[id] = "vpsops has lost its access to Slack"
			case err != nil:
				b.Logger.Warn("slack: whether an account is a person's still can't be told", "user", id.ID, "error", err)
				w.Unsure[id] = "Slack doesn't tell at the moment"
			}
		})
	}
	all.Wait()
	return w
}

// errUnknownSelf is why nothing is told of anybody yet.
var errUnknownSelf = errors.New("slack hasn't told yet which workspace the token is of")

// stillFit is nil for an account whose word counts, and for one of a workspace that
// isn't served here: whoever serves it has looked, and this token sees none of its
// users.
func (b *Bot) stillFit(ctx context.Context, id policy.Identity, since time.Time) error {
	team, user, _ := cutIdentity(id.ID)
	switch {
	case b.teams() == nil:
		return errUnknownSelf
	case !b.Serves(team):
		return nil
	}
	return b.people.checkSince(ctx, caller{team: team, user: user}, since)
}
