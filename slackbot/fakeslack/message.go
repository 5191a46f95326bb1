package fakeslack

import (
	"encoding/json"
	"slices"
	"strings"
)

// Message is what stands in a channel now, or stood.
type Message struct {
	Channel   string
	TS        string // its name in the channel
	ThreadTS  string // of the message that it answers
	User      string // who wrote it
	Text      string
	Blocks    json.RawMessage // as Slack keeps them: block and action ids filled in
	Ephemeral bool            // only To sees it
	To        string
	Edits     int
	Deleted   bool
	Metadata  json.RawMessage
}

// AllText is every text of the message that a person reads: the blocks', or the
// fallback where there are none. Markup is left as it is.
func (m Message) AllText() string {
	if text := textOf(m.Blocks); text != "" {
		return text
	}
	return m.Text
}

// Shows says whether a person reads the text in the message.
func (m Message) Shows(text string) bool { return strings.Contains(m.AllText(), text) }

// Actions are the ids of what can be pressed or chosen, in the order of the
// blocks.
func (m Message) Actions() []string { return actionsOf(m.Blocks) }

// Has says whether something with the action id can be pressed or chosen.
func (m Message) Has(action string) bool { return slices.Contains(m.Actions(), action) }

// Value is the value of the button with the action id, "" where there is none.
func (m Message) Value(action string) string { return valueOf(m.Blocks, action) }

// messages are all there ever were, by where they stand.
type messages struct {
	all       []*Message
	byChannel map[string][]*Message
	byName    map[[2]string]*Message // channel and timestamp
}

func newMessages() messages {
	return messages{byChannel: map[string][]*Message{}, byName: map[[2]string]*Message{}}
}

func (ms *messages) add(m *Message) {
	ms.all = append(ms.all, m)
	ms.byChannel[m.Channel] = append(ms.byChannel[m.Channel], m)
	ms.byName[[2]string{m.Channel, m.TS}] = m
}

// Messages are those of a channel, oldest first: what anybody there can see.
// Deleted and ephemeral ones are left out.
func (s *Slack) Messages(channel string) []Message {
	return s.shown(channel, func(m *Message) bool { return !m.Ephemeral })
}

// Sees are the messages of a channel that a person sees now, oldest first:
// everybody's, and the ephemeral ones for them.
func (s *Slack) Sees(user, channel string) []Message {
	return s.shown(channel, func(m *Message) bool { return !m.Ephemeral || m.To == user })
}

func (s *Slack) shown(channel string, want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Message
	for _, m := range s.state.messages.byChannel[channel] {
		if !m.Deleted && want(m) {
			found = append(found, *m)
		}
	}
	return found
}

// AllMessages are all that were ever posted, whoever saw them, as they are now.
func (s *Slack) AllMessages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Message
	for _, m := range s.state.messages.all {
		found = append(found, *m)
	}
	return found
}

// Message is a message as it is now, deleted or not.
func (s *Slack) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.state.messages.byName[[2]string{channel, ts}]
	if !ok {
		return Message{}, false
	}
	return *m, true
}

// post puts a message into its channel. Callers hold s.mu.
func (s *Slack) post(m Message) *Message {
	m.TS = s.timestamp()
	s.state.messages.add(&m)
	s.change()
	return &m
}

// find is a message that is there. Callers hold s.mu.
func (s *Slack) find(channel, ts string) *Message {
	m := s.state.messages.byName[[2]string{channel, ts}]
	if m == nil || m.Deleted {
		return nil
	}
	return m
}

// messageJSON is the message as Slack's answers and payloads have it.
func (s *Slack) messageJSON(m *Message) map[string]any {
	out := map[string]any{
		"type": "message", "ts": m.TS, "text": m.Text, "user": m.User, "team": s.opts.Team.ID,
	}
	if m.User == s.opts.App.BotUser {
		out["bot_id"], out["app_id"] = s.opts.App.BotID, s.opts.App.ID
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if len(m.Metadata) > 0 {
		out["metadata"] = m.Metadata
	}
	if m.Edits > 0 {
		out["edited"] = map[string]any{"user": m.User, "ts": m.TS}
	}
	return out
}
