package delivery_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"vpsops/slackbot/delivery"
)

// A command that was kept meanwhile reads as it did when it came.
func TestACommandReadsTheSameFromItsFormAndFromItsPayload(t *testing.T) {
	form := url.Values{"unknown": {"x"}, "text": {"first", "second"}}
	fields := reflect.TypeFor[slack.SlashCommand]()
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
		if form.Get(name) == "" {
			form.Set(name, "of "+name+" <&\u00fc\xff\x00>")
		}
	}
	for _, install := range []string{"true", "false", "1", "", "maybe", "absent"} {
		form.Set("is_enterprise_install", install)
		if install == "absent" {
			form.Del("is_enterprise_install")
		}
		came, err := delivery.FromForm(form)
		if err != nil {
			t.Fatal(err)
		}
		var kept delivery.Delivery
		if raw, err := json.Marshal(came); err != nil || json.Unmarshal(raw, &kept) != nil || kept.ID != came.ID {
			t.Fatalf("%s: %v %v", raw, err, kept)
		}
		first, firstErr := came.SlashCommand()
		again, againErr := kept.SlashCommand()
		if !reflect.DeepEqual(first, again) || (firstErr == nil) != (againErr == nil) {
			t.Errorf("install %q: %+v %v, and then %+v %v", install, first, firstErr, again, againErr)
		}
		if firstErr == nil && (first.Text != "first" || reflect.ValueOf(first).FieldByName("UserID").String() == "") {
			t.Errorf("%+v", first)
		}
	}
}

// What Slack sends again has the same id, and what a person does again another.
func TestADeliveryIsNamedByWhatItHolds(t *testing.T) {
	id := func(d delivery.Delivery, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d.ID
	}
	event := func(raw string) string { return id(delivery.New(delivery.Event, json.RawMessage(raw))) }
	press := func(raw string) string { return id(delivery.FromInteraction(json.RawMessage(raw))) }
	form := func(raw string) string {
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		return id(delivery.FromForm(values))
	}
	for _, same := range [][2]string{
		{event(`{"event_id":"Ev1","event_time":1}`), event(`{"event_time":2,"event_id":"Ev1"}`)},
		{press(`{"type":"block_actions","trigger_id":"1"}`), press(`{"type":"block_actions","trigger_id":"1"}`)},
		{form("text=list&trigger_id=1"), form("trigger_id=1&text=list")},
	} {
		if same[0] != same[1] || same[0] == "" {
			t.Errorf("%q and %q", same[0], same[1])
		}
	}
	for _, other := range [][2]string{
		{event(`{"event_id":"Ev1"}`), event(`{"event_id":"Ev2"}`)},
		{press(`{"type":"block_actions","trigger_id":"1"}`), press(`{"type":"block_actions","trigger_id":"2"}`)},
		{press(`{"trigger_id":"1"}`), form("trigger_id=1")},
		{form("text=list&trigger_id=1"), form("text=list&trigger_id=2")},
	} {
		if other[0] == other[1] {
			t.Errorf("two have the id %q", other[0])
		}
	}
	if strings.Contains(press(`{"event_id":"Ev1"}`), "Ev1") {
		t.Error("an interaction names itself")
	}
}

func TestWhoseADeliveryIsReadsTheSameOnceItWasKept(t *testing.T) {
	accept := delivery.Accept{Apps: []string{"A1"}, Teams: []string{"T1"}}
	for raw, want := range map[string]string{
		`{"api_app_id":"A1","team":{"id":"T1"}}`:                         "",
		`{"api_app_id":"A2","team":{"id":"T1"}}`:                         delivery.OtherApp,
		`{"api_app_id":"A1","team":{"id":"T2"}}`:                         delivery.OtherTeam,
		`{"api_app_id":"A1","team":null,"enterprise":{"id":"E2"}}`:       delivery.OtherTeam,
		`{"api_app_id":"A1"}`:                                            delivery.OtherTeam,
		`{"api_app_id":"A1","authorizations":[{},{"team_id":"T1"}]}`:     "",
		`{"api_app_id":"A1","team":{"id":"T2"},"message":{"team":"T1"}}`: "",
	} {
		came, err := delivery.FromInteraction(json.RawMessage(raw))
		if err != nil {
			t.Fatal(err)
		}
		kept := delivery.Delivery{ID: came.ID, Kind: came.Kind, Payload: came.Payload}
		for _, d := range []delivery.Delivery{came, kept} {
			why := ""
			if err := accept.Check(d); err != nil {
				why = delivery.Why(err)
			}
			if why != want {
				t.Errorf("%s: %q, want %q", raw, why, want)
			}
		}
	}
	if err := accept.Check(delivery.Delivery{Payload: json.RawMessage("[")}); err == nil || delivery.Why(err) != delivery.Malformed {
		t.Errorf("a payload that can't be read: %v", err)
	}
}
