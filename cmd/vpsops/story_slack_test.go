package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/slackbot/fakeslack"
)

// The workspace of every story with a Slack.
const (
	slackAna, slackBen = "U0ANA", "U0BEN"
	slackRoom          = "C0ROOM"
	slackGroup         = "S0SRE" // ben's
)

// cmdSlack starts a Slack with ana, ben and the app in a channel and ben in a user
// group, and sets
// $SLACK_API_URL, $SLACK_BOT_TOKEN, $SLACK_SIGNING_SECRET, $SLACK_APP_TOKEN and
// $ROOM. The tokens are in files, too, where docs/SLACK.md puts them.
func cmdSlack(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "slack")
	w := worldOf(ts)
	// That it acknowledges as soon as Slack wants is for tests whose time no other
	// process takes up.
	s, err := fakeslack.Start(fakeslack.Options{AckWithin: patience, Patience: patience})
	ts.Check(err)
	w.slack = s
	s.AddUser(fakeslack.User{ID: slackAna, Name: "ana"}, fakeslack.User{ID: slackBen, Name: "ben"})
	s.AddChannel(fakeslack.Channel{ID: slackRoom, Name: "ops", Members: []string{slackAna, slackBen, s.App().BotUser}})
	s.AddUserGroup(fakeslack.UserGroup{ID: slackGroup, Users: []string{slackBen}})
	for name, value := range map[string]string{
		"SLACK_API_URL": s.URL(), "SLACK_BOT_TOKEN": s.App().BotToken, "SLACK_SIGNING_SECRET": s.App().SigningSecret,
		"SLACK_APP_TOKEN": s.App().AppToken, "ROOM": slackRoom,
	} {
		ts.Setenv(name, value)
	}
	for name, token := range map[string]string{".slack-bot-token": s.App().BotToken, ".slack-app-token": s.App().AppToken} {
		ts.Check(os.WriteFile(filepath.Join(ts.Getenv("HOME"), name), []byte(token+"\n"), 0o600))
	}
	w.secrets = append(w.secrets, s.App().BotToken, s.App().AppToken, s.App().SigningSecret)
}

// socketConnections is how many the program keeps.
const socketConnections = 2

// cmdDeliver has Slack deliver over HTTP to an address, once the program there
// knows whose deliveries to take; without one, over the sockets that it opens.
func cmdDeliver(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 1, "deliver [ORIGIN]")
	w := worldOf(ts)
	ctx, cancel := patiently()
	defer cancel()
	if len(args) == 0 {
		ts.Check(w.slack.AwaitConnections(ctx, socketConnections))
		return
	}
	w.slack.DeliverTo(args[0])
	for w.slack.VerifyURL(ctx) != nil {
		ts.Check(ctx.Err())
	}
}

// cmdTypes has somebody type a line in the channel.
func cmdTypes(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, args, 2, 2, "[!] types PERSON LINE")
	o := person(ts, args[0]).Types(slackRoom, args[1])
	if o.Acknowledged == neg {
		ts.Fatalf("it was acknowledged: %v %+v", o.Acknowledged, o)
	}
}

// cmdSees waits until somebody sees a message that shows all the texts, and
// prints it.
func cmdSees(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 2, -1, "sees PERSON TEXT…")
	show(ts, "%s\n", find(ts, args[0], args[1:]).AllText())
}

// cmdPresses has somebody press a button of the message that shows all the
// texts.
func cmdPresses(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, args, 3, -1, "[!] presses PERSON ACTION TEXT…")
	o := person(ts, args[0]).Presses(find(ts, args[0], args[2:]), args[1])
	if o.Acknowledged == neg {
		ts.Fatalf("it was acknowledged: %v %+v", o.Acknowledged, o)
	}
}

func find(ts *testscript.TestScript, who string, texts []string) fakeslack.Message {
	return person(ts, who).Awaits(slackRoom, strings.Join(texts, " and "), func(m fakeslack.Message) bool {
		for _, text := range texts {
			if !m.Shows(text) {
				return false
			}
		}
		return true
	})
}

func person(ts *testscript.TestScript, name string) *fakeslack.Person {
	ctx := storyContext{ts}
	return worldOf(ts).slack.As(ctx, map[string]string{"ana": slackAna, "ben": slackBen}[name])
}

// storyContext is what a person at their Slack needs of a story.
type storyContext struct{ *testscript.TestScript }

// Helper implements fakeslack.T.
func (storyContext) Helper() {}

// Context implements fakeslack.T. What a person does has its own end.
func (storyContext) Context() context.Context { return context.Background() }
