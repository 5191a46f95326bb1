package fakeslack_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/slackbot/fakeslack"
)

// opener is an app that opens a form on a command, and answers its submission.
func opener(t *testing.T, s *fakeslack.Slack, answer func(slack.InteractionCallback) any) *slack.Client {
	t.Helper()
	api := client(t, s)
	(&app{
		onCommand: func(c slack.SlashCommand) any {
			if _, err := api.OpenView(c.TriggerID, form("A new server")); err != nil {
				t.Error(err)
			}
			return nil
		},
		onAction: answer,
	}).serve(t, s)
	return api
}

func TestAFormIsSentWithWhatWasEntered(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var got slack.InteractionCallback
	opener(t, s, func(c slack.InteractionCallback) any { got = c; return nil })
	ana := s.As(t, ana)
	ana.Types(ops, "/vps create")
	modal := ana.AwaitsModal("A new server")

	if o := ana.Submits(modal, nil); o.Error != fakeslack.NotSent || o.FieldErrors["name"] == "" || got.Type != "" {
		t.Errorf("without the name: %+v, delivered %q", o, got.Type)
	}
	if o := ana.Submits(modal, map[string]string{"name": "a-very-long-name"}); o.Error != fakeslack.NotSent {
		t.Errorf("with a name too long: %+v", o)
	}
	if o := ana.Submits(modal, map[string]string{"name": "web-01"}); !o.Acknowledged || o.Error != "" {
		t.Errorf("%+v", o)
	}
	if got.Type != slack.InteractionTypeViewSubmission || got.View.CallbackID != "form" ||
		got.View.State.Values["name"]["name"].Value != "web-01" {
		t.Errorf("%+v", got.View)
	}
	if _, open := ana.Modal(); open {
		t.Error("the form is still open")
	}
}

func TestAFormsAnswerIsCarriedOut(t *testing.T) {
	for name, c := range map[string]struct {
		answer any
		titles []string
		fault  string
	}{
		"nothing closes it":      {nil, nil, ""},
		"clear closes all":       {slack.NewClearViewSubmissionResponse(), nil, ""},
		"update":                 {slack.NewUpdateViewSubmissionResponse(ptr(form("Another"))), []string{"Another"}, ""},
		"push":                   {slack.NewPushViewSubmissionResponse(ptr(form("Another"))), []string{"A new server", "Another"}, ""},
		"errors":                 {slack.NewErrorsViewSubmissionResponse(map[string]string{"name": "taken"}), []string{"A new server"}, ""},
		"errors of no input":     {slack.NewErrorsViewSubmissionResponse(map[string]string{"x": "taken"}), []string{"A new server"}, fakeslack.Trouble},
		"a view Slack refuses":   {slack.NewUpdateViewSubmissionResponse(ptr(form("A title of more than 24 characters"))), []string{"A new server"}, fakeslack.Trouble},
		"plain text":             {"ok", []string{"A new server"}, fakeslack.Trouble},
		"an unknown action":      {map[string]string{"response_action": "close"}, []string{"A new server"}, fakeslack.Trouble},
		"a status other than ok": {500, []string{"A new server"}, fakeslack.DispatchFailed},
	} {
		t.Run(name, func(t *testing.T) {
			s := workspace(t, fakeslack.Options{})
			opener(t, s, func(slack.InteractionCallback) any { return c.answer })
			ana := s.As(t, ana)
			ana.Types(ops, "/vps create")
			o := ana.Submits(ana.AwaitsModal("A new server"), map[string]string{"name": "web-01"})
			if o.Error != c.fault {
				t.Errorf("%+v", o)
			}
			var titles []string
			for _, v := range s.Modals("UANA") {
				titles = append(titles, v.Title)
			}
			if !slices.Equal(titles, c.titles) {
				t.Errorf("open: %q, want %q", titles, c.titles)
			}
		})
	}
}

func TestATriggerOpensOneViewWithinThreeSeconds(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	api := client(t, s)
	var triggers []string
	(&app{onCommand: func(c slack.SlashCommand) any { triggers = append(triggers, c.TriggerID); return nil }}).serve(t, s)
	ana := s.As(t, ana)
	ana.Types(ops, "/vps create")
	ana.Types(ops, "/vps create")

	open := func(trigger string) error { _, err := api.OpenView(trigger, form("F")); return err }
	wantCode(t, open(triggers[0]), "")
	wantCode(t, open(triggers[0]), "exchanged_trigger_id")
	s.Advance(fakeslack.TriggerLife + time.Millisecond)
	wantCode(t, open(triggers[1]), "expired_trigger_id")
	wantCode(t, open("1.2.made-up"), "invalid_trigger_id")
}

func TestViewsAreStackedThreeHighAndGuardedByHash(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	var trigger string
	api := opener(t, s, func(c slack.InteractionCallback) any { trigger = c.TriggerID; return c.View.ID })
	ana := s.As(t, ana)
	ana.Types(ops, "/vps create")
	first := ana.AwaitsModal("A new server")
	for _, want := range []string{"", "", "push_limit_reached"} {
		top, _ := ana.Modal()
		ana.Submits(top, map[string]string{"name": "x"})
		_, err := api.PushView(trigger, form("Over it"))
		wantCode(t, err, want)
	}

	_, err := api.UpdateView(form("Anew"), "", "an-old-hash", first.ID)
	wantCode(t, err, "hash_conflict")
	_, err = api.UpdateView(form("Anew"), "", first.Hash, first.ID)
	wantCode(t, err, "")
	_, err = api.UpdateView(form("Anew"), "", "", "VNONE")
	wantCode(t, err, "not_found")

	top, _ := ana.Modal()
	ana.Closes(top)
	if n := len(s.Modals("UANA")); n != 2 {
		t.Errorf("%d are open", n)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refused slack.SlackErrorResponse
	errors.As(err, &refused)
	if refused.Err != code || (err != nil) != (code != "") {
		t.Errorf("got %v, want %q", err, code)
	}
}

func ptr[V any](v V) *V { return &v }
