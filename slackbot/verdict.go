package slackbot

import (
	"context"
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
)

// pressedVerdict is a yes or a no to a request. Where a yes needs a name typed or
// a reason, and for every no, a form asks for the rest.
func (b *Bot) pressedVerdict(ctx context.Context, by caller, c slack.InteractionCallback, p card.Press, approve bool) {
	v, err := b.Ballot.Look(ctx, p.Request)
	if err != nil {
		b.sayLate(ctx, by, err)
		return
	}
	may := b.Ballot.Choices(by.voter(), v)
	open := (v.State == ledger.Pending || v.HeldBack()) && v.Digest == p.Digest
	form := open && (approve && may.Approve && !may.Given && (may.TypeName || may.Reason) || !approve && may.Deny && b.concerns(ctx, by, v))
	if !form {
		b.vote(ctx, by, c, gate.Verdict{RequestID: p.Request, Digest: p.Digest, Approve: approve})
		return
	}
	if err := b.mayVote(ctx, by, approve); err != nil {
		b.refuseVote(ctx, by, p, approve, err)
		return
	}
	view := b.cards().VoteForm(v, approve, may.TypeName, may.Reason)
	view.PrivateMetadata = b.sealForm(origin{Press: p, Channel: by.channel})
	b.openView(ctx, by, view)
}

// mayVote is nil for a person whose yes, or no, may be handed in.
func (b *Bot) mayVote(ctx context.Context, by caller, approve bool) error {
	if approve {
		return b.people.check(ctx, by)
	}
	return b.people.checkStop(ctx, by)
}

// concerns tells whether a request is some of the presser's business.
func (b *Bot) concerns(ctx context.Context, by caller, v gate.View) bool {
	_, err := b.Ballot.Request(ctx, by.actor(), v.ID)
	return err == nil
}

// vote hands a verdict in, has every card show what became of it, and says to the
// voter why it doesn't count where it doesn't.
func (b *Bot) vote(ctx context.Context, by caller, c slack.InteractionCallback, v gate.Verdict) {
	if err := b.mayVote(ctx, by, v.Approve); err != nil {
		b.refuseVote(ctx, by, card.Press{Request: v.RequestID}, v.Approve, err)
		return
	}
	after, err := b.Ballot.Vote(ctx, by.voter(), v)
	posts := b.board.sync(ctx, v.RequestID)
	b.mendPressed(ctx, by, c, v.RequestID, posts)
	if err != nil && !votedBefore(by, after, v.Approve) {
		b.tell(ctx, by, b.cards().Note(b.whyNoVote(ctx, by, after, v, err)))
	}
}

// refuseVote is the no to a voter whom the policy isn't even asked about.
func (b *Bot) refuseVote(ctx context.Context, by caller, p card.Press, approve bool, why error) {
	b.Logger.Info("slack: a vote was refused", "request", p.Request, "user", by.identity().ID, "approve", approve, "why", why)
	if err := b.Ballot.VoteRefused(ctx, by.voter(), p.Request, why.Error()); err != nil {
		b.Logger.Error("slack: the trail could not be told of a refused vote", "error", err)
	}
	b.tell(ctx, by, b.cards().Note(whyNot(why)))
}

// mendPressed brings the very message that was pressed in step, where it is one
// that no record is kept of: a private one, or one whose posting was not seen to
// succeed, which is kept from now on.
func (b *Bot) mendPressed(ctx context.Context, by caller, c slack.InteractionCallback, request string, posts []ledger.Post) {
	if c.Type != slack.InteractionTypeBlockActions || c.Container.MessageTs == "" {
		return
	}
	for _, p := range posts {
		if p.Message == c.Container.MessageTs {
			return
		}
	}
	if !c.Container.IsEphemeral {
		b.board.adopt(ctx, request, c.Container.ChannelID, c.Container.MessageTs)
	} else if v, err := b.Ballot.Look(ctx, request); err == nil {
		b.replace(ctx, by, b.cards().Request(v))
	}
}

// whyNoVote says to a voter why their vote doesn't count, and whose would.
func (b *Bot) whyNoVote(ctx context.Context, by caller, v gate.View, said gate.Verdict, err error) string {
	if errors.Is(err, gate.ErrNotFound) && b.Ballot.Person(by.actor()) == "" {
		return "The policy lists nobody with your Slack account (" + inert.Text(by.identity().ID, 60) + "), so you can decide nothing here."
	}
	words := "It was not counted: "
	if errors.Is(err, gate.ErrNotFound) {
		words += "this request doesn't wait for you."
		if now, lookErr := b.Ballot.Look(ctx, said.RequestID); lookErr == nil {
			v = now
		}
	} else {
		words += strings.TrimSuffix(b.explain(by, err), ".") + "."
	}
	if v.State == ledger.Pending && len(v.Missing) > 0 {
		words += " It waits for this: " + strings.Join(v.NeedLines(), "; ") + "."
	}
	return words
}

// explain is an error in words, for the one who is told it.
func (b *Bot) explain(by caller, err error) string {
	var vote *gate.VoteError
	var late *gate.TooLateError
	switch {
	case errors.As(err, &vote), errors.As(err, &late), errors.Is(err, gate.ErrStale), errors.Is(err, gate.ErrClosing):
		return err.Error()
	}
	return b.failure(by, command.Command{}, err).Text
}

// sayLate answers to a press on a card whose request is gone.
func (b *Bot) sayLate(ctx context.Context, by caller, err error) {
	if errors.Is(err, gate.ErrNotFound) {
		b.tell(ctx, by, b.cards().Note("This request is not kept any more. Nothing was done."))
		return
	}
	b.tell(ctx, by, b.failure(by, command.Command{}, err))
}

// pressedCancel takes the presser's own request back.
func (b *Bot) pressedCancel(ctx context.Context, by caller, c slack.InteractionCallback, p card.Press) {
	if err := b.people.checkStop(ctx, by); err != nil {
		b.refuse(ctx, by, err)
		return
	}
	_, err := b.Ballot.Cancel(ctx, by.actor(), p.Request)
	posts := b.board.sync(ctx, p.Request)
	b.mendPressed(ctx, by, c, p.Request, posts)
	switch {
	case errors.Is(err, gate.ErrNotFound):
		b.tell(ctx, by, b.cards().Note("Only who asked can take a request back."))
	case err != nil:
		b.tell(ctx, by, b.failure(by, command.Command{Verb: command.VerbCancel}, err))
	}
}
