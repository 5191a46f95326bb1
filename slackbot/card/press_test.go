package card_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"vpsops/policy"
	"vpsops/slackbot/card"
)

// pressed are the buttons of a message by their action, and what each means.
func pressed(t *testing.T, m card.Message) map[string]card.Press {
	t.Helper()
	all := map[string]card.Press{}
	for _, b := range m.Blocks {
		switch b := b.(type) {
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if b, is := e.(*slack.ButtonBlockElement); is {
					all[b.ActionID] = opened(t, b.Value)
				}
			}
		case *slack.SectionBlock:
			if b.Accessory != nil && b.Accessory.ButtonElement != nil {
				all[b.Accessory.ButtonElement.ActionID] = opened(t, b.Accessory.ButtonElement.Value)
			}
		}
	}
	return all
}

func TestAPressIsForWhatIsShown(t *testing.T) {
	v := request(policy.Delete, plainTexts)
	got := pressed(t, writer(time.Minute).Request(v))
	for _, action := range []string{card.ActApprove, card.ActDeny, card.ActCancel} {
		if got[action] != (card.Press{Request: v.ID, Digest: v.Digest}) {
			t.Errorf("%s means %+v", action, got[action])
		}
	}
}

// What is pressed is known by its seal: an id or a digest that stands open in a
// button could be another's in an edited one.
func TestNoValueTellsWhatItMeans(t *testing.T) {
	for _, f := range faces() {
		var shown any
		if err := json.Unmarshal(encoded(t, f), &shown); err != nil {
			t.Fatal(err)
		}
		eachValue(shown, func(value string) {
			for _, secret := range []string{"3f2a9c1e5b7d4068", "sha256-9a8b7c6d5e4f", "12345"} {
				if strings.Contains(value, secret) {
					t.Errorf("%s: %q stands open in the value %q", f.name, secret, value)
				}
			}
		})
	}
}

// eachValue calls f with what a press of anything in a face would send back.
func eachValue(v any, f func(string)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			eachValue(item, f)
		}
	case map[string]any:
		for key, item := range v {
			if text, is := item.(string); is && (key == "value" || key == "private_metadata" || key == "block_id" || key == "action_id") {
				f(text)
			}
			eachValue(item, f)
		}
	}
}
