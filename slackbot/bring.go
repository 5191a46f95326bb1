package slackbot

import (
	"context"
	"errors"
	"strings"
	"time"

	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
)

// writeTime is how long a message is taken by who writes it: longer than a call
// of Slack's.
const writeTime = 3 * callTimeout

// subject is what a message is about.
type subject struct {
	id   string
	open bool // there is something to decide
	over bool // what the message says changes no more
}

func (b *board) subjectOf(v gate.View) subject {
	return subject{v.ID, v.State.Open(), v.Settled() || abandoned(v, b.bot.Now())}
}

// bring brings one message in step: it posts it, or changes the one that stands.
// It returns the record as it is then.
func (b *board) bring(ctx context.Context, of subject, want paper, p ledger.Post, again *soonest) ledger.Post {
	now, face := b.bot.Now(), faceOf(want.says)
	switch {
	case p.Done:
		return p
	case p.TakenUntil.After(now):
		again.by(p.TakenUntil)
		return p
	case p.Message != "" && p.Face == face:
		return b.end(ctx, of, p)
	case p.Message == "" && p.Version > 0 && !of.open && !audits(p):
		p.Done = true // it never stood there, and there is nothing to decide any more
		return b.keep(ctx, p)
	}
	held, why := b.backoff.until(waysOf(want, p))
	if again.by(held); held.After(now) && p.Version > 0 {
		return p
	}
	p.RequestID, p.Name, p.TakenUntil = of.id, want.name, now.Add(writeTime)
	if p.Version == 0 {
		p.At = now
	}
	if held.After(now) { // the request says so until it can be tried
		p.TakenUntil, p.Problem = held, at(want.channels[0], why)
		return b.keep(ctx, p)
	}
	taken, err := b.bot.Ballot.PutPost(ctx, p)
	if err != nil {
		b.notTaken(p, err, again)
		return ledger.Post{}
	}
	return b.write(ctx, of, want, face, taken, again)
}

// bringAnew writes a card though it says already what it should: nothing tells that
// somebody removed it but that it can't be changed, and then it is posted anew.
func (b *board) bringAnew(ctx context.Context, v gate.View, p ledger.Post, again *soonest) ledger.Post {
	p.Face = ""
	want := paper{p.Name, b.channelsFor(v, strings.TrimPrefix(p.Name, cardName)), b.bot.cards().Request(v)}
	return b.bring(ctx, b.subjectOf(v), want, p, again)
}

// doubt has the next look at a request write its cards anew.
func (b *board) doubt(ctx context.Context, request string) {
	posts, err := b.bot.Ballot.Posts(ctx, request)
	if err != nil {
		b.bot.Logger.Error("slack: messages' records could not be read", "request", request, "error", err)
	}
	for _, p := range posts {
		if isCard(p) && p.Message != "" && !p.Done && !p.TakenUntil.After(b.bot.Now()) {
			p.Face = ""
			b.keep(ctx, p)
		}
	}
}

const heldWords = "Slack takes no messages at the moment"

// at says of what could not be told where, or to whom: a request may have cards in
// several channels.
func at(place, problem string) string { return card.At(place) + problem }

func audits(p ledger.Post) bool { return p.Name == auditName }

func (b *board) notTaken(p ledger.Post, err error, again *soonest) {
	if !errors.Is(err, ledger.ErrConflict) { // else another one writes it
		b.bot.Logger.Error("slack: a message's record could not be written", "request", p.RequestID, "error", err)
	}
	again.by(b.bot.Now().Add(time.Second))
}

// write has Slack take a message that is ours to write, and records what came of
// it.
func (b *board) write(ctx context.Context, of subject, want paper, face string, p ledger.Post, again *soonest) ledger.Post {
	// What was begun is finished, so that the record says what stands there.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	ways := waysOf(want, p)
	p, err := b.tellSlack(ctx, want, p)
	p.TakenUntil = time.Time{}
	switch {
	case err == nil:
		b.backoff.succeeded(ways)
		if p.Face == "" && isDirect(p) { // who else is to be told hangs on where it stands
			again.by(b.bot.Now())
		}
		p.Face, p.Problem = face, ""
		b.bot.note(nil)
	case gone(err) && of.open && !adopted(p):
		p.Message, p.Face = "", "" // somebody removed it: it is posted anew
		again.by(b.bot.Now().Add(minPause))
	case gone(err):
		p.Done = true
	case neverTaken[codeOf(err)] && audits(p): // those after it wait for it
		b.bot.Logger.Error("slack: a line of the audit channel is not taken as it is", "of", of.id, "error", err)
		p.Problem, p.Done = at(want.channels[0], problemOf(err)), true
	case elsewhere[codeOf(err)] != "" && !of.open && !audits(p) && b.bot.Now().Sub(p.At) > giveUp:
		b.bot.Logger.Warn("slack: a card is given up where it can't be changed", "request", of.id, "channel", p.Channel, "error", err)
		p.Message, p.Face = "", "" // a press on it, where it is in reach again, takes it up
		p.Problem, p.Done = at(want.channels[0], problemOf(err)), true
	default:
		b.bot.note(err)
		b.bot.Logger.Warn("slack: a message could not be written", "request", of.id, "message", p.Name, "error", err)
		p.Problem = at(want.channels[0], problemOf(err))
		p.TakenUntil = b.backoff.failed(ways, err)
		again.by(p.TakenUntil)
	}
	if err == nil && of.over {
		p.Done = true
	}
	return b.keep(ctx, p)
}

// gone tells whether a message that stood there can't be changed any more.
func gone(err error) bool {
	switch codeOf(err) {
	case "message_not_found", "cant_update_message", "edit_window_closed":
		return true
	}
	return false
}

func (b *board) tellSlack(ctx context.Context, want paper, p ledger.Post) (ledger.Post, error) {
	if p.Message != "" {
		_, id, _, err := b.bot.API.UpdateMessageContext(ctx, p.Channel, p.Message, content(want.says)...)
		if err == nil && id == "" {
			err = errNoAnswer
		}
		return p, err
	}
	var err error
	for _, channel := range want.channels {
		var in, id string
		if in, id, err = b.bot.post(ctx, channel, "", want.says); err == nil {
			p.Channel, p.Message = in, id
			return p, nil
		}
		if elsewhere[codeOf(err)] == "" {
			break
		}
	}
	return p, err
}

// adopt keeps a record of a card that stands in a channel and has none, and
// brings it in step.
func (b *board) adopt(ctx context.Context, request, channel, message string) {
	if _, err := b.bot.Ballot.Look(ctx, request); err != nil {
		return // there is nothing to bring it in step with
	}
	p := ledger.Post{RequestID: request, Name: cardName + channel + between + message, Channel: channel, Message: message, At: b.bot.Now()}
	if _, err := b.bot.Ballot.PutPost(ctx, p); err != nil && !errors.Is(err, ledger.ErrConflict) {
		b.bot.Logger.Error("slack: a message's record could not be written", "request", request, "error", err)
		return
	}
	b.sync(ctx, request)
}

// between stands between channel and message in the name of a card that was
// adopted.
const between = "/"

func adopted(p ledger.Post) bool { return strings.Contains(p.Name, between) }

// end closes the record of a message after which nothing follows.
func (b *board) end(ctx context.Context, of subject, p ledger.Post) ledger.Post {
	if !of.over {
		return p
	}
	p.Done = true
	return b.keep(ctx, p)
}

// keep writes a record that is ours; where somebody else had taken it since, it
// is theirs.
func (b *board) keep(ctx context.Context, p ledger.Post) ledger.Post {
	after, err := b.bot.Ballot.PutPost(ctx, p)
	if err != nil {
		if !errors.Is(err, ledger.ErrConflict) {
			b.bot.Logger.Error("slack: a message's record could not be written", "request", p.RequestID, "error", err)
		}
		return p
	}
	return after
}
