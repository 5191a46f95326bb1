package slackbot_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot"
	"vpsops/slackbot/fakeslack"
)

func TestTheCheckupsCureIsOneForWhatIsWrong(t *testing.T) {
	inWorld(t, func(w *world) {
		app := w.slack.App()
		c := slackbot.Checkup{
			API: slack.New(app.BotToken, slack.OptionAPIURL(w.slack.URL()), slack.OptionHTTPClient(w.first.http)), Now: time.Now,
			Channels: []slackbot.Channel{{Setting: "SLACK_AUDIT_CHANNEL", ID: auditRoom}},
		}
		for _, tt := range []struct {
			edit        func(*fakeslack.Channel)
			wrong, cure string
		}{
			{func(c *fakeslack.Channel) { c.Archived = true }, "archived", "archive"},
			{func(c *fakeslack.Channel) { c.Archived, c.ExtShared = false, true }, "another company", "of the workspace's own"},
			{func(c *fakeslack.Channel) { c.ExtShared, c.Members = false, []string{ana} }, "not in", "/invite"},
		} {
			w.slack.EditChannel(auditRoom, tt.edit)
			all := c.Run(w.Context())
			f := all[len(all)-1]
			if f.Err == nil || !strings.Contains(f.Err.Error(), tt.wrong) || !strings.Contains(f.Cure, tt.cure) {
				t.Errorf("it says %v: %s", f.Err, f.Cure)
			}
		}
	})
}

func TestTheCheckupSaysWhatAMissingScopeIsFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.SetScopes("commands", "chat:write")
		c := slackbot.Checkup{API: slack.New(w.slack.App().BotToken, slack.OptionAPIURL(w.slack.URL()), slack.OptionHTTPClient(w.first.http)), Now: time.Now}
		const want = "the token lacks users:read (to tell people from guests, bots and deactivated accounts before a vote counts)"
		for _, f := range c.Run(w.Context()) {
			if f.Name == "Slack scopes" && (f.Err == nil || f.Err.Error() != want) {
				t.Errorf("it says %v", f.Err)
			}
		}
	}, byHTTP)
}

func TestAnAppOfAWholeOrganizationIsOfNoUse(t *testing.T) {
	inWorld(t, func(w *world) {
		c := slackbot.Checkup{API: slack.New(w.slack.App().BotToken, slack.OptionAPIURL(w.slack.URL()), slack.OptionHTTPClient(w.first.http)), Now: time.Now}
		if f := c.Run(w.Context())[0]; f.Err == nil || !strings.Contains(f.Err.Error(), "whole organization (E0ORG)") || !strings.Contains(f.Cure, "in a workspace") {
			t.Errorf("it says %v: %s", f.Err, f.Cure)
		}
		synctest.Wait()
		if problem := w.first.bot.Problem(); !strings.Contains(problem, "whole organization") {
			t.Errorf("the problem is %q", problem)
		}
	}, byHTTP, func(s *settings) { s.slack.Team.ID = "E0ORG" })
}
