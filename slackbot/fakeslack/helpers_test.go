package fakeslack_test

import (
	"bytes"
	"io"

	"github.com/slack-go/slack"
)

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

func section(text string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, text, false, false), nil, nil)
}

func button(action, value, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, plain(label))
}

// card is a message with two buttons.
func card(text string) slack.MsgOption {
	return slack.MsgOptionBlocks(section(text), slack.NewActionBlock("votes",
		button("approve", "v-approve", "Approve"), button("deny", "v-deny", "Deny")))
}

// form is a modal with a name to enter, and a reason that may stay empty.
func form(title string) slack.ModalViewRequest {
	name := slack.NewInputBlock("name", plain("Name"), nil, slack.NewPlainTextInputBlockElement(nil, "name").WithMaxLength(10))
	reason := slack.NewInputBlock("reason", plain("Reason"), nil, slack.NewPlainTextInputBlockElement(nil, "reason"))
	reason.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(title), Submit: plain("Send"), Close: plain("Back"), CallbackID: "form",
		NotifyOnClose: true, Blocks: slack.Blocks{BlockSet: []slack.Block{name, reason}},
	}
}
