package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/ledger"
	"vpsops/tools"
	"vpsops/vpsapi/sandbox"
)

// endingWorld is a world whose process is about to end once end is called.
func endingWorld(t *testing.T, change ...func(*setup)) (w *world, end context.CancelFunc) {
	t.Helper()
	ending, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	return newWorld(t, append(change, func(s *setup) { s.ending = ending })...), end
}

// soon bounds the client's calls below what they say they would wait.
func (c *conn) soon(t *testing.T) *conn {
	var cancel context.CancelFunc
	c.ctx, cancel = context.WithTimeout(c.ctx, 40*time.Second)
	t.Cleanup(cancel)
	return c
}

func TestWhoWaitsIsToldHowItStandsWhenTheServerEnds(t *testing.T) {
	everywhere(t, func(t *testing.T, connect dialer) {
		w, end := endingWorld(t)
		c := connect(w, nil).soon(t)
		asked := c.call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).want(t, "pending", "pending")
		c.OnNotification(func(mcp.JSONRPCNotification) { end() }) // of progress: so it waits
		var r mcp.CallToolRequest
		r.Params.Name = "get_request"
		r.Params.RawArguments = json.RawMessage(fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, asked.RequestID))
		r.Params.Meta = &mcp.Meta{ProgressToken: "p"}
		c.send(r).want(t, "pending", "pending")
		c.call("get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, asked.RequestID)).want(t, "pending", "pending")
		w.wantWrites()
	})
}

func TestWhoseDialogIsOpenIsToldHowItStandsWhenTheServerEnds(t *testing.T) {
	for _, f := range fronts() {
		// In the newer era a dialog holds no call; in process it can't be left.
		if !f.legacy || strings.HasPrefix(f.name, "in process") {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			w, end := endingWorld(t)
			answered := make(chan struct{})
			defer close(answered)
			c := f.dial(w, func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
				end()
				<-answered
				return yes(r)
			}).soon(t)
			c.call("reboot_server", `{"server":12345,"wait_seconds":50}`).want(t, "pending", "pending")
			w.wantWrites()
		})
	}
}

// Over stdio the call's own context ends, and so does what a database is asked in it.
func TestWhosePageIsOpenIsToldHowItStandsWhenStdioEnds(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.ledger = heedful })
	ctx, end := context.WithCancel(t.Context())
	s := w.dialStdioUntil(ctx, tools.Limits{}, nil)
	s.send(strings.Replace(hello, `"elicitation":{}`, `"elicitation":{"url":{}}`, 1))
	s.wantNext(`"id":0,"result"`)
	s.send(toolCall("7", "delete_server", `{"server_id":12345,"name":"web-server-01"}`))
	s.wantNext(`"mode":"url"`)
	end()
	for s.out.Scan() && !strings.Contains(s.out.Text(), `"id":7`) { // the dialog may be withdrawn first
	}
	if !strings.Contains(s.out.Text(), `"outcome":"pending"`) {
		t.Errorf("answered %s", s.out.Text())
	}
}

// heedful is a ledger that answers nobody whose context is over, as databases do.
func heedful(l ledger.Ledger) ledger.Ledger { return heedfulLedger{l} }

type heedfulLedger struct{ ledger.Ledger }

func (l heedfulLedger) Read(ctx context.Context, f func(ledger.ReadTx) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return l.Ledger.Read(ctx, f)
}

// The process ends a second after the call began. What is being sent goes on in
// any case; its caller hears of it in time for the answer to get out.
func TestChangeThatIsBeingMadeWhenTheServerEnds(t *testing.T) {
	for name, c := range map[string]struct {
		takes          time.Duration
		outcome, state string
		answered       time.Duration
	}{
		"its outcome is told":                {2 * time.Second, "accepted", "succeeded", 2 * time.Second},
		"where it takes long, how it stands": {6 * time.Second, "pending", "executing", 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, func(t *testing.T, connect dialer) {
				w, end := endingWorld(t, inMemory, func(s *setup) { s.api.Speed = 1 })
				client := connect(w, nil)
				setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: http.MethodPost}, Kind: sandbox.KindDelay, Delay: c.takes})
				begin := time.Now()
				time.AfterFunc(time.Second, end)
				got := client.call("start_server", `{"server":12349,"wait_seconds":50}`).want(t, c.outcome, c.state)
				if took := time.Since(begin); took < c.answered || took > c.answered+time.Second {
					t.Errorf("answered after %s, want %s", took, c.answered)
				}
				v, err := w.gate.Desk().Wait(t.Context(), actorMe, got.RequestID, 10*time.Second, nil)
				if err != nil || v.State != ledger.Succeeded {
					t.Errorf("it came to %s, %v", v.State, err)
				}
				w.wantWrites("POST /servers/12349/start/")
			})
		})
	}
}

func TestAskThatTheEndOfTheServerCutsShortSaysSo(t *testing.T) {
	inABubble(t, func(t *testing.T, connect dialer) {
		w, end := endingWorld(t, inMemory)
		c := connect(w, nil)
		setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet}, Kind: sandbox.KindDelay, Delay: 40 * time.Second})
		time.AfterFunc(time.Second, end)
		got := c.call("start_server", `{"server":12349}`)
		got.holds(t, "shutting down", "ask again")
		if !got.isError {
			t.Error("it is no error")
		}
		w.wantWrites()
	})
}

func TestRequestIsToldWhereTheEndOfTheServerCutsTheLookAtItsServerShort(t *testing.T) {
	inABubble(t, func(t *testing.T, connect dialer) {
		w, end := endingWorld(t, inMemory, func(s *setup) { s.api.Speed, s.ledger = 1, heedful })
		c := connect(w, nil)
		asked := c.call("start_server", `{"server":12349}`).want(t, "accepted", "succeeded")
		setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet}, Kind: sandbox.KindDelay, Delay: 40 * time.Second})
		time.AfterFunc(time.Second, end)
		c.call("get_request", fmt.Sprintf(`{"request_id":%q}`, asked.RequestID)).want(t, "accepted", "succeeded")
	})
}

func TestReadsThatTheEndOfTheServerCutsShortSaySo(t *testing.T) {
	for name, read := range map[string]func(*conn){
		"the servers":         func(c *conn) { c.call("list_servers", `{}`).holds(t, "shutting down") },
		"the options":         func(c *conn) { c.call("list_options", `{}`).holds(t, "shutting down") },
		"a server by name":    func(c *conn) { c.call("get_server", `{"server":"web-server-01"}`).holds(t, "shutting down") },
		"a server's resource": func(c *conn) { c.refused("vps://servers/12345", "shutting down") },
		"the servers' one":    func(c *conn) { c.refused("vps://servers", "shutting down") },
		"a suggestion":        func(c *conn) { c.complete(inPrompt("incident"), "server", "web") },
	} {
		t.Run(name, func(t *testing.T) {
			inABubble(t, func(t *testing.T, connect dialer) {
				w, end := endingWorld(t, inMemory)
				c := connect(w, nil)
				setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet}, Kind: sandbox.KindDelay, Delay: 40 * time.Second})
				begin := time.Now()
				time.AfterFunc(time.Second, end)
				read(c)
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("answered after %s", took)
				}
			})
		})
	}
}
