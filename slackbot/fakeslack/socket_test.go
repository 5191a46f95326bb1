package fakeslack_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	"vpsops/slackbot/fakeslack"
)

// raw is a Socket Mode connection by hand.
type raw struct {
	*websocket.Conn
	t *testing.T
}

func dial(t *testing.T, s *fakeslack.Slack) *raw {
	t.Helper()
	_, address, err := client(t, s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, resp, err := (&websocket.Dialer{NetDialContext: s.DialContext}).Dial(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Cleanup(func() { c.Close() })
	return &raw{c, t}
}

type envelope struct {
	Type, Reason   string
	EnvelopeID     string          `json:"envelope_id"`
	NumConnections int             `json:"num_connections"`
	Payload        json.RawMessage `json:"payload"`
	RetryAttempt   int             `json:"retry_attempt"`
}

func (c *raw) next() envelope {
	c.t.Helper()
	var e envelope
	if err := c.ReadJSON(&e); err != nil {
		c.t.Fatal(err)
	}
	return e
}

func (c *raw) ack(e envelope, payload any) {
	c.t.Helper()
	if err := c.WriteJSON(map[string]any{"envelope_id": e.EnvelopeID, "payload": payload}); err != nil {
		c.t.Fatal(err)
	}
}

func TestSocketModeGreetsAndDelivers(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	c := dial(t, s)
	if hello := c.next(); hello.Type != "hello" || hello.NumConnections != 1 {
		t.Errorf("%+v", hello)
	}
	done := make(chan fakeslack.Outcome)
	go func() { done <- s.As(t, ana).Types(ops, "/vps list") }()
	e := c.next()
	if e.Type != "slash_commands" || !strings.Contains(string(e.Payload), `"text":"list"`) {
		t.Errorf("%+v", e)
	}
	c.ack(e, map[string]string{"text": "pong"})
	if o := <-done; !o.Acknowledged || o.Notice == nil || o.Notice.Text != "pong" {
		t.Errorf("%+v", o)
	}
}

// slack-go's own client, end to end.
func TestSlackGoRunsAgainstIt(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	sm := socketmode.New(client(t, s), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	work.Go(func() { _ = sm.RunContext(ctx) })
	work.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-sm.Events:
				switch e.Type {
				case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
					_ = sm.AckCtx(ctx, e.Request.EnvelopeID, map[string]string{"text": string(e.Type)})
				}
			}
		}
	})
	if err := s.AwaitConnections(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	ana := s.As(t, ana)
	if o := ana.Types(ops, "/vps list"); o.Notice == nil || o.Notice.Text != "slash_commands" {
		t.Errorf("%+v", o)
	}
	if o := ana.OpensHome(); !o.Acknowledged {
		t.Errorf("%+v", o)
	}
	s.Disconnect(fakeslack.RefreshRequested)
	if err := s.Await(t.Context(), func() bool { return len(s.Calls("apps.connections.open")) == 2 && s.Connections() == 1 }); err != nil {
		t.Fatal(err)
	}
	if o := ana.Types(ops, "/vps list"); !o.Acknowledged {
		t.Errorf("after the reconnect: %+v", o)
	}
}

func TestAnEnvelopeGoesOverAnyConnectionAndAgainWhereThatBreaks(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	a := dial(t, s)
	a.next() // its hello: from now on it is one of them
	b := dial(t, s)
	if hello := b.next(); hello.NumConnections != 2 {
		t.Errorf("%+v", hello)
	}
	for range 2 { // one each, in turn
		go func() { s.As(t, ana).Types(ops, "/vps list") }()
	}
	first, second := a.next(), b.next()
	a.ack(first, nil)
	b.Close()
	again := a.next()
	if again.EnvelopeID != second.EnvelopeID || string(again.Payload) != string(second.Payload) {
		t.Errorf("%s came again as %s", second.EnvelopeID, again.EnvelopeID)
	}
	a.ack(again, nil)
	if err := s.Await(t.Context(), func() bool { return len(s.Deliveries()) == 2 }); err != nil {
		t.Fatal(err)
	}
	for _, d := range s.Deliveries() {
		if d.Status != 200 {
			t.Errorf("%+v", d)
		}
	}
}

func TestAcknowledgementsThatDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := workspace(t, fakeslack.Options{Memory: true})
		c := dial(t, s)
		c.next()
		done := make(chan fakeslack.Outcome)
		go func() { done <- s.As(t, ana).Types(ops, "/vps list") }()
		e := c.next()
		c.ack(e, map[string]string{"text": strings.Repeat("x", fakeslack.MaxAckBytes)})
		if o := <-done; o.Error != fakeslack.OperationTimeout || o.Took != fakeslack.AckWithin {
			t.Errorf("%+v", o)
		}
		c.ack(e, nil)
		synctest.Wait()
		acks := s.Acks()
		if len(acks) != 2 || !acks[0].TooLarge || !acks[1].Late || acks[1].TooLarge {
			t.Errorf("%+v", acks)
		}
	})
}

func TestEventsComeAgainOverSocketMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := workspace(t, fakeslack.Options{Memory: true, PingEvery: time.Hour})
		c := dial(t, s)
		c.next()
		go func() { s.As(t, ana).OpensHome() }()
		first := c.next()
		again := c.next()
		c.ack(again, nil)
		if first.Type != "events_api" || first.RetryAttempt != 0 || again.RetryAttempt != 1 ||
			again.EnvelopeID == first.EnvelopeID || string(again.Payload) != string(first.Payload) {
			t.Errorf("%+v then %+v", first, again)
		}
	})
}

func TestConnectionsAreGreetedUpToTen(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	for range fakeslack.MaxConnections {
		if hello := dial(t, s).next(); hello.Type != "hello" {
			t.Fatalf("%+v", hello)
		}
	}
	if e := dial(t, s).next(); e.Type != "disconnect" || e.Reason != "too_many_websockets" {
		t.Errorf("%+v", e)
	}
}

func TestConnectionsEnd(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	warned := dial(t, s)
	warned.next()
	refreshed := dial(t, s)
	refreshed.next()
	s.Disconnect(fakeslack.Warning)
	if e := warned.next(); e.Type != "disconnect" || e.Reason != fakeslack.Warning {
		t.Errorf("%+v", e)
	}
	refreshed.next()
	s.Kill(1)
	if _, _, err := warned.ReadMessage(); err == nil {
		t.Error("a killed connection goes on")
	}
	s.DisableSocketMode()
	if e := refreshed.next(); e.Reason != fakeslack.LinkDisabled {
		t.Errorf("%+v", e)
	}
	if e := dial(t, s).next(); e.Reason != fakeslack.LinkDisabled {
		t.Errorf("%+v", e)
	}
	if err := s.AwaitConnections(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

func TestAnUnknownEnvelopeIsAcknowledgedLikeAny(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	c := dial(t, s)
	c.next()
	done := make(chan fakeslack.Outcome)
	go func() { done <- s.Envelope(t.Context(), "of_tomorrow", map[string]string{"a": "b"}) }()
	e := c.next()
	if e.Type != "of_tomorrow" {
		t.Errorf("%+v", e)
	}
	c.ack(e, nil)
	if o := <-done; !o.Acknowledged {
		t.Errorf("%+v", o)
	}
}

func TestConnectionsArePinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := workspace(t, fakeslack.Options{Memory: true})
		c := dial(t, s)
		pings := 0
		c.SetPingHandler(func(string) error { pings++; return nil })
		go func() {
			for {
				if _, _, err := c.ReadMessage(); err != nil {
					return
				}
			}
		}()
		time.Sleep(25 * time.Second)
		s.StopPings()
		time.Sleep(time.Minute)
		c.Close()
		synctest.Wait()
		if pings != 2 {
			t.Errorf("%d pings", pings)
		}
	})
}
