package fakeslack_test

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

// What slack-go's verifier says is what an app would say.
func TestDeliveriesThatAnAppMustRefuse(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	(&app{onCommand: func(slack.SlashCommand) any { return nil }}).serve(t, s)
	ana := s.As(t, ana)
	now := time.Now()
	for name, c := range map[string]struct {
		how  fakeslack.How
		want int
	}{
		"as it should be":        {fakeslack.SentAt(now), 200},
		"four minutes old":       {fakeslack.SentAt(now.Add(-4 * time.Minute)), 200},
		"six minutes old":        {fakeslack.SentAt(now.Add(-6 * time.Minute)), 401},
		"of the future":          {fakeslack.SentAt(now.Add(6 * time.Minute)), 401},
		"unsigned":               {fakeslack.Unsigned(), 401},
		"tampered with":          {fakeslack.Tampered(), 401},
		"signed by someone else": {fakeslack.SignedWith("0123456789abcdef0123456789abcdef"), 401},
	} {
		o := ana.Types(ops, "/vps list", c.how)
		if o.Status != c.want || (o.Error == "") != (c.want == 200) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestTheSameRequestCanComeTwice(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var seen []string
	(&app{onCommand: func(c slack.SlashCommand) any { seen = append(seen, c.TriggerID); return nil }}).serve(t, s)
	s.As(t, ana).Types(ops, "/vps list", fakeslack.Twice())
	sent := s.Deliveries()
	if o := s.Replay(t.Context(), sent[0]); !o.Acknowledged {
		t.Errorf("%+v", o)
	}
	if len(seen) != 3 || seen[0] != seen[1] || seen[0] != seen[2] {
		t.Errorf("came as %q", seen)
	}
	if a, b := sent[0].Header, sent[1].Header; a.Get(fakeslack.HeaderSignature) != b.Get(fakeslack.HeaderSignature) {
		t.Error("the second delivery is signed otherwise")
	}
}

func TestInstancesTakeTurns(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var calls [2]atomic.Int32
	for i := range calls {
		a := &app{onCommand: func(slack.SlashCommand) any { calls[i].Add(1); return nil }}
		a.serve(t, s)
	}
	_ = s.Deliveries()
	one, two := handler(&calls[0]), handler(&calls[1])
	s.DeliverToHandler(one, two)
	for range 4 {
		s.As(t, ana).Types(ops, "/vps list")
	}
	if calls[0].Load() != 2 || calls[1].Load() != 2 {
		t.Errorf("%d and %d", calls[0].Load(), calls[1].Load())
	}
}

func handler(n *atomic.Int32) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { n.Add(1) })
}

func TestAnAppThatTakesTooLongIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := workspace(t, fakeslack.Options{Memory: true})
		s.DeliverToHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}))
		o := s.As(t, ana).Types(ops, "/vps list")
		if o.Error != fakeslack.OperationTimeout || o.Took != fakeslack.AckWithin {
			t.Errorf("%+v", o)
		}
	})
}

func TestNobodyThereIsAFailure(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	if o := s.As(t, ana).Types(ops, "/vps list"); o.Error != fakeslack.AppNotReachable {
		t.Errorf("%+v", o)
	}
	s.DeliverTo("http://127.0.0.1:1")
	if o := s.As(t, ana).Types(ops, "/vps list"); o.Error != fakeslack.DispatchFailed {
		t.Errorf("%+v", o)
	}
	if o := s.As(t, ana).TypesInThread(ops, "1.1", "/vps list"); o.Error != fakeslack.NotInThreads {
		t.Errorf("%+v", o)
	}
}

type retried struct {
	at          time.Time
	num, reason string
	id          string
}

func TestEventsAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := workspace(t, fakeslack.Options{Memory: true})
		var seen []retried
		began := time.Now()
		a := &app{secret: s.App().SigningSecret, onEvent: func(body json.RawMessage, h http.Header) int {
			var e struct {
				ID string `json:"event_id"`
			}
			_ = json.Unmarshal(body, &e)
			seen = append(seen, retried{time.Now(), h.Get(fakeslack.HeaderRetryNum), h.Get(fakeslack.HeaderRetryWhy), e.ID})
			return 500
		}}
		s.DeliverToHandler(a)
		if o := s.As(t, ana).OpensHome(); o.Error != fakeslack.DispatchFailed {
			t.Errorf("%+v", o)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		want := []struct {
			after time.Duration
			num   string
		}{{0, ""}, {0, "1"}, {time.Minute, "2"}, {6 * time.Minute, "3"}}
		if len(seen) != len(want) {
			t.Fatalf("%+v", seen)
		}
		for i, w := range want {
			if got := seen[i]; got.at.Sub(began) != w.after || got.num != w.num || got.id != seen[0].id ||
				(w.num != "" && got.reason != "http_error") {
				t.Errorf("delivery %d: %+v", i, got)
			}
		}
	})
}

func TestEventsOfAWorkspace(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	s.AddUserGroup(fakeslack.UserGroup{ID: "SSRE", Handle: "sre", Users: []string{ana}})
	events := make(chan map[string]any, 1)
	(&app{onEvent: func(body json.RawMessage, _ http.Header) int {
		var e struct {
			Event map[string]any `json:"event"`
		}
		_ = json.Unmarshal(body, &e)
		events <- e.Event
		return 200
	}}).serve(t, s)
	ana := s.As(t, ana)

	ana.OpensHome()
	if e := <-events; e["type"] != "app_home_opened" || e["user"] != "UANA" || e["tab"] != "home" {
		t.Errorf("%v", e)
	}
	ana.Types(ops, "@vps help")
	if e := <-events; e["type"] != "app_mention" || e["text"] != "<@U0FAKEBOT|vps> help" || e["channel"] != ops {
		t.Errorf("%v", e)
	}
	ana.Types(ana.DirectMessage(), "hello")
	if e := <-events; e["type"] != "message" || e["channel_type"] != "im" {
		t.Errorf("%v", e)
	}
	s.SetGroupMembers(t.Context(), "SSRE", ben)
	if e := <-events; e["type"] != "subteam_members_changed" || e["subteam_id"] != "SSRE" ||
		e["added_users"].([]any)[0] != ben || e["removed_users"].([]any)[0] != "UANA" {
		t.Errorf("%v", e)
	}
	if o := ana.Types(ops, "what nobody hears"); !o.Acknowledged || len(events) != 0 {
		t.Errorf("%+v", o)
	}
}

func TestTheAddressIsVerifiedAndProbed(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	s.DeliverToHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slack/commands" && r.FormValue("ssl_check") == "1" && r.FormValue("command") == "" {
			return
		}
		var ask struct{ Challenge string }
		_ = json.NewDecoder(r.Body).Decode(&ask)
		_, _ = w.Write([]byte(ask.Challenge))
	}))
	if err := s.VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
	if o := s.ProbeSSL(t.Context()); !o.Acknowledged {
		t.Errorf("%+v", o)
	}
	s.DeliverToHandler(http.NotFoundHandler())
	if err := s.VerifyURL(t.Context()); err == nil {
		t.Error("an address that isn't there is verified")
	}
}
