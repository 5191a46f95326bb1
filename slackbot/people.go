package slackbot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"vpsops/policy/gate"
)

const (
	knownFor  = time.Minute // what Slack said of a user is taken for true
	maxKnown  = 10_000
	checkTime = 5 * time.Second
	stopTime  = time.Second // a form opens within three of the press
)

// refusedError is a no to who did something, in words for them.
type refusedError string

func (e refusedError) Error() string { return string(e) }

// heldError is why Slack isn't asked about anybody yet, and for how long.
type heldError struct{ wait time.Duration }

func (e heldError) Error() string {
	return "slack takes no more questions about users for " + gate.WaitText(e.wait)
}

// people knows which users are persons: neither bots nor guests nor
// deactivated, nor of a workspace that isn't served.
type people struct {
	api   *slack.Client
	now   func() time.Time
	teams func() []string
	lost  func(error) // is told why Slack doesn't answer

	flights singleflight.Group
	mu      sync.Mutex
	known   map[string]knownUser
	held    time.Time // until then Slack takes no questions, about whomever
}

type knownUser struct {
	problem error
	at      time.Time // when it was asked
}

// check is nil for a person who may ask and vote as themselves. A *refusedError
// says to them why not; what Slack doesn't tell refuses too.
func (p *people) check(ctx context.Context, who caller) error {
	return p.checkSince(ctx, who, p.now().Add(-knownFor))
}

// checkStop is check for a word that only stops something, such as a denial or a freeze:
// while Slack tells nothing of who says it, what it told last goes, and else the policy
// alone. It waits no longer than a form can.
func (p *people) checkStop(ctx context.Context, who caller) error {
	bounded, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	err := p.check(bounded, who)
	var refused refusedError
	if err == nil || errors.As(err, &refused) {
		return err
	}
	known, _ := p.heard(who, time.Time{})
	return known.problem
}

// checkSince is check by what Slack was asked for at this time or later.
func (p *people) checkSince(ctx context.Context, who caller, since time.Time) error {
	if !slices.Contains(p.teams(), who.team) {
		return refusedError("You are of another workspace: only people of this one can do that.")
	}
	for range 3 { // a look that was under way already is too old for this, and the next may be
		if known, ok := p.heard(who, since); ok {
			return known.problem
		}
		if err := p.fly(ctx, who); err != nil {
			return err
		}
	}
	return errors.New("slack was asked in vain")
}

// heard is what Slack said of a user when it was asked since a time.
func (p *people) heard(who caller, since time.Time) (knownUser, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known[who.identity().ID]
	return known, ok && !known.at.Before(since)
}

// fly asks Slack about a user, or waits for who does already. What it learns is
// known then; an error says why it was nothing.
func (p *people) fly(ctx context.Context, who caller) error {
	if wait := p.wait(); wait > 0 {
		return heldError{wait}
	}
	// The flight is many callers': it doesn't end with the first one's patience.
	flight := p.flights.DoChan(who.identity().ID, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTime)
		defer cancel()
		return nil, p.look(ctx, who)
	})
	select {
	case r := <-flight:
		return r.Err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// wait is how long Slack takes no questions yet.
func (p *people) wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held.Sub(p.now())
}

// hold notes that Slack takes no questions for a time.
func (p *people) hold(pause time.Duration) heldError {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = p.now().Add(pause)
	return heldError{pause}
}

func (p *people) look(ctx context.Context, who caller) error {
	began := p.now()
	u, err := p.api.GetUserInfoContext(ctx, who.user)
	if code := codeOf(err); code == "user_not_found" || code == "user_not_visible" {
		return refusedError("Slack shows the app no such user as you.")
	}
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		return p.hold(pauseAfter(err))
	}
	if err != nil {
		p.lost(err)
		return fmt.Errorf("who presses could not be looked up: %w", err)
	}
	problem := unfit(u, who)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= maxKnown {
		clear(p.known)
	}
	p.known[who.identity().ID] = knownUser{problem, began}
	return nil
}

// unfit says why a user's word doesn't count, from users.info
// (https://docs.slack.dev/reference/objects/user-object).
func unfit(u *slack.User, who caller) error {
	switch {
	case u.ID != who.user:
		return errors.New("slack answered about another user")
	case u.Deleted:
		return refusedError("This account is deactivated.")
	case u.IsBot, u.IsWorkflowBot, u.IsConnectorBot, u.ID == "USLACKBOT":
		return refusedError("Bots and workflows can't do that: a person must.")
	case u.IsRestricted, u.IsUltraRestricted:
		return refusedError("Guests can't do that.")
	case u.TeamID != who.team && !slices.Contains(u.Enterprise.Teams, who.team):
		return refusedError("You are of another workspace: only people of this one can do that.")
	}
	return nil
}

// whyNot is what to tell somebody who was refused.
func whyNot(err error) string {
	var refused refusedError
	if errors.As(err, &refused) {
		return refused.Error()
	}
	var held heldError
	if errors.As(err, &held) {
		return "Slack takes no more questions about who people are at the moment, so it doesn't count; nothing was done. Try again in " + gate.WaitText(held.wait) + ", or now on the page or in vpsops console."
	}
	if misconfigured[codeOf(err)] != "" {
		return "vpsops has lost its access to Slack (" + problemOf(err) + "), so it doesn't count; nothing was done. Whoever runs vpsops must mend it; meanwhile the page and vpsops console work."
	}
	return "Slack doesn't tell who you are at the moment, so it doesn't count; nothing was done. Try again, here or on the page or in vpsops console."
}
