package fakeslack_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

// ExampleSlack_As is a test of an app that posts a card when it is commanded to.
func ExampleSlack_As() {
	fake, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fake.Close()
	fake.AddUser(fakeslack.User{ID: "UANA", Name: "ana"})
	fake.AddChannel(fakeslack.Channel{ID: "COPS", Members: []string{"UANA", fake.App().BotUser}})

	api := slack.New(fake.App().BotToken, slack.OptionAPIURL(fake.URL()))
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		command, _ := slack.SlashCommandParse(r) // an app checks the signature first
		go func() { _, _, _ = api.PostMessage(command.ChannelID, slack.MsgOptionText("Rebooting web-01", false)) }()
	}))
	defer app.Close()
	fake.DeliverTo(app.URL)

	var t outsideATest // in a test, its *testing.T
	ana := fake.As(t, "UANA")
	o := ana.Types("COPS", "/vps reboot web-01")
	fmt.Println("acknowledged:", o.Acknowledged)
	fmt.Println(ana.AwaitsText("COPS", "web-01").Text)
	// Output:
	// acknowledged: true
	// Rebooting web-01
}

type outsideATest struct{}

func (outsideATest) Helper()                           {}
func (outsideATest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (outsideATest) Context() context.Context          { return context.Background() }
