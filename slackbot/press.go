package slackbot

import (
	"encoding/json"

	"vpsops/slackbot/card"
)

// What buttons and forms carry is sealed for one purpose each: a button's value
// opens no form.
const (
	sealedButton = "slack button"
	sealedForm   = "slack form"
)

func (b *Bot) sealPress(p card.Press) string { return b.seal(sealedButton, p) }

func (b *Bot) seal(purpose string, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers alone
	}
	return b.Key.Seal(purpose, text)
}

func (b *Bot) openPress(value string) (p card.Press, err error) {
	err = b.open(sealedButton, value, &p)
	return p, err
}

func (b *Bot) open(purpose, text string, into any) error {
	payload, err := b.Key.Open(purpose, text)
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, into)
}

// origin is what a form remembers of where it was opened.
type origin struct {
	Press   card.Press `json:"p"`
	Channel string     `json:"c,omitempty"`
}

func (b *Bot) sealForm(o origin) string { return b.seal(sealedForm, o) }

func (b *Bot) openForm(text string) (o origin, err error) {
	err = b.open(sealedForm, text, &o)
	return o, err
}
