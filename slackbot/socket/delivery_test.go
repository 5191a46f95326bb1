package socket_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/socket"
)

func TestEachKindReachesTheBotAndIsAcknowledged(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(answers(`{"text":"on it"}`))
		l := s.next()
		for i, e := range []struct{ kind, payload string }{
			{"slash_commands", command("list")}, {"interactive", button}, {"interactive", menu}, {"events_api", happened},
		} {
			id := fmt.Sprint("e", i)
			l.send(e.kind, id, e.payload)
			l.acked(id, `{"text":"on it"}`)
		}
		for i, want := range []delivery.Kind{delivery.Command, delivery.Interaction, delivery.Options, delivery.Event} {
			if got := s.bot.handed()[i]; got.Kind != want {
				t.Errorf("delivery %d is %v, want %s", i, got, want)
			}
		}
		if got := s.bot.handed()[3]; got.ID != "event Ev1" {
			t.Errorf("the event is %v", got)
		}
	})
}

func TestAnEmptyAcknowledgementHoldsNoPayload(t *testing.T) {
	story(t, func(s *stand) {
		l := s.next()
		l.write(`{"type":"events_api","envelope_id":"e1","retry_attempt":2,"payload":` + happened + `}`)
		l.acked("e1", "")
		if got := s.bot.handed()[0]; got.Retry != 2 {
			t.Errorf("the retry is %v", got)
		}
	})
}

func TestWhatWeDoNotKnowIsAcknowledgedAndDropped(t *testing.T) {
	story(t, func(s *stand) {
		l := s.next()
		l.send("something_new", "e1", `{"x":1}`)
		l.acked("e1", "")
		l.send("events_api", "e2", `{"type":"app_rate_limited"}`)
		l.acked("e2", "")
		if got := s.bot.handed(); len(got) > 0 {
			t.Errorf("the bot was handed %v", got)
		}
	})
}

func TestGarbageEndsNothing(t *testing.T) {
	story(t, func(s *stand) {
		l := s.next()
		for _, raw := range []string{"", "{", "null", "[]", `{"type":5}`, `{"type":"slash_commands"}`, "ping"} {
			l.write(raw)
		}
		l.command("e1", "list")
		l.acked("e1", "")
	})
}

func TestWhatIsNotOursIsRefusedAndNotAcknowledged(t *testing.T) {
	for name, c := range map[string]struct{ payload, why string }{
		"another app":  {strings.Replace(command("list"), app, "A0OTHER", 1), delivery.OtherApp},
		"another team": {strings.Replace(command("list"), team, "T0OTHER", 1), delivery.OtherTeam},
		"no object":    {`"list"`, delivery.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(s *stand) {
				l := s.next()
				l.send("slash_commands", "e1", c.payload)
				l.silent()
				if why := <-s.refused; why != c.why || len(s.bot.handed()) > 0 {
					t.Errorf("refused %q, handed on %v", why, s.bot.handed())
				}
			})
		})
	}
}

func TestADeliveryThatWasNotTakenIsLeftToSlackToSendAgain(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) {
			return delivery.Ack{}, errors.New("the ledger is locked")
		})
		l := s.next()
		l.command("e1", "list")
		l.silent()
		s.bot.does(answers(`{"text":"now"}`))
		l.command("e1", "list")
		l.acked("e1", `{"text":"now"}`)
		if got := s.bot.handed(); len(got) != 2 || got[0].ID != got[1].ID {
			t.Errorf("the bot was handed %v", got)
		}
	})
}

func TestADeliveryThatComesTwiceIsDealtWithOnce(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) {
			time.Sleep(time.Second)
			return delivery.Ack{Body: []byte(`{"text":"once"}`)}, nil
		})
		l := s.next()
		l.command("e1", "reboot web-01")
		l.command("e1", "reboot web-01") // while the first is being dealt with
		l.acked("e1", `{"text":"once"}`)
		l.acked("e1", `{"text":"once"}`)
		l.command("e1", "reboot web-01") // and after
		l.acked("e1", `{"text":"once"}`)
		if n := len(s.bot.handed()); n != 1 {
			t.Errorf("the bot was handed it %d times", n)
		}
	})
}

func TestALateAcknowledgementNeverGoesOutOnAnotherConnection(t *testing.T) {
	story(t, func(s *stand) {
		finish := make(chan struct{})
		s.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) {
			<-finish
			return delivery.Ack{Body: []byte(`{"text":"done"}`)}, nil
		})
		first := s.next()
		first.command("e1", "reboot web-01")
		synctest.Wait()
		first.drop()
		second := s.next()
		close(finish)
		second.silent()
		second.command("e1", "reboot web-01") // Slack sends it again
		second.acked("e1", `{"text":"done"}`)
		if n := len(s.bot.handed()); n != 1 {
			t.Errorf("the bot was handed it %d times", n)
		}
	})
}

func TestAnAnswerThatSlackWouldDropIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		fill string
		n    int
		out  bool
	}{
		"small":                       {"x", 19_000, false},
		"too large":                   {"x", 20_000, true},
		"too large as it is sent":     {"<", 19_000, true},
		"of more bytes than letters":  {"ü", 10_000, true},
		"of many letters that remain": {"ü", 9_000, false},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(s *stand) {
				s.bot.does(answers(`{"text":"` + strings.Repeat(c.fill, c.n) + `"}`))
				l := s.next()
				l.command("e1", "list")
				a := <-l.acks
				if a.ID != "e1" || a.size >= 20_000 || (len(a.Payload) == 0) != c.out {
					t.Errorf("acknowledged %q with %d bytes, %d of payload", a.ID, a.size, len(a.Payload))
				}
				if c.out != strings.Contains(s.log.String(), "left out") {
					t.Errorf("the log says %s", s.log)
				}
			})
		})
	}
}

func TestAnAnswerThatSlackTakesNoneOfIsLeftOut(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(answers(`{"text":"x"}`))
		l := s.next()
		l.write(`{"type":"events_api","envelope_id":"e1","accepts_response_payload":false,"payload":` + happened + `}`)
		l.acked("e1", "")
	})
}

func TestAPanicEndsOneDelivery(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) { panic("boom") })
		l := s.next()
		l.command("e1", "list")
		l.silent()
		s.bot.does(nil)
		l.command("e2", "list")
		l.acked("e2", "")
	})
}

func TestTheBotsTimeEndsBeforeSlacks(t *testing.T) {
	story(t, func(s *stand) {
		took := make(chan time.Duration, 1)
		s.bot.does(func(ctx context.Context, _ delivery.Delivery) (delivery.Ack, error) {
			begun := time.Now()
			<-ctx.Done()
			took <- time.Since(begun)
			return delivery.Ack{}, ctx.Err()
		})
		l := s.next()
		l.command("e1", "list")
		if d := <-took; d >= 3*time.Second || d < 2*time.Second {
			t.Errorf("it had %s", d)
		}
		l.silent()
	})
}

// Beyond what waits, deliveries stay unacknowledged, and Slack is heard all the
// while.
func TestTooManyAtOnceAreLeftToSlackToSendAgain(t *testing.T) {
	story(t, func(s *stand) {
		finish := make(chan struct{})
		s.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) {
			<-finish
			return delivery.Ack{}, nil
		})
		l := s.next()
		for i := range 20 {
			l.command(fmt.Sprint("e", i), "list")
			synctest.Wait()
		}
		if got := s.client.State().Dropped; got != 15 { // one is dealt with, four wait
			t.Errorf("%d were dropped", got)
		}
		close(finish)
		for i := range 5 {
			l.acked(fmt.Sprint("e", i), "")
		}
		l.silent()
		l.command("e19", "list")
		l.acked("e19", "")
	}, func(c *socket.Config) { c.Workers = 1 })
}

func TestWhatWaitedTooLongIsNotBegun(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(func(ctx context.Context, _ delivery.Delivery) (delivery.Ack, error) {
			<-ctx.Done()
			return delivery.Ack{}, ctx.Err()
		})
		l := s.next()
		l.command("e1", "list")
		l.command("e2", "list")
		l.silent()
		if n := len(s.bot.handed()); n != 1 {
			t.Errorf("the bot was handed %d", n)
		}
	}, func(c *socket.Config) { c.Workers = 1 })
}
