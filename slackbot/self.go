package slackbot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// self is who the bot is, as Slack tells by its token.
type self struct {
	known   chan struct{} // closed once Slack has told
	mu      sync.Mutex
	team    string
	app     string
	problem string
	lost    string // why the bot can't do its work until somebody mends it
}

// accessEvery is how often it is asked whether the token is good still.
const accessEvery = time.Minute

// learnSelf asks Slack who the bot is until it knows, and then whether the token may
// still what is needed, until ctx ends.
func (b *Bot) learnSelf(ctx context.Context) {
	for wait := minPause; ; wait = min(2*wait, maxPause) {
		err := b.ask(ctx)
		if err == nil {
			close(b.self.known)
			b.board.wake()
			b.watchAccess(ctx)
			return
		}
		b.Logger.Error("slack: the bot token could not be tried", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// watchAccess sees the token revoked, the app removed or a scope taken away, and given
// back.
func (b *Bot) watchAccess(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(accessEvery):
		}
		if who, err := b.API.AuthTestContext(ctx); err == nil {
			b.self.lose(uselessWords(who))
		} else {
			b.noteAccess(err)
		}
	}
}

// uselessWords say why a token is of no use though Slack takes it; "" where it may all
// that is needed, or Slack doesn't say.
func uselessWords(who *slack.AuthTestResponse) string {
	if ofOrganization(who) {
		return "Slack: " + organizationWords(who)
	}
	if lacking := lackingScopes(who.Header, false); len(lacking) > 0 {
		return "Slack: the app lacks " + strings.Join(lacking, ", ") + ": install it again by the manifest"
	}
	return ""
}

// ofOrganization tells the token of an app that a whole Enterprise organization has
// from a workspace's (https://docs.slack.dev/enterprise/organization-ready-apps).
func ofOrganization(who *slack.AuthTestResponse) bool { return strings.HasPrefix(who.TeamID, "E") }

func organizationWords(who *slack.AuthTestResponse) string {
	return "the app is installed in a whole organization (" + who.TeamID + "), while deliveries and the policy's accounts are of a workspace"
}

// noteAccess notes what only somebody who runs vpsops can mend.
func (b *Bot) noteAccess(err error) {
	if misconfigured[codeOf(err)] != "" && b.self.lose(problemOf(err)) {
		b.Logger.Error("slack: vpsops has lost its access to Slack", "error", err)
	}
}

// lose notes why the bot can't do its work, or that it can, and tells whether that is
// new.
func (s *self) lose(why string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.lost
	s.lost = why
	return was != why
}

func (b *Bot) ask(ctx context.Context) error {
	who, err := b.API.AuthTestContext(ctx)
	if err == nil && who.TeamID == "" {
		err = errNoAnswer
	}
	b.note(err)
	if err != nil {
		return err
	}
	b.self.learn(who.TeamID, "")
	b.self.lose(uselessWords(who))
	bot, err := b.API.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: who.BotID, TeamID: who.TeamID})
	if err != nil {
		b.Logger.Warn("slack: which app the bot token is of isn't known; that of the deliveries is taken", "error", err)
		return nil
	}
	b.self.learn(who.TeamID, bot.AppID)
	return nil
}

func (s *self) learn(team, app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.team, s.app = team, app
}

// team is the token's own workspace, or "" while Slack hasn't told.
func (b *Bot) team() string {
	b.self.mu.Lock()
	defer b.self.mu.Unlock()
	if b.self.team == "" && len(b.Teams) > 0 {
		return b.Teams[0]
	}
	return b.self.team
}

// teams are the workspaces whose people are taken for who they are.
func (b *Bot) teams() []string {
	if len(b.Teams) > 0 {
		return b.Teams
	}
	if team := b.team(); team != "" {
		return []string{team}
	}
	return nil
}

// Serves tells whether a workspace is one of those that are served. While Slack
// hasn't told which one the token is of, and none is configured, none is.
func (b *Bot) Serves(team string) bool { return slices.Contains(b.teams(), team) }

// Known is closed once Slack has told which workspace and app the token is of.
func (b *Bot) Known() <-chan struct{} { return b.self.known }

// AcceptedTeams are the workspaces that are served, as [Bot.Serves] has them.
func (b *Bot) AcceptedTeams() []string { return b.teams() }

// AppID is the app that the token is of, or "" while Slack hasn't told.
func (b *Bot) AppID() string {
	b.self.mu.Lock()
	defer b.self.mu.Unlock()
	return b.self.app
}

// Problem says why Slack can't be told anything at the moment; "" where nothing
// is known against it.
func (b *Bot) Problem() string {
	b.self.mu.Lock()
	defer b.self.mu.Unlock()
	return cmp.Or(b.self.lost, b.self.problem)
}

func (b *Bot) note(err error) {
	b.noteAccess(err)
	b.self.mu.Lock()
	defer b.self.mu.Unlock()
	switch {
	case err == nil:
		b.self.problem = ""
	case !mustBeMended(err): // a channel's fault is not Slack's, and the token's is noted
		b.self.problem = problemOf(err)
	}
}

// cutIdentity takes "TEAM/USER" apart.
func cutIdentity(id string) (team, user string, ok bool) { return strings.Cut(id, "/") }
