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

// Its context ends a second after the call began. As over HTTP, the caller hears of
// what is on its way in time for the answer to get out.
func TestWhatIsOnItsWayWhenStdioEndsIsTold(t *testing.T) {
	const start, list, get = "start_server", "list_servers", "get_server"
	for name, c := range map[string]struct {
		tool, arguments, method string
		takes                   time.Duration
		says                    string
		answered                time.Duration
	}{
		"a change's outcome":                {start, `{"server":12349}`, http.MethodPost, 2 * time.Second, `"state":"succeeded"`, 2 * time.Second},
		"of one that takes long, its state": {start, `{"server":12349,"wait_seconds":50}`, http.MethodPost, 6 * time.Second, `"state":"executing"`, 4 * time.Second},
		"of one that was made, its state":   {start, `{"server":12349,"wait_seconds":50}`, http.MethodPost, 0, `"state":"succeeded"`, time.Second},
		"what is read":                      {list, `{}`, http.MethodGet, 2 * time.Second, `"total":`, 2 * time.Second},
		"that a read takes long":            {list, `{}`, http.MethodGet, 40 * time.Second, "shutting down", 4 * time.Second},
		"that a server's read takes long":   {get, `{"server":12349}`, http.MethodGet, 40 * time.Second, "shutting down", 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, end := context.WithCancel(t.Context())
				w := newWorld(t, inMemory, func(s *setup) { s.api.Speed, s.ending = 1, ctx })
				if c.takes > 0 {
					setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: c.method}, Kind: sandbox.KindDelay, Delay: c.takes})
				}
				s := w.dialStdioUntil(ctx, tools.Limits{}, nil)
				s.send(hello)
				s.wantNext(`"id":0,"result"`)
				s.send(toolCall("7", c.tool, c.arguments))
				begin := time.Now()
				time.AfterFunc(time.Second, end)
				s.wantNext(c.says)
				if took := time.Since(begin); took < c.answered || took > c.answered+100*time.Millisecond {
					t.Errorf("answered after %s, want %s", took, c.answered)
				}
				time.Sleep(6 * time.Second) // what was sent goes on
				if c.tool == start {
					w.wantWrites("POST /servers/12349/start/")
				}
			})
		})
	}
}
