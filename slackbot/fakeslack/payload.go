package fakeslack

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The payloads of deliveries.
// https://docs.slack.dev/reference/interaction-payloads

// interactionPayload is what all interactions hold. Callers hold s.mu.
func (s *Slack) interactionPayload(kind string, u User) map[string]any {
	return map[string]any{
		"type": kind, "token": verificationToken, "api_app_id": s.opts.App.ID,
		"team":       map[string]any{"id": s.opts.Team.ID, "domain": s.opts.Team.Domain},
		"user":       map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.Team},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// commandFields are those of a slash command. Callers hold s.mu.
func (s *Slack) commandFields(u User, c Channel, command, text string) map[string]any {
	if !s.opts.App.Unescaped {
		text = s.escape(text)
	}
	name := c.Name
	if c.Private && c.With == "" {
		name = "privategroup"
	}
	return map[string]any{
		"token": verificationToken, "team_id": s.opts.Team.ID, "team_domain": s.opts.Team.Domain,
		"channel_id": c.ID, "channel_name": name, "user_id": u.ID, "user_name": u.Name,
		"command": command, "text": text, "api_app_id": s.opts.App.ID, "is_enterprise_install": "false",
		"response_url": s.newResponseURL("commands", responseURL{user: u.ID, channel: c.ID}),
		"trigger_id":   s.newTrigger(u.ID, false),
	}
}

var (
	markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	typed  = regexp.MustCompile(`https?://\S+|@[\w.-]+|#[\w-]+|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev)\b`)
)

// escape turns what was typed into what should_escape makes of it: mentions,
// channels, links.
// https://docs.slack.dev/interactivity/implementing-slash-commands#escaping_users_and_channels_in_your_slash_command
func (s *Slack) escape(text string) string {
	return typed.ReplaceAllStringFunc(markup.Replace(text), func(word string) string {
		switch {
		case strings.HasPrefix(word, "@"):
			return s.escapeMention(word)
		case strings.HasPrefix(word, "#"):
			return s.escapeChannel(word)
		case strings.Contains(word, "://"):
			return "<" + word + ">"
		}
		return "<http://" + word + "|" + word + ">"
	})
}

func (s *Slack) escapeMention(word string) string {
	for _, id := range slices.Sorted(maps.Keys(s.state.users)) {
		if u := s.state.users[id]; u.Name == word[1:] {
			return "<@" + u.ID + "|" + u.Name + ">"
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.state.groups)) {
		if g := s.state.groups[id]; g.Handle == word[1:] {
			return "<!subteam^" + g.ID + "|" + word + ">"
		}
	}
	return word
}

func (s *Slack) escapeChannel(word string) string {
	for _, id := range slices.Sorted(maps.Keys(s.state.channels)) {
		if c := s.state.channels[id]; c.Name == word[1:] && c.With == "" {
			return "<#" + c.ID + "|" + c.Name + ">"
		}
	}
	return word
}

// inMessage adds where in a channel an action was. Of an ephemeral message the
// payload doesn't hold the message. Callers hold s.mu.
func (s *Slack) inMessage(p map[string]any, u User, m Message) {
	c := s.state.channels[m.Channel]
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.Ephemeral,
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	p["container"] = container
	p["channel"] = map[string]any{"id": m.Channel, "name": c.Name}
	if !m.Ephemeral {
		p["message"] = s.messageJSON(&m)
	}
	p["state"] = map[string]any{"values": s.enteredIn(u.ID, m).json()}
	p["response_url"] = s.newResponseURL("actions", responseURL{
		user: u.ID, channel: m.Channel, thread: m.ThreadTS, original: m.TS,
	})
	p["trigger_id"] = s.newTrigger(u.ID, false)
}

// enteredIn is what a person has chosen in a message. Callers hold s.mu.
func (s *Slack) enteredIn(user string, m Message) values {
	where := user + " " + m.Channel + " " + m.TS
	now := initialValues(m.Blocks, s.state.entered[where])
	if len(now) > 0 {
		s.state.entered[where] = now
	}
	return now
}

// inView adds in which view an action was, as it is now. Callers hold s.mu.
func (s *Slack) inView(p map[string]any, u User, v *View) {
	// Here the team is the person's own; where the app is installed is in the view.
	p["team"] = map[string]any{"id": u.Team, "domain": s.opts.Team.Domain}
	p["container"] = map[string]any{"type": "view", "view_id": v.ID}
	p["view"] = s.viewJSON(v)
	p["trigger_id"] = s.newTrigger(u.ID, v.Type == "modal")
}
