package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/slackbot/delivery"
	"vpsops/slackbot/webhook"
)

func TestACommandReachesTheBotAndItsAnswerSlack(t *testing.T) {
	s := newStand(t)
	s.bot.handle = answer(`{"text":"on it"}`)
	w := s.post(webhook.CommandsPath, form, command())
	s.want(w, http.StatusOK, 1)
	if w.Body.String() != `{"text":"on it"}` || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("answered %q as %q", w.Body, w.Header().Get("Content-Type"))
	}
	c, err := s.bot.got[0].SlashCommand()
	if err != nil || c.Text != "reboot web-01" || c.UserID != "U061F7AUR" || s.bot.got[0].Kind != delivery.Command {
		t.Errorf("the bot was handed %v %v", s.bot.got[0], err)
	}
}

func TestEachKindIsToldApart(t *testing.T) {
	s := newStand(t)
	s.want(s.post(webhook.InteractionsPath, form, press(button)), http.StatusOK, 1)
	menu := strings.Replace(button, "block_actions", "block_suggestion", 1)
	s.want(s.post(webhook.InteractionsPath, form, press(menu)), http.StatusOK, 2)
	w := s.post(webhook.EventsPath, "application/json", happened, header("X-Slack-Retry-Num", "2"))
	s.want(w, http.StatusOK, 3)
	if w.Body.Len() != 0 {
		t.Errorf("an empty acknowledgement holds %q", w.Body)
	}
	for i, want := range []delivery.Kind{delivery.Interaction, delivery.Options, delivery.Event} {
		if got := s.bot.got[i]; got.Kind != want || got.ID == "" {
			t.Errorf("delivery %d is %v, want %s", i, got, want)
		}
	}
	if got := s.bot.got[2]; got.ID != "event Ev1" || got.Retry != 2 {
		t.Errorf("the event is %v", got)
	}
}

func TestWhatSlackDidNotSignIsRefused(t *testing.T) {
	signed := func(secret string, off time.Duration, body string) func(*http.Request) {
		return func(r *http.Request) { sign(r, secret, time.Unix(1_780_000_000, 0).Add(off), body) }
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		why    string
	}{
		"no signature":          {header("X-Slack-Signature"), webhook.NotSigned},
		"no timestamp":          {header("X-Slack-Request-Timestamp"), webhook.NotSigned},
		"two signatures":        {func(r *http.Request) { r.Header.Add("X-Slack-Signature", "v0=00") }, webhook.NotSigned},
		"another secret":        {signed("not it", 0, command()), webhook.WrongSignature},
		"another body":          {signed(secret, 0, command("text", "list")), webhook.WrongSignature},
		"too old":               {signed(secret, -301*time.Second, command()), webhook.WrongTime},
		"too far ahead":         {signed(secret, 301*time.Second, command()), webhook.WrongTime},
		"another timestamp":     {header("X-Slack-Request-Timestamp", "1780000001"), webhook.WrongSignature},
		"a timestamp in words":  {header("X-Slack-Request-Timestamp", "now"), webhook.WrongTime},
		"a timestamp past time": {header("X-Slack-Request-Timestamp", "-9223372036854775808"), webhook.WrongTime},
		"another version":       {header("X-Slack-Signature", "v1=00"), webhook.WrongSignature},
		"a short signature":     {header("X-Slack-Signature", "v0=ab"), webhook.WrongSignature},
		"no hex":                {header("X-Slack-Signature", "v0="+strings.Repeat("zz", 32)), webhook.WrongSignature},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.want(s.post(webhook.CommandsPath, form, command(), c.change), http.StatusUnauthorized, 0, c.why)
		})
	}
}

func TestATimestampMayBeFiveMinutesOffEitherWay(t *testing.T) {
	s := newStand(t)
	for i, off := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
		body := command("trigger_id", off.String())
		resign := func(r *http.Request) { sign(r, secret, s.now.Add(off), body) }
		s.want(s.post(webhook.CommandsPath, form, body, resign), http.StatusOK, i+1)
	}
}

func TestWhileASecretIsReplacedBothSign(t *testing.T) {
	s := newStand(t, func(c *webhook.Config) { c.SigningSecrets = []string{"the next one", secret} })
	s.want(s.post(webhook.CommandsPath, form, command()), http.StatusOK, 1)
	again := command("trigger_id", "9")
	s.want(s.post(webhook.CommandsPath, form, again, func(r *http.Request) { sign(r, "the next one", s.now, again) }), http.StatusOK, 2)
}

func TestADeliveryThatSomebodyHasSeenDoesNotCountAgain(t *testing.T) {
	upper := func(r *http.Request) {
		mac := strings.TrimPrefix(r.Header.Get("X-Slack-Signature"), "v0=")
		r.Header.Set("X-Slack-Signature", "v0="+strings.ToUpper(mac))
	}
	for path, body := range map[string]string{webhook.CommandsPath: command(), webhook.InteractionsPath: press(button)} {
		t.Run(path, func(t *testing.T) {
			s := newStand(t)
			first := s.now
			as := func(r *http.Request) { sign(r, secret, first, body) }
			s.want(s.post(path, form, body, as), http.StatusOK, 1)
			s.want(s.post(path, form, body, as), http.StatusUnauthorized, 1, webhook.Replayed)
			s.want(s.post(path, form, body, as, upper), http.StatusUnauthorized, 1, webhook.Replayed, webhook.Replayed)
			s.now = first.Add(5 * time.Minute)
			s.want(s.post(path, form, body, as), http.StatusUnauthorized, 1, webhook.Replayed, webhook.Replayed, webhook.Replayed)
			s.now = first.Add(5*time.Minute + time.Second)
			s.want(s.post(path, form, body, as), http.StatusUnauthorized, 1, webhook.Replayed, webhook.Replayed, webhook.Replayed, webhook.WrongTime)
		})
	}
}

func TestACommandThatFailedCannotBeReplayedInto(t *testing.T) {
	s := newStand(t)
	s.bot.handle = func(context.Context, delivery.Delivery) (delivery.Ack, error) {
		return delivery.Ack{}, errors.New("the ledger is locked")
	}
	w := s.post(webhook.CommandsPath, form, command())
	s.want(w, http.StatusInternalServerError, 1)
	if strings.Contains(w.Body.String(), "ledger") {
		t.Errorf("the answer tells %q", w.Body)
	}
	s.bot.handle = nil
	s.want(s.post(webhook.CommandsPath, form, command()), http.StatusUnauthorized, 1, webhook.Replayed)
}

// A timestamp may be ahead, and then a signature is good for ten minutes.
func TestAReplayIsKnownForAsLongAsItsSignatureIsGood(t *testing.T) {
	s := newStand(t)
	begun := s.now
	send := func(at time.Duration, id string, signed time.Duration) *httptest.ResponseRecorder {
		s.now = begun.Add(at)
		body := command("trigger_id", id)
		return s.post(webhook.CommandsPath, form, body, func(r *http.Request) { sign(r, secret, begun.Add(signed), body) })
	}
	s.want(send(0, "first", 0), http.StatusOK, 1)
	s.want(send(299*time.Second, "ahead", 599*time.Second), http.StatusOK, 2)
	s.want(send(301*time.Second, "another", 301*time.Second), http.StatusOK, 3)
	s.want(send(602*time.Second, "a third", 602*time.Second), http.StatusOK, 4)
	s.want(send(899*time.Second, "ahead", 599*time.Second), http.StatusUnauthorized, 4, webhook.Replayed)
}

func TestAnEventIsSentAgainUntilItIsTaken(t *testing.T) {
	s := newStand(t)
	s.bot.handle = func(context.Context, delivery.Delivery) (delivery.Ack, error) {
		return delivery.Ack{}, errors.New("not now")
	}
	send := func() *httptest.ResponseRecorder { return s.post(webhook.EventsPath, "application/json", happened) }
	s.want(send(), http.StatusInternalServerError, 1)
	s.bot.handle = nil
	s.want(send(), http.StatusOK, 2) // within the same second, and so with the same signature
	s.want(send(), http.StatusOK, 2) // was taken
	s.now = s.now.Add(5 * time.Minute)
	s.want(send(), http.StatusOK, 3) // signed anew: the bot knows it by its id
	if s.bot.got[0].ID != s.bot.got[2].ID {
		t.Errorf("one event has the ids %q and %q", s.bot.got[0].ID, s.bot.got[2].ID)
	}
}

func TestTheChallengeIsAnsweredOnlyToSlack(t *testing.T) {
	const body = `{"token":"x","challenge":"3eZbrw1a\"B","type":"url_verification"}`
	s := newStand(t)
	w := s.post(webhook.EventsPath, "application/json", body)
	s.want(w, http.StatusOK, 0)
	if w.Body.String() != `{"challenge":"3eZbrw1a\"B"}` {
		t.Errorf("answered %s", w.Body)
	}
	s.want(s.post(webhook.EventsPath, "application/json", body, header("X-Slack-Signature")), http.StatusUnauthorized, 0, webhook.NotSigned)
}

func TestALookAtTheCertificateDoesNothing(t *testing.T) {
	probe := command("ssl_check", "1")
	s := newStand(t)
	s.want(s.post(webhook.CommandsPath, form, probe), http.StatusOK, 0)
	s.want(s.post(webhook.CommandsPath, form, "ssl_check=1&token=x", header("X-Slack-Signature"), header("X-Slack-Request-Timestamp")), http.StatusOK, 0)
	s.want(s.post(webhook.CommandsPath, form, command("text", "ssl_check=1"), header("X-Slack-Signature")), http.StatusUnauthorized, 0, webhook.NotSigned)
	s.want(s.post(webhook.InteractionsPath, form, "ssl_check=1", header("X-Slack-Signature")), http.StatusUnauthorized, 0, webhook.NotSigned, webhook.NotSigned)
}

func TestWhatIsNoDeliveryIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		path, contentType, body string
		change                  func(*http.Request)
		status                  int
		why                     string
	}{
		"a command as JSON":            {webhook.CommandsPath, "application/json", command(), nil, 415, webhook.WrongContentType},
		"a command as nothing":         {webhook.CommandsPath, "", command(), nil, 415, webhook.WrongContentType},
		"a press as multipart":         {webhook.InteractionsPath, "multipart/form-data; boundary=x", press(button), nil, 415, webhook.WrongContentType},
		"an event as a form":           {webhook.EventsPath, form, happened, nil, 415, webhook.WrongContentType},
		"a form that isn't one":        {webhook.CommandsPath, form, "text=%zz", nil, 400, webhook.Malformed},
		"a press without payload":      {webhook.InteractionsPath, form, "x=1", nil, 400, webhook.Malformed},
		"a press whose payload is cut": {webhook.InteractionsPath, form, press(`{"type":"bl`), nil, 400, webhook.Malformed},
		"a press that is a list":       {webhook.InteractionsPath, form, press(`[1]`), nil, 400, webhook.Malformed},
		"an event that isn't JSON":     {webhook.EventsPath, "application/json", "event", nil, 400, webhook.Malformed},
		"another app's command":        {webhook.CommandsPath, form, command("api_app_id", "A0OTHER"), nil, 401, webhook.OtherApp},
		"no app's command":             {webhook.CommandsPath, form, command("api_app_id", ""), nil, 401, webhook.OtherApp},
		"another team's command":       {webhook.CommandsPath, form, command("team_id", "T0OTHER"), nil, 401, webhook.OtherTeam},
		"another app's press":          {webhook.InteractionsPath, form, press(strings.Replace(button, app, "A0OTHER", 1)), nil, 401, webhook.OtherApp},
		"another team's press":         {webhook.InteractionsPath, form, press(strings.Replace(button, team, "T0OTHER", 1)), nil, 401, webhook.OtherTeam},
		"another app's event":          {webhook.EventsPath, "application/json", strings.Replace(happened, app, "A0OTHER", 1), nil, 401, webhook.OtherApp},
		"another team's event":         {webhook.EventsPath, "application/json", strings.Replace(happened, team, "T0OTHER", 1), nil, 401, webhook.OtherTeam},
		"a body beyond the cap":        {webhook.CommandsPath, form, command("text", strings.Repeat("x", 1<<20)), nil, 413, webhook.TooLarge},
		"a large body unsigned":        {webhook.CommandsPath, form, command("text", strings.Repeat("x", 1<<20)), header("X-Slack-Signature"), 401, webhook.NotSigned},
		"a GET":                        {webhook.CommandsPath, form, command(), func(r *http.Request) { r.Method = http.MethodGet }, 405, webhook.WrongMethod},
		"a PUT":                        {webhook.EventsPath, "application/json", happened, func(r *http.Request) { r.Method = http.MethodPut }, 405, webhook.WrongMethod},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			change := func(*http.Request) {}
			if c.change != nil {
				change = c.change
			}
			s.want(s.post(c.path, c.contentType, c.body, change), c.status, 0, c.why)
		})
	}
}

// The query string stands outside what Slack signs.
func TestAPayloadInTheQueryStringIsNeverTaken(t *testing.T) {
	s := newStand(t)
	forged := strings.Replace(button, "U1", "UBOSS", 1)
	w := s.post(webhook.InteractionsPath+"?"+press(forged), form, "x=1")
	s.want(w, http.StatusBadRequest, 0, webhook.Malformed)
	s.refused = nil
	s.want(s.post(webhook.InteractionsPath+"?"+press(forged), form, press(button)), http.StatusOK, 1)
	if strings.Contains(string(s.bot.got[0].Payload), "UBOSS") {
		t.Error("the query string's payload was taken")
	}
	s.want(s.post(webhook.CommandsPath+"?text=delete+db-01&user_id=UBOSS", form, command()), http.StatusOK, 2)
	if c, err := s.bot.got[1].SlashCommand(); err != nil || c.Text != "reboot web-01" || c.UserID == "UBOSS" {
		t.Errorf("the query string was taken: %v %v", c, err)
	}
}

func TestAPersonOfAnotherWorkspaceReachesTheBotWhichTellsThem(t *testing.T) {
	s := newStand(t)
	guest := `{"type":"block_actions","api_app_id":"A0VPSOPS","team":{"id":"T0GUEST"},"user":{"id":"U9","team_id":"T0GUEST"},"message":{"team":"T024BE7LD"}}`
	s.want(s.post(webhook.InteractionsPath, form, press(guest)), http.StatusOK, 1)
	modal := `{"type":"view_submission","api_app_id":"A0VPSOPS","team":{"id":"T0GUEST"},"user":{"id":"U9"},"view":{"app_installed_team_id":"T024BE7LD"}}`
	s.want(s.post(webhook.InteractionsPath, form, press(modal)), http.StatusOK, 2)
	org := `{"type":"block_actions","api_app_id":"A0VPSOPS","team":null,"enterprise":{"id":"E0ORG"},"user":{"id":"U9"}}`
	s.want(s.post(webhook.InteractionsPath, form, press(org)), http.StatusOK, 3)
}

func TestWhatIsNeitherEventNorChallengeIsAcknowledgedAndDropped(t *testing.T) {
	s := newStand(t)
	s.want(s.post(webhook.EventsPath, "application/json", `{"type":"app_rate_limited","team_id":"T024BE7LD","api_app_id":"A0VPSOPS"}`), http.StatusOK, 0)
}

func TestAPanicEndsOneDelivery(t *testing.T) {
	s := newStand(t)
	s.bot.handle = func(context.Context, delivery.Delivery) (delivery.Ack, error) { panic("boom") }
	w := s.post(webhook.CommandsPath, form, command())
	s.want(w, http.StatusInternalServerError, 1)
	if strings.Contains(w.Body.String(), "boom") {
		t.Errorf("the answer tells %q", w.Body)
	}
	s.bot.handle = nil
	s.want(s.post(webhook.CommandsPath, form, command("trigger_id", "2")), http.StatusOK, 2)
}

func TestTheBotsTimeEndsBeforeSlacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		begun := time.Now()
		s.bot.handle = func(ctx context.Context, _ delivery.Delivery) (delivery.Ack, error) {
			<-ctx.Done()
			return delivery.Ack{}, ctx.Err()
		}
		s.want(s.post(webhook.CommandsPath, form, command()), http.StatusInternalServerError, 1)
		if took := time.Since(begun); took >= 3*time.Second || took < 2*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// A body that trickles in takes from the bot's time, and ends by it.
func TestABodyThatNeverComesEndsInTime(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	server := httptest.NewServer(s.handler)
	defer server.Close()
	body, never := newNever()
	defer never()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+webhook.CommandsPath, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form)
	sign(r, secret, s.now, command())
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("answered %d", resp.StatusCode)
	}
}

func TestAWebhookThatCouldTakeForgeriesIsNotMade(t *testing.T) {
	good := webhook.Config{SigningSecrets: []string{secret}, Accept: delivery.Accept{Teams: []string{team}}, Handler: &bot{}}
	if _, err := webhook.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*webhook.Config){
		"no secret":       func(c *webhook.Config) { c.SigningSecrets = nil },
		"an empty secret": func(c *webhook.Config) { c.SigningSecrets = []string{secret, ""} },
		"no team":         func(c *webhook.Config) { c.Accept = delivery.Accept{} },
		"no handler":      func(c *webhook.Config) { c.Handler = nil },
	} {
		bad := good
		change(&bad)
		if _, err := webhook.New(bad); err == nil {
			t.Errorf("%s: made", name)
		}
	}
}
