// Package socket takes Slack's deliveries over Socket Mode: websockets that the
// app opens with its app-level token, so that nothing of it need be reachable.
//
// It speaks to the websocket itself. slack-go's socketmode client has one queue
// of acknowledgements for all connections, so that a late one goes out on the
// next; it dials again at once when a connection that stood is closed; it takes
// no notice of why Slack disconnects; what it doesn't know it never
// acknowledges; and its handler starts goroutines without limit. None of it can
// be set otherwise. apps.connections.open is called by slack-go.
package socket

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"vpsops/slackbot/delivery"
)

// MaxConnections is how many Slack lets an app open, of all its processes
// together ("Using Socket Mode").
const MaxConnections = 10

// AckWithin is how long a delivery may take from its receipt to its
// acknowledgement. Slack gives up after three seconds; what is left is for the
// way back.
const AckWithin = 2500 * time.Millisecond

// Config is what a client needs. The zero value of an optional field is its
// default.
type Config struct {
	AppToken string // xapp-…, with the scope connections:write
	APIURL   string // optional: Slack's; where it is http, sockets may be ws
	Accept   delivery.Accept
	Handler  delivery.Handler

	// Refused is called for every delivery that is refused, with why: in the
	// words of [delivery.Why]. Optional; safe for concurrent use.
	Refused func(why string)

	// Live is told how many connections stand whenever that changes. Optional; it
	// must return at once, and not ask the client anything.
	Live func(n int)

	Connections int          // optional: 2, so that one serves while the other is renewed
	Workers     int          // optional: 32 deliveries at a time, and four times as many waiting
	Logger      *slog.Logger // optional

	// HTTPClient calls apps.connections.open; optional. It needs a time-out.
	HTTPClient *http.Client
	// DialContext connects websockets; optional. Without it, the proxy of the
	// environment is used.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client takes deliveries. It is safe for concurrent use.
type Client struct {
	Config
	api  *slack.Client
	jobs chan job
	seen *envelopes

	seldom rate.Sometimes // keeps a flood from flooding the log, too

	mu    sync.Mutex
	state State
	hold  time.Time // Slack wants no call before
}

// New returns a client that isn't connected yet. An error says what is missing
// from the configuration.
func New(c Config) (*Client, error) {
	switch {
	case c.AppToken == "":
		return nil, errors.New("socket: no app-level token")
	case len(c.Accept.Teams) == 0:
		return nil, errors.New("socket: no team whose deliveries are accepted")
	case c.Handler == nil:
		return nil, errors.New("socket: nothing that deals with deliveries")
	case c.Connections < 0 || c.Connections > MaxConnections:
		return nil, errors.New("socket: Slack lets an app open ten connections")
	}
	c = c.withDefaults()
	return &Client{
		Config: c,
		api: slack.New("", slack.OptionAppLevelToken(c.AppToken), slack.OptionAPIURL(c.APIURL),
			slack.OptionHTTPClient(c.HTTPClient)),
		jobs:   make(chan job, 4*c.Workers),
		seen:   newEnvelopes(),
		seldom: rate.Sometimes{First: 1, Interval: 10 * time.Second},
		state:  State{Wanted: c.Connections},
	}, nil
}

func (c Config) withDefaults() Config {
	c.APIURL = strings.TrimSuffix(cmp.Or(c.APIURL, slack.APIURL), "/") + "/"
	c.Connections = cmp.Or(c.Connections, 2)
	c.Workers = cmp.Or(c.Workers, 32)
	if c.Refused == nil {
		c.Refused = func(string) {}
	}
	if c.Live == nil {
		c.Live = func(int) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return c
}

// Run keeps the connections up until ctx ends, and then stops reading, finishes
// what was received, closes, and returns nil. It returns a *FatalError as soon as
// Slack says what only a person can mend. A client runs once.
func (c *Client) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(c.jobs)
	for range c.Workers {
		workers.Go(func() {
			for j := range c.jobs {
				c.work(context.WithoutCancel(ctx), j)
			}
		})
	}
	slots, ctx := errgroup.WithContext(ctx)
	for range c.Connections {
		slots.Go(func() error { return c.keep(ctx) })
	}
	return slots.Wait()
}
