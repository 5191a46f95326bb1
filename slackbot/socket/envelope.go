package socket

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"vpsops/slackbot/delivery"
)

// envelope is a message of Slack's ("Using Socket Mode").
type envelope struct {
	Type    string          `json:"type"`
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	Answers *bool           `json:"accepts_response_payload"`
	Retry   json.RawMessage `json:"retry_attempt"`

	Reason     string `json:"reason"` // of a disconnect
	Connection struct {
		App string `json:"app_id"`
	} `json:"connection_info"` // of a hello
}

func (e *envelope) read(raw []byte) error {
	if err := json.Unmarshal(raw, e); err != nil {
		return fmt.Errorf("socket: an envelope: %w", err)
	}
	return nil
}

// disconnected is what a disconnect means: nil where the connection still
// serves for a moment and wants a successor (warning, refresh_requested).
func disconnected(reason string) error {
	if do, ok := fatal[reason]; ok {
		return &FatalError{Reason: reason, Do: do}
	}
	if reason == "too_many_websockets" {
		return errors.New("socket: the app has more connections open than Slack allows; close other copies of it")
	}
	return nil
}

// delivery makes a delivery of the envelope; one without a kind is to be
// acknowledged and dropped.
func (e *envelope) delivery() (d delivery.Delivery, err error) {
	switch e.Type {
	case "slash_commands":
		d, err = delivery.New(delivery.Command, e.Payload)
	case "interactive":
		d, err = delivery.FromInteraction(e.Payload)
	case "events_api":
		d, err = e.event()
	}
	if retry, err := strconv.ParseUint(string(e.Retry), 10, 8); err == nil {
		d.Retry = int(retry)
	}
	return d, err
}

func (e *envelope) event() (d delivery.Delivery, err error) {
	var outer struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(e.Payload, &outer); err != nil {
		return d, fmt.Errorf("socket: an event: %w", err)
	}
	if outer.Type != "event_callback" { // such as app_rate_limited
		return d, nil
	}
	return delivery.New(delivery.Event, e.Payload)
}

// maxAck is the size from which Slack drops an acknowledgement without a word.
const maxAck = 20_000

// acknowledgement is what Slack takes for an envelope, with the bot's answer
// where it takes one and the answer can be sent.
func (e *envelope) acknowledgement(body json.RawMessage) (raw []byte, leftOut bool) {
	type acknowledgement struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload,omitempty"`
	}
	if len(body) > 0 && (e.Answers == nil || *e.Answers) {
		// Measured as it goes out: encoding makes some characters longer.
		if raw, err := json.Marshal(acknowledgement{e.ID, body}); err == nil && len(raw) < maxAck {
			return raw, false
		}
	}
	raw, err := json.Marshal(acknowledgement{ID: e.ID})
	if err != nil {
		panic(err) // a string can always be encoded
	}
	return raw, len(body) > 0
}
