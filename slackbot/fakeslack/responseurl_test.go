package fakeslack_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

// respond posts to a response_url as an app would.
func respond(t *testing.T, s *fakeslack.Slack, to, body string) string {
	t.Helper()
	req, _ := http.NewRequest(http.MethodPost, to, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	return send(t, s, req)
}

// commanded is the response_url of a command that ana typed.
func commanded(t *testing.T, s *fakeslack.Slack) string {
	t.Helper()
	var to string
	(&app{onCommand: func(c slack.SlashCommand) any { to = c.ResponseURL; return nil }}).serve(t, s)
	s.As(t, ana).Types(ops, "/vps list")
	return to
}

func TestAResponseURLIsGoodForFiveMessages(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	to := commanded(t, s)
	for i, want := range []string{`"ok":true`, `"ok":true`, `"ok":true`, `"ok":true`, `"ok":true`, "used_url"} {
		if got := respond(t, s, to, `{"text":"hi"}`); !strings.Contains(got, want) {
			t.Errorf("use %d: %s", i+1, got)
		}
	}
	if got := respond(t, s, to+"0", `{"text":"hi"}`); !strings.Contains(got, "no_service") {
		t.Errorf("an address that was never given: %s", got)
	}
	if n := len(s.As(t, ana).Sees(ops)); n != 5 {
		t.Errorf("ana sees %d", n)
	}
	if n := len(s.Messages(ops)); n != 0 {
		t.Errorf("everybody sees %d", n)
	}
}

func TestAResponseURLIsGoodForHalfAnHour(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	to := commanded(t, s)
	s.Advance(fakeslack.ResponseURLLife - time.Second)
	if got := respond(t, s, to, `{"text":"hi","response_type":"in_channel"}`); !strings.Contains(got, `"ok":true`) {
		t.Error(got)
	}
	s.Advance(2 * time.Second)
	if got := respond(t, s, to, `{"text":"hi"}`); !strings.Contains(got, "expired_url") {
		t.Error(got)
	}
	if n := len(s.Messages(ops)); n != 1 {
		t.Errorf("everybody sees %d", n)
	}
}

func TestAResponseURLTakesNothingButGoodJSON(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	to := commanded(t, s)
	req, _ := http.NewRequest(http.MethodPost, to, strings.NewReader("text=hi"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := send(t, s, req); !strings.Contains(got, "invalid_payload") {
		t.Error(got)
	}
	for body, want := range map[string]string{
		`{"text":`: "invalid_payload", `{}`: "no_text", `{"blocks":[{"type":"header"}]}`: "invalid_blocks",
	} {
		if got := respond(t, s, to, body); !strings.Contains(got, want) {
			t.Errorf("%s: %s", body, got)
		}
	}
}

func TestWhatAResponseURLDoesToItsMessage(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	var to string
	(&app{onAction: func(c slack.InteractionCallback) any { to = c.ResponseURL; return nil }}).serve(t, s)
	ana := s.As(t, ana)
	if _, err := api.PostEphemeral(ops, "UANA", card("Only you")); err != nil {
		t.Fatal(err)
	}
	private := ana.AwaitsText(ops, "Only you")
	ana.Presses(private, "approve")

	respond(t, s, to, `{"replace_original":true,"response_type":"in_channel","text":"Still only you"}`)
	now := ana.AwaitsText(ops, "Still only you")
	if now.TS != private.TS || !now.Ephemeral || len(s.Messages(ops)) != 0 {
		t.Errorf("a private message became public: %+v", now)
	}
	respond(t, s, to, `{"delete_original":true}`)
	if got := ana.Sees(ops); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
