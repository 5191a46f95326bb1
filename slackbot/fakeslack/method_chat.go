package fakeslack

import (
	"cmp"
	"encoding/json"
	"time"
	"unicode/utf8"

	"vpsops/slackbot/fakeslack/blockkit"
)

// The longest texts, in characters.
// https://docs.slack.dev/reference/methods/chat.postMessage#truncating,
// https://docs.slack.dev/reference/methods/chat.update#errors
const (
	maxPostText   = 40_000
	maxUpdateText = 4_000
)

// content checks and takes text and blocks of a call. Callers hold s.mu.
func (s *Slack) content(args Args, maxText int) (Message, *apiError) {
	m := Message{Text: args.Get("text"), Metadata: args.JSON("metadata"), User: s.opts.App.BotUser}
	blocks := args.JSON("blocks")
	switch {
	case utf8.RuneCountInString(m.Text) > maxText:
		return m, fail("msg_too_long")
	case blocks != nil && !json.Valid(blocks):
		return m, fail("invalid_blocks_format")
	}
	if blocks != nil {
		if problems := blockkit.CheckBlocks(blocks); len(problems) > 0 {
			return m, invalid("invalid_blocks", problems)
		}
	}
	m.Blocks = s.fillIDs(blocks)
	if m.Text == "" && m.Blocks == nil && args.JSON("attachments") == nil {
		return m, fail("no_text")
	}
	return m, nil
}

// writable is a channel that the app may post in. Callers hold s.mu.
func (s *Slack) writable(id string) (Channel, *apiError) {
	if u, ok := s.state.users[id]; ok && !u.Bot {
		return s.directMessage(id), nil // Slack takes a person's id for their direct message
	}
	c, ok := s.state.channels[id]
	switch {
	case !ok, c.Private && !c.has(s.opts.App.BotUser):
		return c, fail("channel_not_found") // a private channel isn't known from outside
	case c.Archived:
		return c, fail("is_archived")
	case !c.has(s.opts.App.BotUser):
		return c, fail("not_in_channel")
	}
	return c, nil
}

func (s *Slack) chatPostMessage(args Args) (map[string]any, *apiError) {
	c, failed := s.writable(args.Get("channel"))
	if failed != nil {
		return nil, failed
	}
	m, failed := s.content(args, maxPostText)
	if failed != nil {
		return nil, failed
	}
	burst := s.opts.PaceBurst
	if failed := s.pace("chat.postMessage "+c.ID, burst, time.Duration(burst)*time.Second); failed != nil {
		return nil, failed
	}
	m.Channel, m.ThreadTS = c.ID, args.Get("thread_ts")
	posted := s.post(m)
	return map[string]any{"channel": c.ID, "ts": posted.TS, "message": s.messageJSON(posted)}, nil
}

func (s *Slack) chatUpdate(args Args) (map[string]any, *apiError) {
	if _, isUser := s.state.users[args.Get("channel")]; isUser {
		return nil, fail("channel_not_found") // here it must be the direct message's own id
	}
	c, failed := s.writable(args.Get("channel"))
	if failed != nil {
		return nil, failed
	}
	m := s.find(c.ID, args.Get("ts"))
	switch {
	case m == nil || m.Ephemeral:
		return nil, fail("message_not_found")
	case m.User != s.opts.App.BotUser:
		return nil, fail("cant_update_message")
	}
	with, failed := s.content(args, maxUpdateText)
	if failed != nil {
		return nil, failed
	}
	m.replace(with)
	s.change()
	return map[string]any{"channel": c.ID, "ts": m.TS, "text": m.Text, "message": s.messageJSON(m)}, nil
}

// replace puts other content into a message. Text without blocks takes the place
// of blocks, too.
// https://docs.slack.dev/reference/methods/chat.update
func (m *Message) replace(with Message) {
	m.Text, m.Blocks = with.Text, with.Blocks
	if with.Metadata != nil {
		m.Metadata = with.Metadata
	}
	m.Edits++
}

func (s *Slack) chatDelete(args Args) (map[string]any, *apiError) {
	c, failed := s.writable(args.Get("channel"))
	if failed != nil {
		return nil, failed
	}
	m := s.find(c.ID, args.Get("ts"))
	switch {
	case m == nil || m.Ephemeral:
		return nil, fail("message_not_found")
	case m.User != s.opts.App.BotUser:
		return nil, fail("cant_delete_message")
	}
	m.Deleted = true
	s.change()
	return map[string]any{"channel": c.ID, "ts": m.TS}, nil
}

func (s *Slack) chatPostEphemeral(args Args) (map[string]any, *apiError) {
	c, failed := s.writable(args.Get("channel"))
	if failed != nil {
		return nil, failed
	}
	to := args.Get("user")
	if !c.has(to) {
		return nil, fail("user_not_in_channel")
	}
	m, failed := s.content(args, maxPostText)
	if failed != nil {
		return nil, failed
	}
	m.Channel, m.ThreadTS, m.Ephemeral, m.To = c.ID, args.Get("thread_ts"), true, to
	return map[string]any{"message_ts": s.post(m).TS}, nil
}

func (s *Slack) chatPermalink(args Args) (map[string]any, *apiError) {
	m := s.find(args.Get("channel"), cmp.Or(args.Get("message_ts"), "none"))
	if m == nil {
		return nil, fail("message_not_found")
	}
	link := "https://" + s.opts.Team.Domain + ".slack.com/archives/" + m.Channel + "/p" + digits(m.TS)
	return map[string]any{"channel": m.Channel, "permalink": link}, nil
}

func digits(ts string) string {
	var out []byte
	for i := range len(ts) {
		if ts[i] != '.' {
			out = append(out, ts[i])
		}
	}
	return string(out)
}
