package card

import (
	"github.com/slack-go/slack"

	"vpsops/internal/inert"
	"vpsops/policy/gate"
)

// VoteForm asks a voter for what their vote needs besides the press: the
// server's name, where name is wanted, and a reason, which is optional where it
// is not. It shows again what the vote is for. Its private metadata is the
// sealed press, and its callback id FormApprove or FormDeny.
func (w *Writer) VoteForm(v gate.View, approve, name, reason bool) slack.ModalViewRequest {
	callback, title, submit := FormDeny, "Deny", "Deny"
	blocks := []slack.Block{section(append([]md{brief(v) + w.account(v)}, w.asker(v))...)}
	if approve {
		callback, title, submit = FormApprove, wordsOf(v).do+"?", wordsOf(v).do
		blocks = w.whatFor(v)
		if name {
			blocks = append(blocks, nameField(v))
		}
	}
	blocks = append(blocks, reasonField(approve, reason))
	m := modal(callback, title, submit, blocks)
	m.PrivateMetadata = w.sealed(Press{Request: v.ID, Digest: v.Digest}, maxMetadata)
	return m
}

// whatFor is what a yes is for, once more: the danger first, the asker's words
// last. What would deny it as things are now is said here alone: a lock or a new rule
// edits no card, so a card could not go on saying so.
func (w *Writer) whatFor(v gate.View) []slack.Block {
	var blocks []slack.Block
	all := warnings(v)
	if v.Barred != "" {
		all = append(all, "⚠️ *If it is approved now, it is denied*: "+prose(withUTC(v.Barred), maxProse))
	}
	if len(all) > 0 {
		blocks = append(blocks, section(all...))
	}
	blocks = append(blocks, header(headline(v)), section(append(w.facts(v), w.asker(v))...))
	return append(blocks, reason(v)...)
}

func nameField(v gate.View) slack.Block {
	e := typed(FieldTypedName, "", maxTypedName)
	e.FocusOnLoad = true
	label := "Type the server's name to show that you mean it: "
	word, isID := v.Shown.TypedWord()
	if isID {
		label = "Type the server's id to show that you mean it, as its name can't be typed as it shows: "
	}
	return field(FieldTypedName, label+inert.Text(word, maxTypedName), "", e)
}

func reasonField(approve, wanted bool) slack.Block {
	label := "Why not?"
	if approve {
		label = "Why?"
	}
	e := typed(FieldReason, "", maxTypedReason)
	e.Multiline = true
	return field(FieldReason, label, "The asker and everybody who sees the card can read it.", e).WithOptional(!wanted)
}

// ReadVote reads what was typed into a VoteForm.
func ReadVote(state *slack.ViewState) (typedName, reason string) {
	return verbatim(state, FieldTypedName), given(state, FieldReason)
}
