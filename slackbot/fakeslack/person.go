package fakeslack

import (
	"context"
	"strings"
)

// T is what a person needs of a test: *testing.T and *testing.B have it.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// Person is somebody at their Slack client. What they can't do (press a button
// that isn't there, type in a channel they aren't in) fails the test. A person
// is safe for concurrent use; one who does many things at once is several
// goroutines with the same Person.
type Person struct {
	t    T
	s    *Slack
	user User
}

// As is a person, by their id. An account that isn't there fails the test.
func (s *Slack) As(t T, user string) *Person {
	t.Helper()
	s.mu.Lock()
	u, ok := s.state.users[user]
	s.mu.Unlock()
	if !ok {
		t.Fatalf("fakeslack: there is no account %s: AddUser first", user)
	}
	return &Person{t: t, s: s, user: u}
}

// Types enters text in a channel. What begins with a slash is a command: it is
// delivered, and Types returns when it is acknowledged or time is up. Anything
// else is a message, which the app hears of only where it is mentioned
// (app_mention) or in its direct messages (message.im).
func (p *Person) Types(channel, text string, hows ...How) Outcome {
	p.t.Helper()
	p.in(channel)
	if !strings.HasPrefix(text, "/") {
		return p.says(channel, "", text, hows)
	}
	name, rest, _ := strings.Cut(text, " ")
	s := p.s
	s.mu.Lock()
	u := s.state.users[p.user.ID]
	a := s.attempt(command, s.commandFields(u, s.state.channels[channel], name, strings.TrimSpace(rest)))
	s.mu.Unlock()
	a.shape(hows)
	answer, took := s.deliver(p.t.Context(), a)
	o := answer.outcome(took)
	if answer.ok() {
		s.say(&o, answer, u.ID, channel)
	}
	return o
}

// TypesInThread enters text in a thread. Commands aren't possible there.
func (p *Person) TypesInThread(channel, thread, text string, hows ...How) Outcome {
	p.t.Helper()
	p.in(channel)
	if strings.HasPrefix(text, "/") {
		return Outcome{Error: NotInThreads}
	}
	return p.says(channel, thread, text, hows)
}

// in fails the test where the person isn't in a channel.
func (p *Person) in(channel string) {
	p.t.Helper()
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if strings.HasPrefix(channel, "D") && channel == "D"+p.user.ID[1:] {
		p.s.directMessage(p.user.ID)
		return
	}
	c, ok := p.s.state.channels[channel]
	switch {
	case !ok:
		p.t.Fatalf("fakeslack: there is no channel %s", channel)
	case !c.has(p.user.ID):
		p.t.Fatalf("fakeslack: %s isn't in %s: invite them first", p.user.ID, channel)
	}
}

// DirectMessage is the id of the person's direct message with the app.
func (p *Person) DirectMessage() string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.directMessage(p.user.ID).ID
}

func (s *Slack) attempt(kind deliveryKind, payload map[string]any) *attempt {
	return &attempt{kind: kind, payload: payload, secret: s.opts.App.SigningSecret}
}

// say posts what an acknowledgement of a command says: JSON, or plain text for
// the person alone.
func (s *Slack) say(o *Outcome, answer ack, user, channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var args Args
	switch text := strings.TrimSpace(string(answer.body)); {
	case text == "" || text == "{}":
		return
	case answer.json:
		args = jsonArgs(answer.body)
	default:
		args = jsonArgs(encode(map[string]any{"text": text}))
	}
	m, failed := s.content(args, maxPostText)
	if failed != nil {
		o.Error, o.Detail = InvalidResponse, strings.Join(append([]string{failed.code}, failed.messages...), "\n")
		return
	}
	m.Channel = channel
	if args.Get("response_type") != "in_channel" {
		m.Ephemeral, m.To = true, user
	}
	posted := *s.post(m)
	o.Notice = &posted
}
