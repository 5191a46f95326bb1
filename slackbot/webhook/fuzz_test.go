package webhook_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"vpsops/slackbot/webhook"
)

// FuzzSignature is anybody's request: whatever its headers hold, only Slack's
// own signature passes.
func FuzzSignature(f *testing.F) {
	f.Add("v0=00", "1780000000", "text=list")
	f.Add("v0=", "", "")
	f.Add("V0=AB", "-1", "payload=%7b%7d")
	f.Fuzz(func(t *testing.T, mac, at, body string) {
		s := newStand(t)
		for _, path := range []string{webhook.CommandsPath, webhook.InteractionsPath, webhook.EventsPath} {
			w := s.post(path, form, body, header("X-Slack-Signature", mac), header("X-Slack-Request-Timestamp", at))
			probe := path == webhook.CommandsPath && w.Code == http.StatusOK && w.Body.Len() == 0
			if w.Code != http.StatusUnauthorized && !probe || len(s.bot.got) > 0 {
				t.Fatalf("%s answered %d %q, handed on %v", path, w.Code, w.Body, s.bot.got)
			}
		}
	})
}

// FuzzCommand, FuzzInteraction and FuzzEvent are signed. Whatever they hold, the
// bot is handed an object that it can read, or nothing.
func FuzzCommand(f *testing.F) {
	f.Add(command())
	f.Add("a=1&a=2;%00=%ff")
	fuzzPath(f, webhook.CommandsPath, form, func(s string) string { return s })
}

func FuzzInteraction(f *testing.F) {
	f.Add(button)
	f.Add(`{"type":"block_suggestion","team":{"id":"T024BE7LD"},"api_app_id":"A0VPSOPS"}`)
	f.Add(`{"team":"x"}`)
	fuzzPath(f, webhook.InteractionsPath, form, press)
}

func FuzzEvent(f *testing.F) {
	f.Add(happened)
	f.Add(`{"type":"url_verification","challenge":"x"}`)
	f.Add("null")
	fuzzPath(f, webhook.EventsPath, "application/json", func(s string) string { return s })
}

func fuzzPath(f *testing.F, path, contentType string, body func(string) string) {
	f.Helper()
	f.Fuzz(func(t *testing.T, s string) {
		stand := newStand(t)
		w := stand.post(path, contentType, body(s))
		switch w.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusRequestEntityTooLarge:
		default:
			t.Fatalf("answered %d %q", w.Code, w.Body)
		}
		for _, d := range stand.bot.got {
			var object map[string]json.RawMessage
			if err := json.Unmarshal(d.Payload, &object); err != nil || d.ID == "" {
				t.Fatalf("handed on %v: %v", d, err)
			}
		}
	})
}
