// Package slackbot is vpsops in Slack: people ask by /vps and by buttons, cards
// show every request to those who decide it and follow it to its end, and a
// press of a button is a person's vote.
//
// Deliveries come through a transport (packages webhook and socket), are
// acknowledged at once and dealt with afterwards. One that changes something is
// in the ledger before it is acknowledged, so that a crash loses none. What
// cards show comes from the ledger alone: it doesn't matter which process asked,
// which one decides, and which one keeps a card in step.
package slackbot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/slackbot/card"
)

// Config is what a bot is made of. All is needed but where it says so.
type Config struct {
	Ballot *gate.Ballot
	Key    seal.Key // of buttons' values
	API    *slack.Client
	// APIOrigin is an origin beside Slack's own whose response addresses are
	// taken; "" for none.
	APIOrigin string
	HTTP      *http.Client // for response addresses; nil for one of its own
	Teams     []string     // ids of the workspaces that are served; nil: the token's own
	Approvals string       // the channel where what is asked elsewhere is shown; "" for none
	Audit     string       // the channel that gets a line for every change; "" for none
	// Usergroups are those of the policy in force; nil where it may name none.
	Usergroups *Usergroups
	PageURL    func(requestID string) string // nil where people can reach no page
	// Trace is told when a delivery begins to be dealt with, such as "slack
	// interaction", and returns what is told when it is; nil where nobody is.
	Trace  func(ctx context.Context, what string) (context.Context, func())
	Now    func() time.Time // nil for time.Now
	Logger *slog.Logger     // nil discards
}

// Bot answers to Slack. It is safe for concurrent use.
type Bot struct {
	Config
	responder *responder
	people    *people
	jobs      *jobs
	board     *board
	drafts    drafts
	self      self
}

// New makes a bot, which takes deliveries at once (see [Bot.Handle]) and shows
// what others ask once it runs.
func New(c Config) *Bot {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Bot{Config: c, responder: newResponder(c.HTTP, c.APIOrigin), jobs: newJobs(c.Logger)}
	b.self.known = make(chan struct{})
	if c.Usergroups != nil {
		c.Usergroups.team, c.Usergroups.now = b.team, c.Now
	}
	b.people = &people{api: c.API, now: c.Now, teams: b.teams, lost: b.noteAccess, known: make(map[string]knownUser)}
	b.board = newBoard(b)
	c.Ballot.Consult(b.vouch)
	return b
}

// Run keeps cards in step with the ledger and deals with what an earlier
// process left, until ctx ends; then it finishes what it has begun. It returns
// only then: Slack's being out of reach is no end.
func (b *Bot) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	loops.Go(func() { b.learnSelf(ctx) })
	loops.Go(func() { b.board.run(ctx) })
	loops.Go(func() { b.takeUpLeft(ctx) })
	if b.Usergroups != nil {
		loops.Go(func() { b.Usergroups.run(ctx) })
	}
	<-ctx.Done()
	loops.Wait()
	b.jobs.close()
	return nil
}

// cards is what lays out cards as things are now.
func (b *Bot) cards() *card.Writer {
	return &card.Writer{Seal: b.sealPress, Mention: b.mention, PageURL: b.PageURL, Accounts: b.Ballot.Accounts(), ReadOnly: b.Ballot.ReadOnly(), Now: b.Now}
}

// mention writes a person as Slack links them, where they have an account in
// the workspace; by the policy's list of accounts, never by a name.
func (b *Bot) mention(person string) string {
	if user := b.userOf(person); user != "" {
		return "<@" + user + ">"
	}
	return escaped(person)
}

// userOf is a person's user id in the token's own workspace, or "".
func (b *Bot) userOf(person string) string {
	team := b.team()
	for _, id := range b.Ballot.IdentitiesOf(person, policy.SlackUser) {
		if of, user, ok := cutIdentity(id); ok && of == team {
			return user
		}
	}
	return ""
}

// internalError is what is said of an error that says nothing to who caused it.
func (b *Bot) internalError(what string, err error) card.Message {
	if !errors.Is(err, context.Canceled) {
		b.Logger.Error("slack: "+what, "error", err)
	}
	return b.cards().Note("Internal error in vpsops; its log says more. Nothing was done that it doesn't show.")
}

// escaped is text that mrkdwn finds no markup in
// (https://docs.slack.dev/messaging/formatting-message-text).
func escaped(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(inert.Text(text, 80))
}

// OriginOf is the origin of an address, for Config.APIOrigin.
func OriginOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
