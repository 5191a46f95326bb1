package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/fakeslack"
	"vpsops/slackbot/socket"
)

const (
	ana = "UANA"
	ops = "COPS"
)

// office is a workspace whose app runs by Socket Mode.
type office struct {
	*testing.T
	*fakeslack.Slack
	bot    bot
	client *socket.Client
	ended  chan error
}

// inOffice runs a test on fake time.
func inOffice(t *testing.T, opts fakeslack.Options, f func(*office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts.Memory = true
		slack, err := fakeslack.Start(opts)
		if err != nil {
			t.Fatal(err)
		}
		slack.AddUser(fakeslack.User{ID: ana, Name: "ana"})
		slack.AddChannel(fakeslack.Channel{ID: ops, Members: []string{ana, slack.App().BotUser}})
		o := &office{T: t, Slack: slack, ended: make(chan error, 1)}
		stop := o.begin()
		f(o)
		stop()
		if err := slack.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (o *office) begin() (stop func()) {
	calls := o.Client()
	calls.Timeout = 10 * time.Second
	var err error
	o.client, err = socket.New(socket.Config{
		AppToken: o.App().AppToken, APIURL: o.URL(), Handler: &o.bot, HTTPClient: calls, DialContext: o.DialContext, Logger: slog.New(slog.NewTextHandler(o.Output(), nil)),
		Accept: delivery.Accept{Apps: []string{o.App().ID}, Teams: []string{o.Team().ID}},
	})
	if err != nil {
		o.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		o.ended <- o.client.Run(ctx)
		close(o.ended)
	}()
	return func() {
		cancel()
		for range o.ended { // until it is closed
		}
		calls.CloseIdleConnections()
	}
}

// connected waits until n connections stand, for as long as it takes.
func (o *office) connected(n int) {
	o.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if err := o.AwaitConnections(ctx, n); err != nil {
		o.Fatalf("%d connections stand, want %d: %v", o.Connections(), n, err)
	}
}

func TestSlackReachesTheBotOverAnyConnection(t *testing.T) {
	inOffice(t, fakeslack.Options{}, func(o *office) {
		o.bot.does(answers(`{"response_type":"ephemeral","text":"on it"}`))
		o.connected(2)
		for range 4 { // over both
			if got := o.As(o.T, ana).Types(ops, "/vps list"); got.Notice == nil || got.Notice.Text != "on it" {
				o.Errorf("ana sees %+v", got)
			}
		}
		if got := o.Envelope(o.Context(), "something_new", map[string]any{}); !got.Acknowledged {
			o.Errorf("%+v", got)
		}
	})
}

func TestNothingIsLostWhileConnectionsComeAndGo(t *testing.T) {
	for name, trouble := range map[string]func(*office){
		"warned":    func(o *office) { o.Disconnect(fakeslack.Warning) },
		"refreshed": func(o *office) { o.Disconnect(fakeslack.RefreshRequested) },
		"killed":    func(o *office) { o.Kill(-1) },
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, fakeslack.Options{}, func(o *office) {
				o.connected(2)
				<-time.After(2 * time.Minute)
				if got := o.client.State(); got.Dialed != 2 {
					o.Errorf("connections that nothing is wrong with were lost: %+v", got)
				}
				trouble(o)
				for range 3 {
					if got := o.As(o.T, ana).Types(ops, "/vps list"); !got.Acknowledged {
						o.Errorf("ana sees %+v", got)
					}
				}
				<-time.After(time.Minute)
				o.connected(2)
				for _, a := range o.Acks() {
					if a.Late {
						o.Errorf("a late acknowledgement: %+v", a)
					}
				}
			})
		})
	}
}

// The connection breaks between a delivery and its acknowledgement: Slack sends
// it over another, where it is acknowledged without being dealt with twice.
func TestADeliveryWhoseConnectionBreaksIsDealtWithOnce(t *testing.T) {
	inOffice(t, fakeslack.Options{}, func(o *office) {
		finish := make(chan struct{})
		o.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) {
			<-finish
			return delivery.Ack{}, nil
		})
		o.connected(2)
		<-time.After(2 * time.Minute)
		go func() {
			synctest.Wait()
			o.Kill(-1)
			<-time.After(1500 * time.Millisecond)
			close(finish)
		}()
		if got := o.As(o.T, ana).Types(ops, "/vps reboot web-01"); !got.Acknowledged {
			o.Errorf("ana sees %+v", got)
		}
		if n := len(o.bot.handed()); n != 1 {
			o.Errorf("the bot was handed it %d times", n)
		}
	})
}

// An acknowledgement of 20 kB would be dropped, and the person told that the app
// failed.
func TestALargeAnswerIsStillAcknowledged(t *testing.T) {
	inOffice(t, fakeslack.Options{}, func(o *office) {
		large, err := json.Marshal(map[string]string{"text": strings.Repeat("<x>", 6000)})
		if err != nil {
			o.Fatal(err)
		}
		o.bot.does(answers(string(large)))
		o.connected(2)
		if got := o.As(o.T, ana).Types(ops, "/vps list"); !got.Acknowledged || got.Notice != nil {
			o.Errorf("ana sees %+v", got)
		}
	})
}

func TestSlacksReasonsEndIt(t *testing.T) {
	for name, c := range map[string]struct {
		opts    fakeslack.Options
		trouble func(*office)
		reason  string
	}{
		"turned off":  {fakeslack.Options{}, (*office).DisableSocketMode, "link_disabled"},
		"no scope":    {fakeslack.Options{App: fakeslack.App{AppScopes: []string{"authorizations:read"}}}, func(*office) {}, "missing_scope"},
		"deactivated": {fakeslack.Options{}, func(o *office) { o.Revoke("account_inactive"); o.Kill(-1) }, "account_inactive"},
	} {
		t.Run(name, func(t *testing.T) {
			inOffice(t, c.opts, func(o *office) {
				synctest.Wait()
				c.trouble(o)
				var f *socket.FatalError
				if err := <-o.ended; !errors.As(err, &f) || f.Reason != c.reason {
					o.Errorf("it ended with %v", err)
				}
			})
		})
	}
}

func TestAMisbehavingSlackIsWaitedFor(t *testing.T) {
	for _, kind := range []fakeslack.FaultKind{
		fakeslack.TooMany, fakeslack.ServerError, fakeslack.NotOK, fakeslack.Garbage, fakeslack.Hang,
		fakeslack.HangAfter, fakeslack.CutBefore, fakeslack.CutAfter,
	} {
		for _, method := range []string{"apps.connections.open", "link"} {
			t.Run(method+" "+string(kind), func(t *testing.T) {
				inOffice(t, fakeslack.Options{}, func(o *office) {
					o.connected(2)
					o.Misbehave(fakeslack.Fault{Kind: kind, Method: method, Times: 4, Status: http.StatusBadGateway, RetryAfter: time.Minute})
					o.Kill(-1)
					o.connected(2)
					if got := o.As(o.T, ana).Types(ops, "/vps list"); !got.Acknowledged {
						o.Errorf("ana sees %+v", got)
					}
				})
			})
		}
	}
}
