//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"vpsops/slackbot/fakeslack"
)

// chaosRoom is where requests are asked in Slack.
const chaosRoom = "C0CHAOS"

// openSlack starts a Slack that people vote in, too, and has the replicas connect
// to it by Socket Mode: it hands each delivery to one of them.
func (c *town) openSlack() {
	c.Helper()
	s, err := fakeslack.Start(fakeslack.Options{Patience: patience})
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { _ = s.Close() })
	members := []string{s.App().BotUser}
	for _, p := range c.people {
		s.AddUser(fakeslack.User{ID: p.slackID(), Name: p.name})
		members = append(members, p.slackID())
	}
	s.AddChannel(fakeslack.Channel{ID: chaosRoom, Name: "chaos", Members: members})
	c.slack = s
	c.settings = append(c.settings, "SLACK_API_URL="+s.URL(), "SLACK_BOT_TOKEN="+s.App().BotToken,
		"SLACK_APP_TOKEN="+s.App().AppToken, "SLACK_APPROVALS_CHANNEL="+chaosRoom)
}

// slackID is a person's account in Slack.
func (p *citizen) slackID() string { return "U0" + p.name[1:] + "CHAOS" }

// atSlack is what a person at their Slack needs of a test. What they cannot do,
// since the card has changed meanwhile, ends their attempt and not the test.
type atSlack struct{ ctx context.Context }

func (atSlack) Helper()                    {}
func (atSlack) Fatalf(string, ...any)      { runtime.Goexit() }
func (a atSlack) Context() context.Context { return a.ctx }

// press looks for the card and presses approve, until it takes no votes any more.
func (e *errand) press(ctx context.Context, p *citizen) {
	var at string // the card's place in the room
	for ctx.Err() == nil {
		m, found := e.card(&at)
		switch {
		case !found:
		case !m.Has("approve"):
			return
		default:
			e.mu.Lock()
			e.approved[p.name] = true
			e.mu.Unlock()
			if e.pressOnce(ctx, p, m) {
				e.mu.Lock()
				e.decided = time.Now()
				e.mu.Unlock()
				e.town.count("votes in Slack that were acknowledged")
				wait(ctx, 2*time.Second) // it is dealt with after that
				continue
			}
			e.town.count("presses in Slack that broke")
		}
		wait(ctx, 250*time.Millisecond)
	}
}

func (e *errand) pressOnce(ctx context.Context, p *citizen, m fakeslack.Message) (acknowledged bool) {
	done := make(chan struct{})
	go func() { // an attempt that cannot be made ends its goroutine
		defer close(done)
		acknowledged = e.town.slack.As(atSlack{ctx}, p.slackID()).Presses(m, "approve").Acknowledged
	}()
	<-done
	return acknowledged
}

// card is the request's message in the room as it is now.
func (e *errand) card(at *string) (fakeslack.Message, bool) {
	if *at != "" {
		return e.town.slack.Message(chaosRoom, *at)
	}
	all := e.town.slack.Messages(chaosRoom)
	for i := len(all) - 1; i >= max(0, len(all)-300); i-- {
		if m := all[i]; m.ThreadTS == "" && m.Shows(e.request) {
			*at = m.TS
			return m, true
		}
	}
	return fakeslack.Message{}, false
}

// cutSlack cuts the replicas' connections to Slack without a word.
func (c *town) cutSlack(context.Context, *rand.Rand) { c.slack.Kill(-1) }

// flapSlack has Slack's API fail in several ways for a while.
func (c *town) flapSlack(ctx context.Context, r *rand.Rand) {
	for _, kind := range []fakeslack.FaultKind{fakeslack.ServerError, fakeslack.CutAfter, fakeslack.TooMany, fakeslack.CutBefore, fakeslack.Garbage} {
		c.slack.Misbehave(fakeslack.Fault{Kind: kind, Times: 1 + r.IntN(6)})
	}
	wait(ctx, time.Duration(2000+r.IntN(4000))*time.Millisecond)
	c.slack.Behave()
}
