package slackbot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot"
	"vpsops/slackbot/fakeslack"
)

// finding is what a checkup says under a name.
func (w *world) finding(c slackbot.Checkup, name string) slackbot.Finding {
	w.Helper()
	c.API = slack.New(w.slack.App().BotToken, slack.OptionAPIURL(w.slack.URL()), slack.OptionHTTPClient(w.first.http))
	c.Now = time.Now
	for _, f := range c.Run(w.Context()) {
		if f.Name == name {
			return f
		}
	}
	w.Fatalf("it says nothing of %s", name)
	return slackbot.Finding{}
}

func TestTheCheckupHoldsTheWorkspacesAgainstTheTokens(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, tt := range []struct {
			teams       []string
			wrong, good string
		}{
			{[]string{team}, "", "the token's workspace is among them"},
			{[]string{team, "T0OTHER"}, "", "what comes from T0OTHER is taken, too"},
			{[]string{"T0000000"}, "the token's workspace, " + team + ", is not among T0000000", ""},
		} {
			f := w.finding(slackbot.Checkup{Teams: tt.teams}, "SLACK_TEAM_IDS")
			if (f.Err == nil) != (tt.wrong == "") || f.Err != nil && !strings.Contains(f.Err.Error(), tt.wrong) || !strings.Contains(f.Good, tt.good) || !strings.Contains(f.Cure, "SLACK_TEAM_IDS="+team) {
				t.Errorf("of %v it says %v, %q: %s", tt.teams, f.Err, f.Good, f.Cure)
			}
		}
	}, byHTTP)
}

func TestTheCheckupLooksUpWhomThePolicyLists(t *testing.T) {
	inWorld(t, func(w *world) {
		w.slack.AddUser(fakeslack.User{ID: "U0GONE", Deactivated: true}, fakeslack.User{ID: "U0ROBOT", Bot: true})
		one := func(person, id string) slackbot.Listed { return slackbot.Listed{Person: person, ID: id} }
		for _, tt := range []struct {
			name        string
			people      []slackbot.Listed
			wrong, good string
		}{
			{"a person", []slackbot.Listed{one("ana", team+"/"+ana)}, "", "1 of the policy's 1 accounts here were looked up"},
			{"nobody", []slackbot.Listed{one("ana", team+"/"+ana), one("cy", team+"/U0000000")}, "Slack shows the app no such user: " + team + "/U0000000 of cy; ", "2 of the policy's 2"},
			{"somebody who left", []slackbot.Listed{one("cy", team+"/U0GONE")}, "", "of no use here: " + team + "/U0GONE of cy (deactivated)"},
			{"a bot", []slackbot.Listed{one("cy", team+"/U0ROBOT")}, "", team + "/U0ROBOT of cy (a bot, "},
			{"somebody of elsewhere", []slackbot.Listed{one("ana", team+"/"+ana), one("cy", "T0OTHER/"+ana)}, "", "T0OTHER/" + ana + " of cy (of a workspace that isn't served here)"},
			{"all of elsewhere", []slackbot.Listed{one("cy", "T0000000/"+ana)}, "nobody is of a workspace that is served here (" + team + "): T0000000/" + ana + " of cy", "0 of the policy's 0"},
			{"somebody of here and elsewhere", []slackbot.Listed{one("ana", team+"/"+ana), one("ana", "T0OTHER/"+ana)}, "", "T0OTHER/" + ana + " of ana (of a workspace that isn't served here)"},
		} {
			f := w.finding(slackbot.Checkup{People: tt.people}, "Slack people")
			if (f.Err == nil) != (tt.wrong == "") || f.Err != nil && !strings.Contains(f.Err.Error(), tt.wrong) || !strings.Contains(f.Good, tt.good) || !strings.Contains(f.Cure, "/vps whoami") {
				t.Errorf("of %s it says %v, %q: %s", tt.name, f.Err, f.Good, f.Cure)
			}
		}
	}, byHTTP)
}

func TestTheCheckupLeavesSlacksAnswersToOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		var many []slackbot.Listed
		for i := range 120 {
			many = append(many, slackbot.Listed{Person: fmt.Sprintf("p%d", i), ID: team + "/" + ana})
		}
		asked := func() int { return len(w.slack.Calls("users.info")) }
		before := asked()
		f := w.finding(slackbot.Checkup{People: many}, "Slack people")
		if got := asked() - before; f.Err != nil || got != 50 || !strings.HasPrefix(f.Good, "50 of the policy's 120 accounts here were looked up; the rest were not: Slack takes so many a minute") {
			t.Errorf("it asked %d times, and says %v, %q", got, f.Err, f.Good)
		}

		w.slack.Misbehave(fakeslack.Fault{Kind: fakeslack.TooMany, Method: "users.info"})
		before = asked()
		f = w.finding(slackbot.Checkup{People: many}, "Slack people")
		if got := asked() - before; f.Err != nil || got != 1 || !strings.HasPrefix(f.Good, "0 of the policy's 120 accounts here were looked up; the rest were not: Slack takes no more questions about users") {
			t.Errorf("it asked %d times of a Slack that takes no more, and says %v, %q", got, f.Err, f.Good)
		}

		w.slack.Behave()
		w.slack.Misbehave(fakeslack.Fault{Kind: fakeslack.CutBefore, Method: "users.info"})
		if f := w.finding(slackbot.Checkup{People: many}, "Slack people"); f.Err != nil || !strings.Contains(f.Good, "Slack cannot be reached") {
			t.Errorf("of a Slack out of reach it says %v, %q", f.Err, f.Good)
		}
	}, byHTTP)
}
