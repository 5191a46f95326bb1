package socket_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/socket"
)

func TestSeveralConnectionsAreKeptUp(t *testing.T) {
	story(t, func(s *stand) {
		first, second := s.next(), s.next()
		synctest.Wait()
		if got := s.client.State(); got.Live != 2 || got.Wanted != 2 || got.Problem != nil || s.live.Load() != 2 {
			t.Errorf("the state is %+v, and %d was told", got, s.live.Load())
		}
		first.drop()
		synctest.Wait()
		if got := s.client.State(); got.Live != 1 || got.Problem == nil || got.ProblemAt.IsZero() {
			t.Errorf("the state is %+v", got)
		}
		second.command("e1", "list")
		second.acked("e1", "")
		s.next()
		synctest.Wait()
		if got := s.client.State(); got.Live != 2 || got.Dialed != 3 || got.Taken != 1 {
			t.Errorf("the state is %+v", got)
		}
	}, func(c *socket.Config) { c.Connections = 0 }) // two
}

// A Slack that greets and hangs up, or doesn't get that far, is not dialled in a
// loop.
func TestAFlappingSlackIsDialledEverMoreSeldom(t *testing.T) {
	for name, set := range map[string]func(*stand){
		"closed after hello": func(s *stand) {
			s.set(nil, func(l *link) {
				l.write(hello)
				l.drop()
			})
		},
		"to be renewed after hello": func(s *stand) {
			s.set(nil, func(l *link) {
				l.write(hello)
				l.write(`{"type":"disconnect","reason":"refresh_requested"}`)
			})
		},
		"too many connections": func(s *stand) {
			s.set(nil, func(l *link) { l.write(`{"type":"disconnect","reason":"too_many_websockets"}`) })
		},
		"closed before hello": func(s *stand) { s.set(nil, func(l *link) { l.drop() }) },
		"no websocket":        func(s *stand) { s.set(says(`{"ok":true,"url":"ws://127.0.0.1/nowhere"}`), nil) },
		"down":                func(s *stand) { s.set(status(http.StatusServiceUnavailable), nil) },
		"its own error":       func(s *stand) { s.set(says(`{"ok":false,"error":"internal_error"}`), nil) },
		"neither":             func(s *stand) { s.set(says(`{"ok":false}`), nil) },
		"garbage":             func(s *stand) { s.set(says(`<html>`), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				set(s)
				s.start()
				<-time.After(time.Hour)
				// Twelve in six seconds come about once in 10^9 runs.
				if n := s.opens(6 * time.Second); n > 12 {
					t.Errorf("%d dials in 6 s", n)
				}
				// Every 15 s in the middle.
				if n := s.opens(time.Hour); n < 150 || n > 350 {
					t.Errorf("%d dials in an hour", n)
				}
				if s.client.State().Problem == nil && name != "to be renewed after hello" {
					t.Error("no problem is shown")
				}
				s.end()
			})
		})
	}
}

func says(answer string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		fmt.Fprint(w, answer)
		return true
	}
}

func status(code int, headers ...string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		return true
	}
}

func TestAConnectionThatLastedIsReplacedAtOnce(t *testing.T) {
	story(t, func(s *stand) {
		for range 8 { // the bound is at its highest
			s.next().drop()
		}
		l := s.next()
		<-time.After(2 * time.Minute)
		l.drop()
		dropped := time.Now()
		s.next()
		if took := time.Since(dropped); took > time.Second {
			t.Errorf("the next came after %s", took)
		}
	})
}

func TestANewConnectionStandsBeforeTheOldOneGoes(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "a new reason"} {
		t.Run(reason, func(t *testing.T) {
			story(t, func(s *stand) {
				old := s.next()
				<-time.After(2 * time.Minute)
				finish := make(chan struct{})
				s.bot.does(func(context.Context, delivery.Delivery) (delivery.Ack, error) {
					<-finish
					return delivery.Ack{}, nil
				})
				old.write(fmt.Sprintf(`{"type":"disconnect","reason":%q}`, reason))
				old.command("e1", "list") // Slack still delivers by it
				fresh := s.next()
				synctest.Wait()
				select {
				case <-old.done:
					t.Error("the old one went before what came by it was acknowledged")
				default:
				}
				close(finish)
				old.acked("e1", "")
				<-old.done
				if !websocket.IsCloseError(old.err, websocket.CloseNormalClosure) {
					t.Errorf("the old one ended with %v", old.err)
				}
				fresh.command("e2", "list")
				fresh.acked("e2", "")
				if got := s.client.State(); got.Live != 1 || got.Problem != nil {
					t.Errorf("the state is %+v", got)
				}
			})
		})
	}
}

func TestTheOldConnectionServesForAsLongAsNoNewOneComes(t *testing.T) {
	story(t, func(s *stand) {
		old := s.next()
		s.set(status(http.StatusBadGateway), nil)
		old.write(`{"type":"disconnect","reason":"warning"}`)
		<-time.After(time.Minute)
		old.command("e1", "list")
		old.acked("e1", "")
		s.set(nil, nil)
		s.next().command("e2", "list")
		<-old.done
	})
}

func TestWhatOnlyAPersonCanMendEndsIt(t *testing.T) {
	for reason, do := range map[string]string{
		"invalid_auth":           "connections:write",
		"not_authed":             "SLACK_APP_TOKEN",
		"not_allowed_token_type": "another kind of token",
		"missing_scope":          "connections:write",
		"account_inactive":       "install it again",
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				s.set(says(fmt.Sprintf(`{"ok":false,"error":%q}`, reason)), nil)
				f := s.fatal()
				if f.Reason != reason || !strings.Contains(f.Error(), do) {
					t.Errorf("it says %q", f)
				}
				if n := s.opens(time.Hour); n > 1 {
					t.Errorf("%d calls", n)
				}
				var same *socket.FatalError
				if !errors.As(s.client.State().Problem, &same) {
					t.Errorf("the state is %+v", s.client.State())
				}
			})
		})
	}
}

func TestSocketModeTurnedOffEndsAllConnections(t *testing.T) {
	const off = `{"type":"disconnect","reason":"link_disabled"}`
	for name, begin := range map[string]func(*stand){
		"from the beginning": func(s *stand) { s.set(nil, func(l *link) { l.write(off) }) },
		"later": func(s *stand) {
			s.next()
			s.next().write(off)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, func(c *socket.Config) { c.Connections = 2 })
				begin(s)
				if f := s.fatal(); f.Reason != "link_disabled" || !strings.Contains(f.Error(), "turn Socket Mode on") {
					t.Errorf("it says %q", f)
				}
			})
		})
	}
}

func TestATokenOfAnotherAppEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.set(nil, func(l *link) { l.write(strings.Replace(hello, app, "A0OTHER", 1)) })
		if f := s.fatal(); !strings.Contains(f.Error(), "A0OTHER") || !strings.Contains(f.Error(), app) {
			t.Errorf("it says %q", f)
		}
	})
}

func TestSlacksRetryAfterIsObeyedByAllConnections(t *testing.T) {
	for after, wait := range map[string]time.Duration{
		"90":                  90 * time.Second,
		"86400":               5 * time.Minute, // bounded
		"9223372036854775807": 0,
		"-5":                  0,
	} {
		t.Run(after, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, func(c *socket.Config) { c.Connections = 2 })
				s.set(status(http.StatusTooManyRequests, "Retry-After", after), nil)
				s.start()
				synctest.Wait()
				if n := s.opens(wait); n > 2 {
					t.Errorf("%d calls", n)
				}
				s.set(nil, nil)
				begun := time.Now()
				s.next()
				if took := time.Since(begun); took < wait-time.Second || took > wait+time.Minute {
					t.Errorf("connected after %s", took)
				}
				s.end()
			})
		})
	}
}

func TestADeadConnectionIsNoticed(t *testing.T) {
	story(t, func(s *stand) {
		s.set(nil, func(l *link) {
			l.ws.SetPingHandler(func(string) error { return nil }) // and pings nobody
			l.write(hello)
		})
		dead := s.next()
		died := time.Now()
		s.set(nil, nil)
		fresh := s.next()
		if took := time.Since(died); took > 35*time.Second {
			t.Errorf("it took %s", took)
		}
		<-dead.done
		fresh.command("e1", "list")
		fresh.acked("e1", "")
	})
}

func TestAnIdleConnectionIsKept(t *testing.T) {
	story(t, func(s *stand) {
		l := s.next()
		<-time.After(time.Hour)
		if got := s.client.State(); got.Dialed != 1 || got.Live != 1 {
			t.Errorf("the state is %+v", got)
		}
		l.command("e1", "list")
		l.acked("e1", "")
	})
}

func TestSlacksPingsAreAnswered(t *testing.T) {
	story(t, func(s *stand) {
		ponged := make(chan string, 1)
		s.set(nil, func(l *link) {
			l.ws.SetPongHandler(func(data string) error {
				ponged <- data
				return nil
			})
			l.write(hello)
		})
		l := s.next()
		if err := l.ws.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if got := <-ponged; got != "are you there" {
			t.Errorf("answered %q", got)
		}
	})
}

func TestASlackThatDoesNotGreetIsGivenUp(t *testing.T) {
	story(t, func(s *stand) {
		s.set(nil, func(*link) {})
		mute := s.next()
		s.set(nil, nil)
		s.next()
		<-mute.done
	})
}

func TestTheEndWaitsForWhatIsBeingDealtWith(t *testing.T) {
	story(t, func(s *stand) {
		s.bot.does(func(ctx context.Context, _ delivery.Delivery) (delivery.Ack, error) {
			time.Sleep(time.Second)
			return delivery.Ack{Body: []byte(`{"text":"done"}`)}, ctx.Err()
		})
		l := s.next()
		l.command("e1", "reboot web-01")
		synctest.Wait()
		s.stop()
		synctest.Wait()
		l.command("e2", "late") // isn't read
		l.acked("e1", `{"text":"done"}`)
		<-l.done
		if !websocket.IsCloseError(l.err, websocket.CloseNormalClosure) {
			t.Errorf("it ended with %v", l.err)
		}
		if n := len(s.bot.handed()); n != 1 {
			t.Errorf("the bot was handed %d", n)
		}
	})
}

func TestDeliveriesNeverGoOverTheWireInTheClear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *socket.Config) {
			c.APIURL = "https://127.0.0.1/api/"
			c.HTTPClient.Transport = &http.Transport{DialTLSContext: c.DialContext, DisableKeepAlives: true}
		})
		s.start()
		<-time.After(time.Minute)
		if got := s.client.State(); got.Problem == nil || !strings.Contains(got.Problem.Error(), "wss") || got.Live > 0 {
			t.Errorf("the state is %+v", got)
		}
		s.end()
	})
}

func TestAClientThatCouldNotWorkIsNotMade(t *testing.T) {
	good := socket.Config{AppToken: appToken, Accept: delivery.Accept{Teams: []string{team}}, Handler: &bot{}}
	if _, err := socket.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*socket.Config){
		"no token":   func(c *socket.Config) { c.AppToken = "" },
		"no team":    func(c *socket.Config) { c.Accept = delivery.Accept{} },
		"no handler": func(c *socket.Config) { c.Handler = nil },
		"eleven":     func(c *socket.Config) { c.Connections = 11 },
	} {
		bad := good
		change(&bad)
		if _, err := socket.New(bad); err == nil {
			t.Errorf("%s: made", name)
		}
	}
}
