package card

import (
	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/slackbot/command"
	"vpsops/slackbot/command/runner"
)

// UpdateForm asks what is to change of a server, with today's values filled in.
// Its private metadata is the sealed press of the server.
func (w *Writer) UpdateForm(s runner.Server, reason string) slack.ModalViewRequest {
	blocks := []slack.Block{
		section("*Change* "+name(s.Name)+", id "+word(s.ID.String())+", "+status(s.Status),
			"Change what is to change. This form only asks; a card shows the whole of it again first."),
		field(FieldName, "Name", "Rules and people may go by the name: with another, they take it for another server.", typed(FieldName, inert.Text(s.Name, maxTypedName), maxTypedName)),
		field(FieldHostname, "Hostname", "", typed(FieldHostname, inert.Text(s.Hostname, maxTypedName), maxTypedName)).WithOptional(true),
		backupsChoice(s.BackupsEnabled), whyField(reason),
	}
	m := modal(FormUpdate, "Change "+inert.Text(s.Name, maxName), "Ask", blocks)
	m.PrivateMetadata = w.sealed(Press{Server: s.ID.String(), Account: s.Account}, maxMetadata)
	return m
}

func backupsChoice(now *bool) slack.Block {
	on := slack.NewOptionBlockObject(string(command.On), plain("On", maxOption), nil)
	off := slack.NewOptionBlockObject(string(command.Off), plain("Off", maxOption), nil)
	e := &slack.RadioButtonsBlockElement{Type: slack.METRadioButtons, ActionID: FieldBackups, Options: []*slack.OptionBlockObject{on, off}}
	switch {
	case now == nil:
	case *now:
		e.InitialOption = on
	default:
		e.InitialOption = off
	}
	return field(FieldBackups, "Backups", "", e).WithOptional(true)
}

// ReadUpdate reads an update form: only what was changed. at is its private
// metadata, opened. A command without anything changed has Form.
func ReadUpdate(view slack.View, at Press) command.Command {
	c := command.Command{Verb: command.VerbUpdate, Account: at.Account, Server: "id:" + at.Server, Because: given(view.State, FieldReason)}
	changed := func(field string) string {
		if v := given(view.State, field); v != initial(view, field) {
			return v
		}
		return ""
	}
	c.Name, c.Hostname, c.Backups = changed(FieldName), changed(FieldHostname), command.Switch(changed(FieldBackups))
	return c
}

// initial is what a field of a view was filled in with.
func initial(view slack.View, field string) string {
	for _, b := range view.Blocks.BlockSet {
		in, is := b.(*slack.InputBlock)
		if !is || in.BlockID != field {
			continue
		}
		switch e := in.Element.(type) {
		case *slack.PlainTextInputBlockElement:
			return e.InitialValue
		case *slack.RadioButtonsBlockElement:
			if e.InitialOption != nil {
				return e.InitialOption.Value
			}
		}
	}
	return ""
}
