// Package webhook takes Slack's deliveries over HTTP: commands, interactions and
// events that Slack posts to request URLs and signs.
package webhook

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"vpsops/slackbot/delivery"
)

// The request URLs' paths.
const (
	CommandsPath     = "/slack/commands"
	InteractionsPath = "/slack/interactions" // menus that load their options, too
	EventsPath       = "/slack/events"
)

// AckWithin is how long a delivery may take from its first byte to its answer.
// Slack gives up after three seconds; what is left is for the way back.
const AckWithin = 2500 * time.Millisecond

// DefaultMaxBody is what Slack's largest delivery stays under: a view of 250 kB
// with its state, form-encoded.
const DefaultMaxBody = 1 << 20

// Config is what a webhook needs. The zero value of an optional field is its
// default.
type Config struct {
	// SigningSecrets are the app's. Any may have signed: while one replaces
	// another, both are in use.
	SigningSecrets []string
	Accept         delivery.Accept
	Handler        delivery.Handler

	// Refused is called for every delivery that is refused, with why: one of
	// this package's constants. Anybody on the network can have it called, as
	// often as they like: whoever writes it down bounds how much. Optional; safe
	// for concurrent use.
	Refused func(why string)

	Logger  *slog.Logger     // optional
	Now     func() time.Time // optional; for signatures alone
	MaxBody int64            // optional; in bytes
}

// New returns the handler of the three paths. It is safe for concurrent use. An
// error says what is missing from the configuration.
func New(c Config) (http.Handler, error) {
	switch {
	case len(c.SigningSecrets) == 0:
		return nil, errors.New("webhook: no signing secret")
	case len(c.Accept.Teams) == 0:
		return nil, errors.New("webhook: no team whose deliveries are accepted")
	case c.Handler == nil:
		return nil, errors.New("webhook: nothing that deals with deliveries")
	}
	for _, s := range c.SigningSecrets {
		if s == "" {
			return nil, errors.New("webhook: an empty signing secret") // which anybody could sign with
		}
	}
	return &webhook{Config: c.withDefaults(), replays: newReplays()}, nil
}

func (c Config) withDefaults() Config {
	if c.Refused == nil {
		c.Refused = func(string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	return c
}

type webhook struct {
	Config
	replays *replays
}
