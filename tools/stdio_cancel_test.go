package tools_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"vpsops/policy"
	"vpsops/tools"
)

func cancelled(id string) string {
	return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `,"reason":"enough"}}` + "\n"
}

// stdioEras runs a test in both eras, each in a bubble of its own time. call is
// a tool's call as the era writes it.
func stdioEras(t *testing.T, limits tools.Limits, test func(w *world, s *wire, call func(id, tool, arguments string) string)) {
	for era, meta := range map[string]string{"old era": "", "new era": "," + modernMeta} {
		t.Run(era, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, inMemory)
				s := w.dialStdio(limits, nil)
				if meta == "" {
					s.send(hello)
					s.wantNext(`"id":0,"result"`)
				}
				test(w, s, func(id, tool, arguments string) string {
					return strings.Replace(toolCall(id, tool, arguments), `"arguments":`+arguments, `"arguments":`+arguments+meta, 1)
				})
			})
		})
	}
}

// A call may be taken back in the very next message, by its id in any form. It
// ends, and is not answered.
func TestStdioEndsWhatTheClientCancels(t *testing.T) {
	stdioEras(t, tools.Limits{OpenPerPerson: 1}, func(w *world, s *wire, call func(id, tool, arguments string) string) {
		wait := fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, w.askAs(me, policy.Reboot, "12345"))
		for _, id := range [][2]string{{"7", "7"}, {"8", "8.0"}, {"9e0", "9"}, {`"a"`, `"a"`}, {`"b"`, `"\u0062"`}, {`"7"`, `"7"`}, {"7", "7"}} {
			s.send(call(id[0], "get_request", wait) + cancelled(id[1]))
			synctest.Wait()
			s.send(call("99", "get_server", `{"server":12345}`)) // one call is let in at a time
			s.wantNext(`"id":99,"result"`)
			synctest.Wait()
		}
	})
}

func TestStdioCancelsNothingElse(t *testing.T) {
	stdioEras(t, tools.Limits{}, func(w *world, s *wire, call func(id, tool, arguments string) string) {
		wait := fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, w.askAs(me, policy.Reboot, "12345"))
		s.send(call("7", "get_request", wait))
		synctest.Wait()
		for _, id := range []string{`"7"`, "8", "77", "null", "[7]", `{"id":7}`, "true"} {
			s.send(cancelled(id))
		}
		s.send(`{"jsonrpc":"2.0","method":"notifications/cancelled"}` + "\n" + `{"jsonrpc":"2.0","method":"notifications/cancelled","params":[7]}` + "\n")
		s.wantNext(`"id":7,"result"`)
		s.send(call("9007199254740993", "get_request", wait)) // which a float64 doesn't tell from the one before
		synctest.Wait()
		s.send(cancelled("9007199254740992"))
		s.wantNext(`"id":9007199254740993,"result"`)
		s.send(cancelled("7")) // too late
		s.send(call("7", "get_server", `{"server":12345}`))
		s.wantNext(`"id":7,"result"`)
	})
}

// held writes what asks for a dialog, and does not return before it may.
type held struct {
	io.Writer
	mayReturn chan struct{}
}

func (h *held) Write(p []byte) (int, error) {
	n, err := h.Writer.Write(p)
	if strings.Contains(string(p), "elicitation/create") {
		<-h.mayReturn
	}
	return n, err
}

// However close an answer follows the cancellation, it comes too late.
func TestStdioDialogOfACancelledCallIsNoVote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMemory)
		h := &held{mayReturn: make(chan struct{})}
		s := w.dialStdio(tools.Limits{}, func(out io.Writer) io.Writer { h.Writer = out; return h })
		s.send(hello)
		s.wantNext(`"result"`)
		for id := range 20 {
			s.send(toolCall(fmt.Sprint("1", id), "reboot_server", reboot))
			var asked rpc
			if err := json.Unmarshal([]byte(s.wantNext("elicitation/create")), &asked); err != nil {
				t.Fatal(err)
			}
			s.send(cancelled(fmt.Sprint("1", id)) + `{"jsonrpc":"2.0","id":` + string(asked.ID) + `,"result":{"action":"accept","content":{"confirm":true}}}` + "\n")
			synctest.Wait()
			h.mayReturn <- struct{}{}
			synctest.Wait()
		}
		own, err := w.gate.Desk().Own(t.Context(), actorMe, 2)
		if err != nil || len(own) != 1 || len(own[0].Votes) != 0 {
			t.Errorf("%v, %v", own, err)
		}
		w.wantWrites()
	})
}
