package socket_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
)

// FuzzEnvelope sends whatever it likes as a message of Slack's. It ends no
// connection, the bot is handed objects or nothing, and the next envelope is
// dealt with.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(hello))
	f.Add([]byte(`{"type":"slash_commands","envelope_id":"x","payload":` + command("list") + `}`))
	f.Add([]byte(`{"type":"interactive","envelope_id":"x","accepts_response_payload":true,"payload":` + menu + `}`))
	f.Add([]byte(`{"type":"events_api","envelope_id":"x","retry_attempt":"2","payload":` + happened + `}`))
	f.Add([]byte(`{"type":"disconnect","reason":"warning"}`))
	f.Add([]byte("\xff\x00{"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e struct{ Type, Reason string }
		if _ = json.Unmarshal(raw, &e); e.Type == "disconnect" && e.Reason != "" {
			t.Skip() // may end it, and should
		}
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t)
			l := s.next()
			l.write(string(raw))
			synctest.Wait()
			for len(l.acks) > 0 {
				<-l.acks
			}
			l.command("last", "list")
			l.acked("last", "")
			for _, d := range s.bot.handed() {
				var object map[string]json.RawMessage
				if err := json.Unmarshal(d.Payload, &object); err != nil || d.ID == "" {
					t.Errorf("handed on %v: %v", d, err)
				}
			}
			s.end()
		})
	})
}
