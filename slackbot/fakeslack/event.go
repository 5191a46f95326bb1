package fakeslack

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Event delivers an event of the Events API: an object such as
// {"type": "tokens_revoked", …}. It returns when the first delivery is
// acknowledged or time is up; what isn't acknowledged with 200 is delivered
// again in the background, after Options.EventRetries, until Close.
// https://docs.slack.dev/apis/events-api#retries
func (s *Slack) Event(ctx context.Context, event map[string]any, hows ...How) Outcome {
	a := s.eventAttempt(event)
	a.shape(hows)
	answer, took := s.deliver(ctx, a)
	if !answer.ok() && !answer.final {
		s.mu.Lock()
		if s.ctx.Err() == nil {
			s.work.Go(func() { s.retry(*a, answer) })
		}
		s.mu.Unlock()
	}
	o := answer.outcome(took)
	o.Tries = 1
	return o
}

func (s *Slack) eventAttempt(inner map[string]any) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	inner = maps.Clone(inner)
	if inner["event_ts"] == nil {
		inner["event_ts"] = actionTime(now)
	}
	team, app := s.opts.Team.ID, s.opts.App
	return s.attempt(event, map[string]any{
		"token": verificationToken, "team_id": team, "api_app_id": app.ID, "context_team_id": team,
		"type": "event_callback", "event": inner, "event_id": s.id("Ev"), "event_time": now.Unix(),
		"event_context": s.secret("context"), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{
			"enterprise_id": nil, "team_id": team, "user_id": app.BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
	})
}

// retry delivers an event again until it is acknowledged or enough was tried.
func (s *Slack) retry(a attempt, answer ack) {
	for i, wait := range s.opts.EventRetries {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.ctx.Done():
			timer.Stop()
			return
		}
		a.retry, a.reason = i+1, why(answer)
		if answer, _ = s.deliver(s.ctx, &a); answer.ok() || answer.final {
			return
		}
	}
}

// why is the reason of a retry.
func why(answer ack) string {
	switch {
	case answer.code == OperationTimeout:
		return "http_timeout"
	case answer.code != "":
		return "connection_failed"
	}
	return "http_error"
}

// VerifyURL asks the events endpoint for a challenge back, as Slack does when its
// address is set: unsigned as little as any other delivery.
// https://docs.slack.dev/reference/events/url_verification
func (s *Slack) VerifyURL(ctx context.Context) error {
	s.mu.Lock()
	challenge := s.secret("challenge")
	a := s.attempt(event, map[string]any{
		"token": verificationToken, "challenge": challenge, "type": "url_verification",
	})
	s.mu.Unlock()
	answer, _ := s.deliver(ctx, a)
	text := strings.TrimSpace(string(answer.body))
	if answer.status != http.StatusOK || (text != challenge && jsonArgs(answer.body).Get("challenge") != challenge) {
		return fmt.Errorf("fakeslack: the challenge was answered with %d and %q", answer.status, text)
	}
	return nil
}

// ProbeSSL probes the commands endpoint as Slack does now and then: a form with
// ssl_check=1 and nothing that says who or what. It is to be answered with 200.
// https://docs.slack.dev/interactivity/implementing-slash-commands
func (s *Slack) ProbeSSL(ctx context.Context, hows ...How) Outcome {
	a := s.attempt(command, map[string]any{"ssl_check": "1", "token": verificationToken})
	a.shape(hows)
	answer, took := s.deliver(ctx, a)
	return answer.outcome(took)
}

// SetGroupMembers changes who is in a user group, and tells the app by the event
// subteam_members_changed.
func (s *Slack) SetGroupMembers(ctx context.Context, group string, users ...string) Outcome {
	s.mu.Lock()
	g := s.state.groups[group]
	before := g.Users
	g.ID, g.Users = group, slices.Clone(users)
	s.state.groups[group] = g
	s.change()
	s.mu.Unlock()
	added, removed := without(users, before), without(before, users)
	return s.Event(ctx, map[string]any{
		"type": "subteam_members_changed", "subteam_id": group, "team_id": s.opts.Team.ID,
		"date_previous_update": 1_700_000_000, "date_update": s.opts.Now().Unix(),
		"added_users": added, "added_users_count": len(added),
		"removed_users": removed, "removed_users_count": len(removed),
	})
}

func without(list, others []string) []string {
	rest := []string{}
	for _, item := range list {
		if !slices.Contains(others, item) {
			rest = append(rest, item)
		}
	}
	return rest
}

// OpensHome opens the app's Home tab: the event app_home_opened.
func (p *Person) OpensHome(hows ...How) Outcome {
	p.t.Helper()
	p.s.mu.Lock()
	opened := map[string]any{
		"type": "app_home_opened", "user": p.user.ID, "channel": p.s.directMessage(p.user.ID).ID, "tab": "home",
	}
	if v := p.s.state.homes[p.user.ID]; v != nil {
		opened["view"] = p.s.viewJSON(v)
	}
	p.s.mu.Unlock()
	return p.s.Event(p.t.Context(), opened, hows...)
}

// says posts a person's message, and tells the app of it where it hears it.
func (p *Person) says(channel, thread, text string, hows []How) Outcome {
	s := p.s
	s.mu.Lock()
	c := s.state.channels[channel]
	m := s.post(Message{Channel: channel, ThreadTS: thread, User: p.user.ID, Text: s.escape(text)})
	said := s.messageJSON(m)
	said["channel"], said["event_ts"] = channel, m.TS
	bot := "<@" + s.opts.App.BotUser
	mentioned := strings.Contains(m.Text, bot) && c.has(s.opts.App.BotUser)
	s.mu.Unlock()
	switch {
	case mentioned:
		said["type"] = "app_mention"
	case c.With != "":
		said["channel_type"] = "im"
	default:
		return Outcome{Acknowledged: true}
	}
	return s.Event(p.t.Context(), said, hows...)
}
