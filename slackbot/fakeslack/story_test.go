package fakeslack_test

import (
	"testing"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

func TestACommandIsAnsweredPrivately(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var got slack.SlashCommand
	(&app{onCommand: func(c slack.SlashCommand) any { got = c; return "pong" }}).serve(t, s)

	o := s.As(t, ana).Types(ops, "/vps list status=active")

	if !o.Acknowledged || o.Notice == nil || o.Notice.Text != "pong" {
		t.Fatalf("%+v", o)
	}
	if got.Command != "/vps" || got.Text != "list status=active" || got.UserID != ana || got.ChannelID != ops ||
		got.TeamID != s.Team().ID || got.APIAppID != s.App().ID || got.TriggerID == "" || got.ResponseURL == "" {
		t.Errorf("%+v", got)
	}
	if n := len(s.As(t, ana).Sees(ops)); n != 1 {
		t.Errorf("ana sees %d messages", n)
	}
	if n := len(s.As(t, ben).Sees(ops)); n != 0 {
		t.Errorf("ben sees %d messages", n)
	}
}

func TestAPressIsDeliveredWithTheButtonsValue(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	pressed := make(chan slack.InteractionCallback, 3)
	(&app{onAction: func(c slack.InteractionCallback) any { pressed <- c; return nil }}).serve(t, s)
	if _, _, err := api.PostMessage(ops, card("Reboot web-01?")); err != nil {
		t.Fatal(err)
	}
	ben := s.As(t, ben)
	shown := ben.AwaitsText(ops, "web-01")

	ben.Presses(shown, "approve")
	c := <-pressed
	did := c.ActionCallback.BlockActions[0]
	if did.Value != "v-approve" || did.BlockID != "votes" || c.User.ID != "UBEN" || c.User.TeamID != s.Team().ID ||
		c.Message.Timestamp != shown.TS || c.Channel.ID != ops || c.Container.MessageTs != shown.TS {
		t.Errorf("%+v", c)
	}

	ben.Presses(shown, "approve", fakeslack.WithValue("mine"))
	if v := (<-pressed).ActionCallback.BlockActions[0].Value; v != "mine" {
		t.Errorf("an edited value came as %q", v)
	}
	ben.Presses(shown, "deny", fakeslack.FromApp("A0OTHER"))
	if id := (<-pressed).APIAppID; id != "A0OTHER" {
		t.Errorf("another app's press came from %q", id)
	}
}

func TestAnOldCardCanStillBePressed(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	(&app{onAction: func(slack.InteractionCallback) any { return nil }}).serve(t, s)
	_, ts, err := api.PostMessage(ops, card("Reboot web-01?"))
	if err != nil {
		t.Fatal(err)
	}
	ana := s.As(t, ana)
	old := ana.AwaitsText(ops, "Reboot")
	if _, _, _, err := api.UpdateMessage(ops, ts, slack.MsgOptionText("done", false), slack.MsgOptionBlocks(section("Done."))); err != nil {
		t.Fatal(err)
	}
	if now := ana.AwaitsText(ops, "Done."); now.TS != ts || now.Has("approve") || now.Edits != 1 {
		t.Errorf("%+v", now)
	}
	if o := ana.Presses(old, "approve"); !o.Acknowledged {
		t.Errorf("%+v", o)
	}
}
