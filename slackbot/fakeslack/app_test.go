package fakeslack_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/internal/leaktest"
	"vpsops/slackbot/fakeslack"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

const (
	ana, ben = "UANA", "UBEN"
	ops      = "COPS"
)

// workspace is a Slack with two people in a channel with the app. Its clock goes by
// Advance alone, but in a bubble, which has its own time: what ages hangs on no
// machine's speed.
func workspace(t *testing.T, opts fakeslack.Options) *fakeslack.Slack {
	t.Helper()
	if began := time.Now(); !opts.Memory {
		opts.Now = func() time.Time { return began }
	}
	s, err := fakeslack.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.AddUser(fakeslack.User{ID: ana, Name: "ana"}, fakeslack.User{ID: ben, Name: "ben"})
	s.AddChannel(fakeslack.Channel{ID: ops, Name: "ops", Members: []string{ana, ben, s.App().BotUser}})
	return s
}

// client is slack-go's, for the app's bot token.
func client(t *testing.T, s *fakeslack.Slack) *slack.Client {
	t.Helper()
	c := s.Client()
	t.Cleanup(c.CloseIdleConnections)
	return slack.New(s.App().BotToken, slack.OptionAppLevelToken(s.App().AppToken),
		slack.OptionAPIURL(s.URL()), slack.OptionHTTPClient(c))
}

// app is an app under test that answers by functions.
type app struct {
	secret    string
	onCommand func(slack.SlashCommand) any
	onAction  func(slack.InteractionCallback) any
	onEvent   func(json.RawMessage, http.Header) int
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	verifier, err := slack.NewSecretsVerifier(r.Header, a.secret)
	if err == nil {
		_, _ = verifier.Write(body)
		err = verifier.Ensure()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	r.Body = io.NopCloser(bytesReader(body))
	switch r.URL.Path {
	case "/slack/commands":
		c, _ := slack.SlashCommandParse(r)
		reply(w, a.onCommand(c))
	case "/slack/interactions":
		c, err := slack.InteractionCallbackParse(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(w, a.onAction(c))
	case "/slack/events":
		w.WriteHeader(a.onEvent(body, r.Header))
	}
}

func reply(w http.ResponseWriter, v any) {
	switch v := v.(type) {
	case nil:
	case int:
		w.WriteHeader(v)
	case string:
		_, _ = io.WriteString(w, v)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

// serve listens on loopback, and has the Slack deliver there.
func (a *app) serve(t *testing.T, s *fakeslack.Slack) {
	t.Helper()
	a.secret = s.App().SigningSecret
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	s.DeliverTo(srv.URL)
}
