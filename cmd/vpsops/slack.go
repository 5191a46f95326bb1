package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/slackbot"
	"vpsops/slackbot/delivery"
	"vpsops/slackbot/socket"
	"vpsops/slackbot/webhook"
)

// slackFront is Slack's way in: the bot, and the transports that are configured.
type slackFront struct {
	core    *core
	bot     *slackbot.Bot
	webhook atomic.Pointer[http.Handler]  // nil until it is known whose deliveries to take
	sockets atomic.Pointer[socket.Client] // likewise

	socketsEnded atomic.Pointer[string] // why
}

// withSlack makes the bot where Slack is turned on. It must be called before
// anything is asked: the policy in force then has the members of Slack's user
// groups.
func (c *core) withSlack() {
	s := c.cfg.Slack
	if !s.On() {
		return
	}
	client := slackbot.NewClient(s.BotToken.Reveal(), s.AppToken.Reveal(), c.slackAPI())
	c.groups.Store(slackbot.NewUsergroups(client, c.policy.current.Load, c.logger))
	bot := slackbot.New(slackbot.Config{
		Ballot: c.gate.Ballot(), Key: c.key, API: client, APIOrigin: slackbot.OriginOf(s.APIURL),
		Teams: s.TeamIDs, Approvals: s.ApprovalsChannel, Audit: s.AuditChannel, Usergroups: c.groups.Load(),
		PageURL: c.reachablePage(), Trace: c.traces.Front, Logger: c.logger, Now: clock,
	})
	c.slack = &slackFront{core: c, bot: bot}
	c.checks = append(c.checks, readyCheck{"slack", c.slack.check})
	c.onCheckpoint = func(p ledger.Checkpoint) { bot.Checkpoint(p) }
}

// slackAPI is where Slack's Web API is; "" for Slack's own.
func (c *core) slackAPI() string {
	u := c.cfg.Slack.APIURL
	if u == nil {
		return ""
	}
	return strings.TrimSuffix(u.String(), "/") + "/"
}

// reachablePage is a request's address for a card, or nil where the page is on
// this machine alone: who reads a card is elsewhere.
func (c *core) reachablePage() func(id string) string {
	if c.cfg.PublicURL == nil || !ownName(c.cfg.PublicURL) {
		return nil
	}
	origin := strings.TrimSuffix(c.cfg.PublicURL.String(), "/")
	return func(id string) string { return origin + requestPath(id) }
}

// inForce is the policy in force now.
func (c *core) inForce() *policy.Policy {
	if groups := c.groups.Load(); groups != nil {
		return groups.Policy()
	}
	return c.policy.current.Load()
}

// run runs the bot and its transports until ctx ends. Nothing that Slack says
// ends it.
func (s *slackFront) run(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return s.bot.Run(ctx) })
	all.Go(func() error {
		accept, ok := s.accept(ctx)
		if !ok {
			return nil
		}
		if err := s.takeWebhooks(accept); err != nil {
			return err
		}
		return s.takeSockets(ctx, accept)
	})
	return all.Wait()
}

// accept says whose deliveries are taken, as soon as that is known.
func (s *slackFront) accept(ctx context.Context) (delivery.Accept, bool) {
	cfg := s.core.cfg.Slack
	accept := delivery.Accept{Teams: cfg.TeamIDs}
	if cfg.AppID != "" {
		accept.Apps = []string{cfg.AppID}
	}
	if len(accept.Teams) > 0 && len(accept.Apps) > 0 {
		return accept, true
	}
	select {
	case <-ctx.Done():
		return accept, false
	case <-s.bot.Known():
	}
	accept.Teams = s.bot.AcceptedTeams()
	if id := s.bot.AppID(); id != "" && len(accept.Apps) == 0 {
		accept.Apps = []string{id}
	}
	return accept, true
}

func (s *slackFront) takeWebhooks(accept delivery.Accept) error {
	secret := s.core.cfg.Slack.SigningSecret
	if !secret.IsSet() {
		return nil
	}
	h, err := webhook.New(webhook.Config{
		SigningSecrets: []string{secret.Reveal()}, Accept: accept, Handler: s.timed(),
		Refused: s.refused, Logger: s.core.logger, Now: clock,
	})
	if err != nil {
		return err
	}
	s.webhook.Store(&h)
	return nil
}

// refused has the trail count what came in under Slack's name and was refused.
func (s *slackFront) refused(why string) { s.core.gate.Ballot().DeliveryRefused(why) }

// ServeHTTP takes Slack's deliveries over HTTP, once it is known whose.
func (s *slackFront) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := s.webhook.Load()
	switch {
	case !s.core.cfg.Slack.SigningSecret.IsSet():
		http.Error(w, "SLACK_SIGNING_SECRET isn't set: deliveries come by Socket Mode alone", http.StatusNotFound)
	case h == nil:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Slack hasn't told yet which workspace the token is of", http.StatusServiceUnavailable)
	default:
		(*h).ServeHTTP(w, r)
	}
}

// timed is the bot's handler, with what it takes to acknowledge measured.
func (s *slackFront) timed() delivery.Handler { return timedHandler{s.bot, s.core} }

type timedHandler struct {
	bot  *slackbot.Bot
	core *core
}

// Handle implements delivery.Handler.
func (h timedHandler) Handle(ctx context.Context, d delivery.Delivery) (delivery.Ack, error) {
	began := time.Now()
	ack, err := h.bot.Handle(ctx, d)
	if h.core.metrics != nil {
		h.core.metrics.SlackAck(string(d.Kind), time.Since(began))
	}
	return ack, err
}

// check is Slack in /readyz. Slack's being out of reach does not make the
// process unready: assistants and the page go on.
func (s *slackFront) check(context.Context) finding {
	for _, problem := range []string{s.bot.Problem(), s.core.groups.Load().Problem(), s.socketProblem()} {
		if problem != "" {
			return finding{text: problem, wrong: true}
		}
	}
	if cfg := s.core.cfg.Slack; !cfg.AppToken.IsSet() && !cfg.SigningSecret.IsSet() {
		return finding{text: "no way in: set SLACK_APP_TOKEN or SLACK_SIGNING_SECRET", wrong: true}
	}
	return finding{text: "ok (" + s.ways() + ")"}
}

// ways says how Slack reaches us.
func (s *slackFront) ways() string {
	cfg := s.core.cfg.Slack
	switch {
	case cfg.AppToken.IsSet() && cfg.SigningSecret.IsSet():
		return "Socket Mode and HTTP"
	case cfg.AppToken.IsSet():
		return "Socket Mode"
	}
	return "HTTP"
}

// doctorSlack asks Slack whether all is as the bot needs it.
func (c *core) doctorSlack(ctx context.Context) (checks []check) {
	s := c.cfg.Slack
	up := slackbot.Checkup{
		API: slackbot.NewClient(s.BotToken.Reveal(), s.AppToken.Reveal(), c.slackAPI()), Socket: s.AppToken.IsSet(),
		Usergroups: c.policy.current.Load().Usergroups(), Teams: s.TeamIDs, Now: time.Now,
	}
	if c.policy.file != "" { // the built-in ones list nobody of a real workspace
		up.People = slackPeople(c.policy.current.Load())
	}
	for _, channel := range []slackbot.Channel{{Setting: "SLACK_APPROVALS_CHANNEL", ID: s.ApprovalsChannel}, {Setting: "SLACK_AUDIT_CHANNEL", ID: s.AuditChannel}} {
		if channel.ID != "" {
			up.Channels = append(up.Channels, channel)
		}
	}
	rooms, guards := c.policy.current.Load().Rooms()
	for _, id := range rooms {
		up.Channels = append(up.Channels, slackbot.Channel{Setting: "ask_in of the guard " + guards[id], ID: id})
	}
	for _, f := range up.Run(ctx) {
		checks = append(checks, check{f.Name, f.Err, f.Good, f.Cure})
	}
	if s.Rotates() {
		checks = append(checks, check{
			name: "Slack token rotation", err: fmt.Errorf("SLACK_BOT_TOKEN expires within hours: the app rotates its tokens, and vpsops refreshes none"),
			cure: "make the app anew by deploy/slack/manifest.yaml, which leaves rotation off, and set its bot token (xoxb-…)",
		})
	}
	if !s.AppToken.IsSet() && !s.SigningSecret.IsSet() {
		checks = append(checks, check{
			name: "Slack deliveries", err: fmt.Errorf("neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: Slack can't reach the bot"),
			cure: "set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP",
		})
	}
	return checks
}

// slackPeople are the accounts in Slack that a policy lists.
func slackPeople(pol *policy.Policy) (listed []slackbot.Listed) {
	for _, person := range pol.People() {
		for _, id := range pol.IdentitiesOf(person, policy.SlackUser) {
			listed = append(listed, slackbot.Listed{Person: person, ID: id})
		}
	}
	return listed
}
