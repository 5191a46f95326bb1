package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/internal/leaktest"
	"vpsops/slackbot/delivery"
	"vpsops/slackbot/webhook"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

const (
	secret = "8f742231b10e8888abcd99yyyzzz85a5"
	app    = "A0VPSOPS"
	team   = "T024BE7LD"
	form   = "application/x-www-form-urlencoded"
)

// bot notes what it is handed, and answers as it is told.
type bot struct {
	mu     sync.Mutex
	got    []delivery.Delivery
	handle func(context.Context, delivery.Delivery) (delivery.Ack, error)
}

func (b *bot) Handle(ctx context.Context, d delivery.Delivery) (delivery.Ack, error) {
	b.mu.Lock()
	b.got = append(b.got, d)
	b.mu.Unlock()
	if b.handle == nil {
		return delivery.Ack{}, nil
	}
	return b.handle(ctx, d)
}

// stand is a webhook whose clock stands still.
type stand struct {
	t       testing.TB
	bot     bot
	now     time.Time
	refused []string
	handler http.Handler
}

func newStand(t testing.TB, change ...func(*webhook.Config)) *stand {
	t.Helper()
	s := &stand{t: t, now: time.Unix(1_780_000_000, 0)}
	c := webhook.Config{
		SigningSecrets: []string{secret},
		Accept:         delivery.Accept{Apps: []string{app}, Teams: []string{team, "E0ORG"}},
		Handler:        &s.bot,
		Refused:        func(why string) { s.refused = append(s.refused, why) },
		Now:            func() time.Time { return s.now },
	}
	for _, f := range change {
		f(&c)
	}
	h, err := webhook.New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.handler = h
	return s
}

// post sends a delivery that is signed as Slack does, and then changed.
func (s *stand) post(path, contentType, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	sign(r, secret, s.now, body)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// sign is written from Slack's page, not from the code.
func sign(r *http.Request, secret string, at time.Time, body string) {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%d:%s", at.Unix(), body)
	r.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

func header(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del(name)
		for _, v := range values {
			r.Header.Add(name, v)
		}
	}
}

// want holds the answer against its status, and the delivery against whether it
// was handed on.
func (s *stand) want(w *httptest.ResponseRecorder, status, handed int, refused ...string) {
	s.t.Helper()
	if w.Code != status {
		s.t.Errorf("answered %d %q, want %d", w.Code, w.Body, status)
	}
	if len(s.bot.got) != handed {
		s.t.Errorf("the bot was handed %d deliveries, want %d: %v", len(s.bot.got), handed, s.bot.got)
	}
	if !slices.Equal(s.refused, refused) {
		s.t.Errorf("refused %q, want %q", s.refused, refused)
	}
}

// The deliveries, each with what changes in it.

func command(change ...string) string {
	return fields(url.Values{
		"command": {"/vps"}, "text": {"reboot web-01"}, "team_id": {team}, "api_app_id": {app},
		"user_id": {"U061F7AUR"}, "channel_id": {"C0OPS"}, "trigger_id": {"1.2.a"},
	}, change)
}

func fields(v url.Values, change []string) string {
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v.Encode()
}

func press(payload string) string { return url.Values{"payload": {payload}}.Encode() }

const button = `{"type":"block_actions","api_app_id":"A0VPSOPS","team":{"id":"T024BE7LD"},"user":{"id":"U1"},"trigger_id":"1.2.b"}`

const happened = `{"type":"event_callback","api_app_id":"A0VPSOPS","team_id":"T024BE7LD","event_id":"Ev1","event":{"type":"app_home_opened"}}`

func answer(body string) func(context.Context, delivery.Delivery) (delivery.Ack, error) {
	return func(context.Context, delivery.Delivery) (delivery.Ack, error) {
		return delivery.Ack{Body: json.RawMessage(body)}, nil
	}
}
