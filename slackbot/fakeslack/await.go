package fakeslack

import (
	"context"
	"strings"
	"time"
)

// Sees are the messages that the person sees in a channel now, oldest first.
func (p *Person) Sees(channel string) []Message { return p.s.Sees(p.user.ID, channel) }

// Awaits is the first message in the channel that the person sees and that is
// wanted, as soon as there is one. what is for the failure, should it not come
// within Options.Patience.
func (p *Person) Awaits(channel, what string, want func(Message) bool) Message {
	p.t.Helper()
	var found Message
	p.until(what, func() bool {
		for _, m := range p.Sees(channel) {
			if want(m) {
				found = m
				return true
			}
		}
		return false
	}, func() string { return listMessages(p.Sees(channel)) })
	return found
}

// AwaitsText is Awaits for a message that shows a text.
func (p *Person) AwaitsText(channel, text string) Message {
	p.t.Helper()
	return p.Awaits(channel, "a message that shows "+text, func(m Message) bool { return m.Shows(text) })
}

// AwaitsModal is the modal on top of the person's, as soon as it shows a text.
func (p *Person) AwaitsModal(text string) View {
	p.t.Helper()
	var found View
	p.until("a modal that shows "+text, func() bool {
		views := p.s.Modals(p.user.ID)
		if len(views) == 0 {
			return false
		}
		found = views[len(views)-1]
		return found.Shows(text)
	}, func() string { return listViews(p.s.Modals(p.user.ID)) })
	return found
}

// AwaitsHome is the person's App Home, as soon as it shows a text.
func (p *Person) AwaitsHome(text string) View {
	p.t.Helper()
	var found View
	p.until("an App Home that shows "+text, func() bool {
		v, ok := p.s.Home(p.user.ID)
		found = v
		return ok && v.Shows(text)
	}, func() string { return found.AllText() })
	return found
}

// Modal is the modal that the person sees, and whether there is one.
func (p *Person) Modal() (View, bool) {
	views := p.s.Modals(p.user.ID)
	if len(views) == 0 {
		return View{}, false
	}
	return views[len(views)-1], true
}

func (p *Person) until(what string, done func() bool, seen func() string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), p.s.opts.Patience)
	defer cancel()
	if err := p.s.Await(ctx, done); err != nil {
		p.t.Fatalf("fakeslack: %s waited %v for %s; seen:\n%s", p.user.ID, p.s.opts.Patience.Round(time.Second), what, seen())
	}
}

func listMessages(messages []Message) string {
	var b strings.Builder
	for _, m := range messages {
		private := ""
		if m.Ephemeral {
			private = " (only to " + m.To + ")"
		}
		b.WriteString("--- " + m.TS + " by " + m.User + private + "\n" + m.AllText() + "\n")
	}
	return b.String()
}

func listViews(views []View) string {
	var b strings.Builder
	for _, v := range views {
		b.WriteString("--- " + v.ID + "\n" + v.AllText() + "\n")
	}
	return b.String()
}
