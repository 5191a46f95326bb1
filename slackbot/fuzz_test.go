package slackbot_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"vpsops/internal/seal"
	"vpsops/policy"
	"vpsops/slackbot/delivery"
)

// FuzzInteraction hands the bot payloads as only Slack could send them: whatever
// they are, it does not panic, and nothing reaches the API that changes a server.
func FuzzInteraction(f *testing.F) {
	for _, payload := range interactionSeeds() {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, err := delivery.FromInteraction(payload)
		if err != nil {
			return
		}
		inWorld(t, func(w *world) {
			ack, err := w.first.bot.Handle(w.Context(), d)
			if err == nil && len(ack.Body) > 0 && !json.Valid(ack.Body) {
				t.Errorf("it is acknowledged with %q", ack.Body)
			}
			synctest.Wait()
			if log := w.logged.String(); strings.Contains(log, "panic") {
				t.Error(log)
			}
			w.sent()
		}, withPolicy(func(d *policy.Document) { // nothing is done without a vote
			d.Guards = append(d.Guards, policy.Guard{ID: "start", Actions: []policy.Action{policy.Start}, Require: &policy.Require{ConfirmAsker: true}})
		}))
	})
}

// interactionSeeds are payloads like Slack's, the sealed values among them.
func interactionSeeds() [][]byte {
	key := seal.NewKey([32]byte{1})
	press := key.Seal("slack button", []byte(`{"r":"req_1","d":"x","s":"12345"}`))
	form := key.Seal("slack form", []byte(`{"p":{"r":"req_1","s":"12345"},"c":"C1"}`))
	user := map[string]any{"id": ana, "team_id": team}
	var seeds [][]byte
	add := func(payload map[string]any) {
		payload["user"], payload["team"] = user, map[string]any{"id": team}
		raw, _ := json.Marshal(payload)
		seeds = append(seeds, raw)
	}
	for _, action := range []string{"approve", "deny", "cancel", "start", "stop", "reboot", "show", "request", "list:page1", "refresh", "open", "draft:name"} {
		add(map[string]any{
			"type": "block_actions", "container": map[string]any{"type": "message", "message_ts": "1.2", "channel_id": incidents},
			"actions": []any{map[string]any{"type": "button", "action_id": action, "block_id": "b", "value": press}},
		})
	}
	for _, callback := range []string{"approve", "deny", "create", "update", "other"} {
		add(map[string]any{"type": "view_submission", "view": map[string]any{
			"id": "V1", "type": "modal", "callback_id": callback, "private_metadata": form,
			"blocks": []any{map[string]any{"type": "input", "block_id": "name", "label": map[string]any{"type": "plain_text", "text": "x"}, "element": map[string]any{"type": "plain_text_input", "action_id": "name", "initial_value": "a"}}},
			"state":  map[string]any{"values": map[string]any{"name": map[string]any{"name": map[string]any{"type": "plain_text_input", "value": "web"}}, "typed_name": map[string]any{"typed_name": map[string]any{"type": "plain_text_input", "value": web}}}},
		}})
	}
	add(map[string]any{"type": "view_closed"})
	add(map[string]any{"type": "block_actions"})
	return seeds
}
