package tools_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/tools"
	"vpsops/vpsapi/sandbox"
)

// Over stdio every call ends with the connection, and is answered at once.
func TestWhatIsOnItsWayWhenStdioEndsIsToldAsItStands(t *testing.T) {
	for name, c := range map[string]struct{ method, call, says, write string }{
		"a change": {http.MethodPost, toolCall("7", "start_server", `{"server":12349}`), `"state":"executing"`, "POST /servers/12349/start/"},
		"a read":   {http.MethodGet, toolCall("7", "list_servers", `{}`), "The call was cancelled.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, inMemory, func(s *setup) { s.api.Speed = 1 })
				setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: c.method}, Kind: sandbox.KindDelay, Delay: 2 * time.Second})
				ctx, end := context.WithCancel(t.Context())
				s := w.dialStdioUntil(ctx, tools.Limits{}, nil)
				s.send(hello)
				s.wantNext(`"id":0,"result"`)
				s.send(c.call)
				begin := time.Now()
				time.AfterFunc(time.Second, end)
				s.wantNext(c.says)
				if took := time.Since(begin); took > time.Second+100*time.Millisecond {
					t.Errorf("answered after %s", took)
				}
				time.Sleep(2 * time.Second) // what was sent goes on
				if c.write != "" {
					w.wantWrites(c.write)
				}
			})
		})
	}
}
