package fakeslack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vpsops/slackbot/fakeslack"
)

// everything is a form with an input of every kind, by action id.
const everything = `{"type": "modal", "title": {"type": "plain_text", "text": "Everything"}, "submit": {"type": "plain_text", "text": "Send"}, "blocks": [%s]}`

var inputs = []struct {
	id, element, entered string
	want                 string // what the app gets, as JSON
}{
	{"text", `"type": "plain_text_input", "multiline": true`, "a\nb", `"value":"a\nb"`},
	{"mail", `"type": "email_text_input"`, "a@x.test", `"value":"a@x.test"`},
	{"link", `"type": "url_text_input"`, "https://x.test", `"value":"https://x.test"`},
	{"number", `"type": "number_input", "is_decimal_allowed": false, "min_value": "2", "max_value": "9"`, "7", `"value":"7"`},
	{"rich", `"type": "rich_text_input"`, "hi", `"text":"hi"`},
	{"select", `"type": "static_select", "options": [%s]`, "One", `"selected_option":{"text":{"text":"One","type":"plain_text"},"value":"1"}`},
	{"grouped", `"type": "static_select", "option_groups": [{"label": {"type": "plain_text", "text": "G"}, "options": [%s]}]`, "2", `"value":"2"`},
	{"several", `"type": "multi_static_select", "options": [%s]`, "1, Two", `"selected_options":[{"text":{"text":"One","type":"plain_text"},"value":"1"},{"text":{"text":"Two","type":"plain_text"},"value":"2"}]`},
	{"radio", `"type": "radio_buttons", "options": [%s]`, "2", `"selected_option":{"text":{"text":"Two","type":"plain_text"},"value":"2"}`},
	{"boxes", `"type": "checkboxes", "options": [%s]`, "1", `"selected_options":[{"text":{"text":"One","type":"plain_text"},"value":"1"}]`},
	{"user", `"type": "users_select"`, "UBEN", `"selected_user":"UBEN"`},
	{"users", `"type": "multi_users_select"`, "UANA, UBEN", `"selected_users":["UANA","UBEN"]`},
	{"channel", `"type": "channels_select"`, "COPS", `"selected_channel":"COPS"`},
	{"conversation", `"type": "conversations_select", "filter": {"include": ["public"]}`, "COPS", `"selected_conversation":"COPS"`},
	{"date", `"type": "datepicker"`, "2026-11-26", `"selected_date":"2026-11-26"`},
	{"time", `"type": "timepicker"`, "03:30", `"selected_time":"03:30"`},
	{"moment", `"type": "datetimepicker"`, "1795662245", `"selected_date_time":1795662245`},
}

func everyInput() string {
	const options = `{"text": {"type": "plain_text", "text": "One"}, "value": "1"}, {"text": {"type": "plain_text", "text": "Two"}, "value": "2"}`
	var blocks []string
	for _, in := range inputs {
		element := strings.ReplaceAll(in.element, "%s", options)
		blocks = append(blocks, fmt.Sprintf(
			`{"type": "input", "block_id": %q, "label": {"type": "plain_text", "text": %q}, "element": {"action_id": %q, %s}}`,
			in.id, in.id, in.id, element))
	}
	return fmt.Sprintf(everything, strings.Join(blocks, ","))
}

// opensEverything opens the form by the answer to another's submission, which
// takes any JSON, and passes on what is submitted.
func opensEverything(t *testing.T, s *fakeslack.Slack) (*fakeslack.Person, fakeslack.View, func() string) {
	t.Helper()
	api := client(t, s)
	var submitted string
	s.DeliverToHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slack/commands" {
			if _, err := api.OpenView(r.FormValue("trigger_id"), form("First")); err != nil {
				t.Error(err)
			}
			return
		}
		if payload := r.FormValue("payload"); strings.Contains(payload, `"First"`) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"response_action": "update", "view": %s}`, everyInput())
		} else {
			submitted = payload
		}
	}))
	ana := s.As(t, ana)
	ana.Types(ops, "/vps everything")
	if o := ana.Submits(ana.AwaitsModal("First"), map[string]string{"name": "x"}); o.Error != "" {
		t.Fatalf("%+v", o)
	}
	return ana, ana.AwaitsModal("Everything"), func() string { return submitted }
}

func TestEveryKindOfInputIsSentAsSlackSendsIt(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	ana, modal, submitted := opensEverything(t, s)
	entered := map[string]string{}
	for _, in := range inputs {
		entered[in.id] = in.entered
	}
	if o := ana.Submits(modal, entered); !o.Acknowledged || o.Error != "" {
		t.Fatalf("%+v", o)
	}
	var payload struct {
		View struct {
			State struct {
				Values map[string]map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(submitted()), &payload); err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		got := string(payload.View.State.Values[in.id][in.id])
		if !strings.Contains(got, in.want) || !strings.Contains(got, `"type":`) {
			t.Errorf("%s came as %s, want %s", in.id, got, in.want)
		}
	}
}

func TestWhatSlackHoldsBackItself(t *testing.T) {
	s := workspace(t, fakeslack.Options{})
	ana, modal, _ := opensEverything(t, s)
	o := ana.Submits(modal, map[string]string{"text": "x", "number": "1"})
	if o.Error != fakeslack.NotSent || o.FieldErrors["text"] != "" || len(o.FieldErrors) != len(inputs)-1 {
		t.Errorf("%+v", o)
	}
	for entered, want := range map[string]string{
		"1": "at least 2", "10": "at most 9", "2.5": "valid number", "two": "valid number", "": "required", "2": "",
	} {
		if got := ana.Submits(modal, map[string]string{"number": entered}).FieldErrors["number"]; !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: %q", entered, got)
		}
	}
	if said := failure(t, func(t fakeslack.T) { s.As(t, "UANA").Submits(modal, map[string]string{"select": "Three"}) }); !strings.Contains(said, "offers no") {
		t.Errorf("an option that isn't offered: %q", said)
	}
}
