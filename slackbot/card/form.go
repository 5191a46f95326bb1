package card

import (
	"strings"

	"github.com/slack-go/slack"

	"vpsops/internal/inert"
)

// The callback ids of the forms.
const (
	FormApprove = "approve"
	FormDeny    = "deny"
	FormCreate  = "create"
	FormUpdate  = "update"
)

// ActDraft is the action of a form's field that the form is laid out anew for,
// such as a name that is checked while it is typed.
const ActDraft = "draft"

// The block ids of the forms' fields: what an answer with errors names
// (https://docs.slack.dev/surfaces/modals#displaying_errors).
const (
	FieldTypedName = "typed_name"
	FieldReason    = "reason"
	FieldName      = "name"
	FieldPlan      = "plan"
	FieldPlanID    = "plan_id"
	FieldSystem    = "system"
	FieldSystemID  = "system_id"
	FieldLocation  = "location"
	FieldHostname  = "hostname"
	FieldSSHKey    = "ssh_key"
	FieldBackups   = "backups"
)

// The most that can be typed, in characters.
const (
	maxTypedName   = 255
	maxTypedReason = 500 // what the gate keeps of one
	maxTypedID     = 64
)

// Loading is opened at once, since the id that opens a form lives 3 seconds;
// the form takes its place.
func (w *Writer) Loading(title string) slack.ModalViewRequest {
	return w.Notice(title, "One moment…")
}

// Notice is a form's place taken by words, such as why there is none.
func (w *Writer) Notice(title, text string) slack.ModalViewRequest {
	return modal("", title, "", []slack.Block{said(inert.Line(text, maxText/2))})
}

// modal makes a view; without a submit there is only a way out.
func modal(callback, title, submit string, blocks []slack.Block) slack.ModalViewRequest {
	m := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback,
		Title: plain(inert.Text(title, maxName), maxModalTitle), Close: plain("Back", maxModalTitle),
		Blocks: slack.Blocks{BlockSet: capped(blocks, maxViewBlocks)},
	}
	if submit != "" {
		m.Submit = plain(submit, maxModalTitle)
	}
	return m
}

// field is what is asked for.
func field(id, label, hint string, e slack.BlockElement) *slack.InputBlock {
	b := slack.NewInputBlock(id, plain(label, maxLabel), nil, e)
	if hint != "" {
		b.Hint = plain(hint, maxLabel)
	}
	return b
}

func typed(id, initial string, most int) *slack.PlainTextInputBlockElement {
	e := slack.NewPlainTextInputBlockElement(nil, id)
	e.MaxLength = most
	e.InitialValue = cut(initial, most)
	return e
}

// given is what a form says in a field, or "".
func given(state *slack.ViewState, field string) string {
	return strings.TrimSpace(verbatim(state, field))
}

// verbatim is the same to the last blank.
func verbatim(state *slack.ViewState, field string) string {
	if state == nil {
		return ""
	}
	for _, a := range state.Values[field] {
		switch {
		case a.SelectedOption.Value != "":
			return a.SelectedOption.Value
		case len(a.SelectedOptions) > 0:
			return a.SelectedOptions[0].Value
		}
		return a.Value
	}
	return ""
}
