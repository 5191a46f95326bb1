package fakeslack_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

func send(t *testing.T, s *fakeslack.Slack, req *http.Request) string {
	t.Helper()
	c := s.Client()
	defer c.CloseIdleConnections()
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What a client makes of each way of misbehaving, and whether the message is
// there all the same.
func TestEveryWayOfMisbehaving(t *testing.T) {
	var status slack.StatusCodeError
	var limited *slack.RateLimitedError
	for name, c := range map[string]struct {
		fault  fakeslack.Fault
		posted int
		want   func(error) bool
	}{
		"too many": {fakeslack.Fault{Kind: fakeslack.TooMany, RetryAfter: 7 * time.Second}, 0, func(err error) bool {
			return errors.As(err, &limited) && limited.RetryAfter == 7*time.Second
		}},
		"500": {fakeslack.Fault{Kind: fakeslack.ServerError}, 0, func(err error) bool { return errors.As(err, &status) && status.Code == 500 }},
		"503": {fakeslack.Fault{Kind: fakeslack.ServerError, Status: 503}, 0, func(err error) bool {
			return errors.As(err, &status) && status.Code == 503
		}},
		"not ok": {fakeslack.Fault{Kind: fakeslack.NotOK, Error: "fatal_error"}, 0, func(err error) bool {
			return err != nil && err.Error() == "fatal_error"
		}},
		// slack-go takes this for a success: a bot has to look for the timestamp.
		"not ok without a word": {fakeslack.Fault{Kind: fakeslack.NotOK}, 0, func(err error) bool { return err == nil }},
		"garbage":               {fakeslack.Fault{Kind: fakeslack.Garbage}, 0, func(err error) bool { return err != nil }},
		"cut before":            {fakeslack.Fault{Kind: fakeslack.CutBefore}, 0, func(err error) bool { return err != nil }},
		"cut after":             {fakeslack.Fault{Kind: fakeslack.CutAfter}, 1, func(err error) bool { return err != nil }},
		"truncate":              {fakeslack.Fault{Kind: fakeslack.Truncate}, 1, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"redirect":              {fakeslack.Fault{Kind: fakeslack.Redirect, Location: "http://127.0.0.1:1/"}, 0, func(err error) bool { return err != nil }},
		"hang":                  {fakeslack.Fault{Kind: fakeslack.Hang}, 0, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"hang after":            {fakeslack.Fault{Kind: fakeslack.HangAfter}, 1, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"slow":                  {fakeslack.Fault{Kind: fakeslack.Slow, Delay: time.Millisecond}, 1, func(err error) bool { return err == nil }},
		"of another method":     {fakeslack.Fault{Kind: fakeslack.ServerError, Method: "views.*"}, 1, func(err error) bool { return err == nil }},
		"of the method":         {fakeslack.Fault{Kind: fakeslack.ServerError, Method: "chat.*"}, 0, func(err error) bool { return err != nil }},
		"for another channel":   {fakeslack.Fault{Kind: fakeslack.ServerError, When: inChannel("COTHER")}, 1, func(err error) bool { return err == nil }},
		"for the channel":       {fakeslack.Fault{Kind: fakeslack.ServerError, When: inChannel(ops)}, 0, func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			s := workspace(t, fakeslack.Options{})
			api := client(t, s)
			c.fault.Times = 1
			s.Misbehave(c.fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.fault.Kind == fakeslack.Hang || c.fault.Kind == fakeslack.HangAfter {
				go func() { // give up once the call has come and, where it is done, is done
					_ = s.Await(ctx, func() bool {
						calls := s.Calls()
						return len(calls) == 1 && calls[0].Done == (c.posted == 1)
					})
					cancel()
				}()
			}
			_, _, err := api.PostMessageContext(ctx, ops, slack.MsgOptionText("hi", false))
			if !c.want(err) {
				t.Errorf("the client says %v", err)
			}
			if n := len(s.Messages(ops)); n != c.posted {
				t.Errorf("%d messages were posted, want %d", n, c.posted)
			}
			s.Behave()
			if _, _, err := api.PostMessage(ops, slack.MsgOptionText("hi", false)); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func inChannel(id string) func(fakeslack.Args) bool {
	return func(a fakeslack.Args) bool { return a.Get("channel") == id }
}
