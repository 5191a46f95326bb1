// Package delivery is what Slack hands us, whichever way it comes: a slash
// command, a press of a button, a form that was sent, an event. Transports
// (packages webhook and socket) authenticate and make deliveries; the bot deals
// with them.
package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/slack-go/slack"
)

// Kind says what a delivery is.
type Kind string

// The kinds. What Slack sends beside them is acknowledged and dropped.
const (
	Command     Kind = "command"     // /vps …
	Interaction Kind = "interaction" // a button, a form, a form closed
	Options     Kind = "options"     // a menu asks for its options (block_suggestion)
	Event       Kind = "event"       // of the Events API
)

// Delivery is one thing that Slack tells. Transports have made sure that it is
// from Slack; whose it is (team, app, user) is for the bot to look at.
type Delivery struct {
	ID      string          `json:"id"` // the same for a redelivery, over either transport
	Kind    Kind            `json:"kind"`
	Payload json.RawMessage `json:"payload"` // an object; of a command its form fields
	Retry   int             `json:"retry,omitempty"`

	// What was read when the payload was made; nil where it was kept meanwhile.
	from    *origin
	command *slack.SlashCommand
}

// Ack is what a delivery is acknowledged with; nothing where Body is empty.
type Ack struct {
	Body json.RawMessage
}

// Handler deals with deliveries. Handle returns when a delivery may be
// acknowledged, and must within Slack's three seconds: ctx ends before. An error
// means that it was not taken: Slack tells the person, or sends it again.
// Handlers are safe for concurrent use.
type Handler interface {
	Handle(ctx context.Context, d Delivery) (Ack, error)
}

// FromForm makes a command of its form fields. A field that comes twice counts
// once.
func FromForm(form url.Values) (Delivery, error) {
	fields := make(map[string]string, len(form))
	for name := range form {
		fields[name] = strings.ToValidUTF8(form.Get(name), "\uFFFD") // as JSON would have it
	}
	payload, err := json.Marshal(fields) // sorted by name: the same form is the same payload
	if err != nil {
		return Delivery{}, err
	}
	from := &origin{App: fields["api_app_id"], Team: fields["team_id"], Enterprise: fields["enterprise_id"]}
	d := from.delivery(Command, payload)
	d.command = commandOf(fields)
	return d, nil
}

// FromInteraction makes a delivery of an interaction's payload: of kind Options
// where a menu asks for its options, else of kind Interaction.
func FromInteraction(payload json.RawMessage) (Delivery, error) {
	d, err := New(Interaction, payload)
	if err == nil && d.from.Type == "block_suggestion" {
		return d.from.delivery(Options, payload), nil
	}
	return d, err
}

// New makes a delivery of its payload, and names it by that: what Slack sends
// again is the same to the letter, and what a person does again has another
// trigger. An event is named by Slack.
func New(kind Kind, payload json.RawMessage) (Delivery, error) {
	from := new(origin)
	if err := json.Unmarshal(payload, from); err != nil {
		return Delivery{}, fmt.Errorf("delivery: %s: %w", kind, err)
	}
	return from.delivery(kind, payload), nil
}

func (o *origin) delivery(kind Kind, payload json.RawMessage) Delivery {
	d := Delivery{Kind: kind, Payload: payload, from: o}
	if kind == Event && o.EventID != "" {
		d.ID = "event " + o.EventID
		return d
	}
	sum := sha256.Sum256(payload)
	d.ID = string(kind) + " " + hex.EncodeToString(sum[:])
	return d
}

// SlashCommand reads a delivery of kind Command.
func (d Delivery) SlashCommand() (c slack.SlashCommand, err error) {
	if d.command != nil {
		return *d.command, nil
	}
	err = d.read(&c)
	return c, err
}

// Callback reads a delivery of kind Interaction or Options.
func (d Delivery) Callback() (c slack.InteractionCallback, err error) {
	err = d.read(&c)
	return c, err
}

func (d Delivery) read(into any) error {
	if err := json.Unmarshal(d.Payload, into); err != nil {
		return fmt.Errorf("delivery: %s: %w", d.Kind, err)
	}
	return nil
}
