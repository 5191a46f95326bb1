package slackbot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
	"vpsops/slackbot/card"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
	"vpsops/slackbot/delivery"
)

// wantsForm tells whether a command says too little for anything to be asked.
func wantsForm(c command.Command) bool {
	return c.Form() || c.Verb == command.VerbCreate && (c.Name == "" || c.Plan == "" || c.OS == "" || c.Location == "")
}

// openView opens a form for who has just done something.
func (b *Bot) openView(ctx context.Context, by caller, v slack.ModalViewRequest) (id string, opened bool) {
	res, err := b.API.OpenViewContext(ctx, by.trigger, v)
	if err == nil && res.ID == "" {
		err = errNoAnswer
	}
	if err != nil {
		b.Logger.Warn("slack: a form could not be opened", "user", by.identity().ID, "error", err)
		words := "The form could not be opened. Try again."
		if code := codeOf(err); code == "expired_trigger_id" || code == "trigger_expired" {
			words = "The form came too late for Slack to open it. Try again."
		}
		b.tell(ctx, by, b.cards().Note(words))
		return "", false
	}
	return res.ID, true
}

// openCommandForm opens the form of a create or an update at once, while Slack
// still lets it, and fills it when the API has answered.
func (b *Bot) openCommandForm(ctx context.Context, by caller, c command.Command) {
	title := "New server"
	if c.Verb == command.VerbUpdate {
		title = "Change a server"
	}
	id, opened := b.openView(ctx, by, b.cards().Loading(title))
	if !opened {
		return
	}
	r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), c)
	if _, err := b.API.UpdateViewContext(ctx, b.commandForm(by, c, r, err, title), "", "", id); err != nil {
		b.Logger.Warn("slack: a form could not be filled", "user", by.identity().ID, "error", err)
	}
}

func (b *Bot) commandForm(by caller, c command.Command, r runner.Result, err error, title string) slack.ModalViewRequest {
	switch {
	case err != nil:
		return sheet(title, b.failure(by, c, err))
	case r.Form == nil:
		return sheet(title, b.cards().Result(r)) // such as a no of the policy's
	case r.Form.Server != nil:
		server := runner.Server{Account: c.Account, Server: *r.Form.Server}
		view := b.cards().UpdateForm(server, c.Because)
		view.PrivateMetadata = b.sealForm(origin{Press: card.Press{Server: r.Form.Server.ID.String(), Account: c.Account}, Channel: by.channel})
		return view
	}
	b.drafts.keep(by.identity().ID+" "+c.Account, *r.Form.Choices, b.Now())
	return b.createForm(by, *r.Form.Choices, card.DraftOf(c))
}

func (b *Bot) createForm(by caller, from runner.Choices, d card.CreateDraft) slack.ModalViewRequest {
	view := b.cards().CreateForm(from, d)
	view.PrivateMetadata = b.sealForm(origin{Press: card.Press{Account: d.Account}, Channel: by.channel})
	return view
}

// sheet is a form with nothing to fill in.
func sheet(title string, m card.Message) slack.ModalViewRequest {
	text := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	return slack.ModalViewRequest{Type: slack.VTModal, Title: text(title), Close: text("Close"), Blocks: slack.Blocks{BlockSet: m.Blocks}}
}

// changed lays a form out anew after somebody typed or chose in it: a create's
// name is looked for, and the chosen plan's price shown.
func (b *Bot) changed(ctx context.Context, by caller, c slack.InteractionCallback) {
	o, err := b.openForm(c.View.PrivateMetadata)
	if err != nil || c.View.CallbackID != card.FormCreate {
		return
	}
	by.channel = o.Channel
	d := card.ReadCreate(c.View)
	d.Account = o.Press.Account
	from, ok := b.choices(ctx, by, d.Account)
	if !ok {
		return
	}
	b.lookForName(ctx, by, &d)
	// Who types on has another hash: what they see is newer than this.
	_, err = b.API.UpdateViewContext(ctx, b.createForm(by, from, d), "", c.View.Hash, c.View.ID)
	if err != nil && codeOf(err) != "hash_conflict" {
		b.Logger.Warn("slack: a form could not be laid out anew", "error", err)
	}
}

// choices are what a new server can be made of, as they were read for the form.
func (b *Bot) choices(ctx context.Context, by caller, account string) (runner.Choices, bool) {
	key := by.identity().ID + " " + account
	if kept, ok := b.drafts.of(key, b.Now()); ok {
		return kept, true
	}
	r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), command.Command{Verb: command.VerbCreate, Account: account})
	if err != nil || r.Form == nil || r.Form.Choices == nil {
		return runner.Choices{}, false
	}
	b.drafts.keep(key, *r.Form.Choices, b.Now())
	return *r.Form.Choices, true
}

// lookForName says whether a name is taken, as far as its asker may know.
func (b *Bot) lookForName(ctx context.Context, by caller, d *card.CreateDraft) {
	if d.Name == "" {
		return
	}
	r, err := runner.Run(ctx, b.Ballot.Desk, by.actor(), command.Command{Verb: command.VerbList, Account: d.Account, Text: d.Name})
	if err != nil || r.Servers == nil {
		return
	}
	for _, s := range r.Servers.Rows {
		if s.Name == d.Name {
			d.NameProblem = "There is a server of this name already, with the id " + s.ID.String() + "."
			return
		}
	}
	d.NameProblem = gate.NameProblem(d.Name)
	d.NameFree = d.NameProblem == ""
}

// takeForm takes a form that was sent.
func (b *Bot) takeForm(ctx context.Context, d delivery.Delivery, by caller, c slack.InteractionCallback) (delivery.Ack, error) {
	o, err := b.openForm(c.View.PrivateMetadata)
	if err != nil {
		b.Ballot.DeliveryRefused("form changed")
		return inForm(sheet("vpsops", b.cards().Note("This form was not made by this vpsops, or was changed. Nothing was done.")))
	}
	by.channel = o.Channel
	if problems := b.problemsIn(ctx, by, o, c.View); len(problems) > 0 {
		return ackOf(map[string]any{"response_action": "errors", "errors": problems})
	}
	job, err := b.formJob(by, c)
	if err != nil {
		return delivery.Ack{}, err
	}
	no, err := b.durably(ctx, d, job)
	if err != nil || no == nil {
		return delivery.Ack{}, err
	}
	return inForm(sheet("vpsops", *no))
}

func inForm(view slack.ModalViewRequest) (delivery.Ack, error) {
	return ackOf(map[string]any{"response_action": "update", "view": view})
}

// problemsIn are what is wrong in a form, by its fields.
func (b *Bot) problemsIn(ctx context.Context, by caller, o origin, view slack.View) map[string]string {
	switch view.CallbackID {
	case card.FormCreate:
		return card.ReadCreate(view).Problems()
	case card.FormUpdate:
		if card.ReadUpdate(view, o.Press).Form() {
			return map[string]string{card.FieldName: "Nothing is changed yet."}
		}
	case card.FormApprove:
		return b.wrongName(ctx, by, o.Press, view)
	}
	return nil
}

// wrongName says that a name is wrong while the form still stands. That is
// recorded, and is no vote: whose it would be hasn't been looked at yet.
func (b *Bot) wrongName(ctx context.Context, by caller, p card.Press, view slack.View) map[string]string {
	typed, _ := card.ReadVote(view.State)
	v, err := b.Ballot.Look(ctx, p.Request)
	if err != nil || v.Shown.MeantBy(typed) || v.Digest != p.Digest || !b.Ballot.Choices(by.voter(), v).TypeName {
		return nil
	}
	if err := b.Ballot.VoteRefused(ctx, by.voter(), p.Request, "another name was typed"); err != nil {
		b.Logger.Error("slack: the trail could not be told of a refused vote", "error", err)
	}
	return map[string]string{card.FieldTypedName: inert.Sentence(v.Shown.TypeText(typed), maxWords)}
}

// formJob is what a form says to do.
func (b *Bot) formJob(by caller, c slack.InteractionCallback) (func(context.Context), error) {
	o, err := b.openForm(c.View.PrivateMetadata)
	if err != nil {
		return nil, err
	}
	by.channel, by.response = o.Channel, ""
	switch c.View.CallbackID {
	case card.FormApprove, card.FormDeny:
		typed, reason := card.ReadVote(c.View.State)
		verdict := gate.Verdict{
			RequestID: o.Press.Request, Digest: o.Press.Digest, Approve: c.View.CallbackID == card.FormApprove,
			TypedName: typed, Reason: reason,
		}
		return func(ctx context.Context) { b.vote(ctx, by, c, verdict) }, nil
	case card.FormCreate:
		d := card.ReadCreate(c.View)
		d.Account = o.Press.Account
		return func(ctx context.Context) { b.do(ctx, by, d.Command()) }, nil
	case card.FormUpdate:
		cmd := card.ReadUpdate(c.View, o.Press)
		return func(ctx context.Context) { b.do(ctx, by, cmd) }, nil
	}
	return nil, errors.New("slackbot: a form of another kind: " + c.View.CallbackID)
}
