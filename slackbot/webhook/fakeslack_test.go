package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/fakeslack"
	"vpsops/slackbot/webhook"
)

const (
	ana = "UANA"
	ops = "COPS"
)

// withSlack runs a test on fake time against a Slack that delivers to a webhook.
func withSlack(t *testing.T, f func(*testing.T, *fakeslack.Slack, *stand)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		slack, err := fakeslack.Start(fakeslack.Options{Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		slack.AddUser(fakeslack.User{ID: ana, Name: "ana"})
		slack.AddChannel(fakeslack.Channel{ID: ops, Members: []string{ana, slack.App().BotUser}})
		s := newStand(t, func(c *webhook.Config) {
			c.SigningSecrets, c.Now = []string{slack.App().SigningSecret}, time.Now
			c.Accept = delivery.Accept{Apps: []string{slack.App().ID}, Teams: []string{slack.Team().ID}}
		})
		slack.DeliverToHandler(s.handler)
		f(t, slack, s)
		if err := slack.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestSlackReachesTheBot(t *testing.T) {
	withSlack(t, func(t *testing.T, slack *fakeslack.Slack, s *stand) {
		if err := slack.VerifyURL(t.Context()); err != nil {
			t.Error(err)
		}
		for _, how := range [][]fakeslack.How{nil, {fakeslack.Unsigned()}} {
			if o := slack.ProbeSSL(t.Context(), how...); o.Error != "" || len(s.bot.got) > 0 {
				t.Errorf("a probe: %+v, the bot was handed %v", o, s.bot.got)
			}
		}
		s.bot.handle = answer(`{"response_type":"ephemeral","text":"on it"}`)
		o := slack.As(t, ana).Types(ops, "/vps reboot web-01")
		if o.Error != "" || o.Notice == nil || o.Notice.Text != "on it" {
			t.Errorf("ana sees %+v", o)
		}
		if o := slack.As(t, ana).OpensHome(); o.Error != "" || len(s.bot.got) != 2 {
			t.Errorf("%+v, the bot was handed %v", o, s.bot.got)
		}
	})
}

func TestSlacksForgersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		how    fakeslack.How
		status int
		why    string
	}{
		"unsigned":           {fakeslack.Unsigned(), http.StatusUnauthorized, webhook.NotSigned},
		"by another secret":  {fakeslack.SignedWith("guess"), http.StatusUnauthorized, webhook.WrongSignature},
		"changed on the way": {fakeslack.Tampered(), http.StatusUnauthorized, webhook.WrongSignature},
		"of long ago":        {fakeslack.SentAt(time.Unix(0, 0)), http.StatusUnauthorized, webhook.WrongTime},
		"another app's":      {fakeslack.FromApp("A0OTHER"), http.StatusUnauthorized, webhook.OtherApp},
	} {
		t.Run(name, func(t *testing.T) {
			withSlack(t, func(t *testing.T, slack *fakeslack.Slack, s *stand) {
				o := slack.As(t, ana).Types(ops, "/vps delete db-01", c.how)
				if o.Acknowledged || o.Status != c.status || len(s.bot.got) > 0 || !slices.Equal(s.refused, []string{c.why}) {
					t.Errorf("%+v, refused %q, the bot was handed %v", o, s.refused, s.bot.got)
				}
			})
		})
	}
}

func TestADeliveryOfSlacksIsNotReplayed(t *testing.T) {
	withSlack(t, func(t *testing.T, slack *fakeslack.Slack, s *stand) {
		slack.As(t, ana).Types(ops, "/vps reboot web-01")
		<-time.After(4 * time.Minute)
		o := slack.Replay(t.Context(), slack.Deliveries()[0])
		if o.Acknowledged || len(s.bot.got) != 1 || !slices.Equal(s.refused, []string{webhook.Replayed}) {
			t.Errorf("%+v, refused %q", o, s.refused)
		}
	})
}

// Slack sends an event again at once, after one and after five minutes, and no
// retry may be lost to the memory of replays.
func TestSlacksRetriesOfAnEventGetThrough(t *testing.T) {
	withSlack(t, func(t *testing.T, slack *fakeslack.Slack, s *stand) {
		s.bot.handle = func(_ context.Context, d delivery.Delivery) (delivery.Ack, error) {
			if d.Retry < 3 {
				return delivery.Ack{}, errors.New("not yet")
			}
			return delivery.Ack{}, nil
		}
		slack.As(t, ana).OpensHome()
		<-time.After(time.Hour)
		synctest.Wait()
		var retries []int
		for _, d := range s.bot.got {
			retries = append(retries, d.Retry)
			if d.ID != s.bot.got[0].ID {
				t.Errorf("one event has the ids %q and %q", d.ID, s.bot.got[0].ID)
			}
		}
		if !slices.Equal(retries, []int{0, 1, 2, 3}) || len(s.refused) > 0 {
			t.Errorf("the bot was handed %v, refused %q", retries, s.refused)
		}
	})
}
