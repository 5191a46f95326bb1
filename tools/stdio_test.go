package tools_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy/ledger"
	"vpsops/tools"
	"vpsops/vpsapi/sandbox"
)

const hello = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}` + "\n"

func toolCall(id, tool, arguments string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}` + "\n"
}

// answersTo runs a whole connection: the lines in, and the messages out by id.
func (w *world) answersTo(input string) map[string]json.RawMessage {
	w.t.Helper()
	var out bytes.Buffer
	if err := tools.ServeStdio(w.t.Context(), w.mcp, tools.Caller{Identity: me}, tools.Limits{}, w.logger(), strings.NewReader(input), &out); err != nil {
		w.t.Fatal(err)
	}
	answers := map[string]json.RawMessage{}
	for line := range strings.Lines(out.String()) {
		var m struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      json.RawMessage `json:"id"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.JSONRPC != "2.0" {
			w.t.Errorf("stdout holds %q", line)
		}
		answers[string(m.ID)] = json.RawMessage(line)
	}
	return answers
}

func TestStdioSurvivesWhatIsNoMessage(t *testing.T) {
	w := newWorld(t)
	garbage := "\n  \r\nGET / HTTP/1.1\n{\"jsonrpc\":\n[]\nnull\n42\n{}\n\x00\xff\xfe\n" +
		`{"jsonrpc":"2.0","id":99,"result":{"action":"accept"}}` + "\n" + `{"jsonrpc":"1.0","id":98,"method":"ping"}` + "\n" +
		strings.Repeat("x", 5<<20) + "\n"
	answers := w.answersTo(hello + garbage + toolCall(`"a"`, "get_server", `{"server":12345}`))
	if !strings.Contains(string(answers[`"a"`]), "web-server-01") {
		t.Errorf("after garbage: %s", answers[`"a"`])
	}
	if !strings.Contains(string(answers["null"]), `"error"`) {
		t.Error("garbage was passed over in silence")
	}
}

// What is no message is told from what is no JSON, whichever way it comes.
func TestWhatIsNoMessageIsSaidToBeNone(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code int
		id   string
	}{
		"half a message":  {`{"jsonrpc":"2.0","id":1,"method":`, -32700, "null"},
		"a batch":         {` [{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]`, -32600, "null"},
		"an empty batch":  {`[]`, -32600, "null"},
		"an id of null":   {`{"jsonrpc":"2.0","id" : null,"method":"tools/call","params":{"name":"start_server","arguments":{"server":12346}}}`, -32600, "null"},
		"an id of lists":  {`{"jsonrpc":"2.0","method":"tools/call","params":{"name":"start_server","arguments":{"server":12346},"id":1},"id":{"id":1}}`, -32600, "null"},
		"an id of true":   {`{"jsonrpc":"2.0","id":true,"method":"tools/list"}`, -32600, "null"},
		"a batch of asks": {`[` + strings.TrimSpace(toolCall("1", "start_server", `{"server":12346}`)) + `]`, -32600, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			fuzzed(t, func(w *world) {
				front := w.front()
				for way, said := range map[string][]string{
					"stdio":         w.stdio([]byte(c.text)),
					"HTTP, new era": messages(w.post(front, "POST", []byte(c.text), "Mcp-Protocol-Version", "2026-07-28")),
					"HTTP, old era": messages(w.post(front, "POST", []byte(c.text), "Mcp-Session-Id", w.session(front))),
				} {
					if got := w.valid(said); len(got) != 1 || got[0].Error == nil || *got[0].Error.Code != c.code || string(got[0].ID) != c.id {
						t.Errorf("%s answers %q", way, said)
					}
				}
				w.wantWrites()
			})
		})
	}
}

// A client may number its requests beyond what a float64 holds.
func TestIDsComeBackWithEveryDigit(t *testing.T) {
	fuzzed(t, func(w *world) {
		front := w.front()
		for _, id := range []string{"9007199254740993", "-9007199254740993", "18446744073709551615", "7", "7.5", `"9007199254740993"`} {
			for _, c := range []struct{ method, name, arguments, says string }{
				{"tools/call", "get_server", `,"arguments":{"server":12345}`, `"result":{`},
				{"prompts/get", "none", "", `"error":{`},
			} {
				params := `"method":"` + c.method + `","params":{"name":"` + c.name + `"` + c.arguments
				old := []byte(`{"jsonrpc":"2.0","id":` + id + `,` + params + "}}\n")
				modern := []byte(`{` + params + `,` + modernMeta + `},"id":` + id + `,"jsonrpc":"2.0"}` + "\n")
				for way, said := range map[string][]string{
					"stdio, new era": w.stdio(modern),
					"HTTP, new era":  messages(w.post(front, "POST", modern, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", c.method, "Mcp-Name", c.name)),
					"stdio, old era": w.stdio(append([]byte(hello), old...))[1:],
					"HTTP, old era":  messages(w.post(front, "POST", old, "Mcp-Session-Id", w.session(front))),
				} {
					if got := w.valid(said); len(got) != 1 || string(got[0].ID) != id || !strings.Contains(said[0], c.says) {
						t.Errorf("%s: %s is answered by %q", way, id, said)
					}
				}
			}
		}
	})
}

// A script may close its end as soon as it has written.
func TestStdioFinishesWhatRunsWhenItsInputEnds(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.api.Latency = 20 * time.Millisecond })
	input := hello
	for _, id := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		input += toolCall(id, "get_server", `{"server":12345}`)
	}
	input += toolCall("9", "start_server", `{"server":12346}`)
	w.api.EditServer(12346, func(s *sandbox.Server) { s.Status = "stopped" })
	// A stream would last as long as the connection does.
	input += `{"jsonrpc":"2.0","id":"stream","method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["vps://servers/12345"]},` + modernMeta + `}}` + "\n"
	reads := map[string]string{
		`"server"`:  `"method":"resources/read","params":{"uri":"vps://servers/12345"}`,
		`"servers"`: `"method":"resources/read","params":{"uri":"vps://servers"}`,
		`"names"`:   `"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"incident"},"argument":{"name":"server","value":"we"}}`,
	}
	for id, read := range reads {
		input += `{"jsonrpc":"2.0","id":` + id + `,` + read + "}\n"
	}
	input += strings.TrimSuffix(toolCall("10", "list_servers", `{}`), "\n") // and no newline at the end
	answers := w.answersTo(input)
	for _, id := range []string{"0", "1", "8", "9", "10", `"stream"`} {
		if !strings.Contains(string(answers[id]), `"result"`) {
			t.Errorf("call %s: %s", id, answers[id])
		}
	}
	for id := range reads {
		if !strings.Contains(string(answers[id]), "web-server-01") {
			t.Errorf("the read of the %s: %s", id, answers[id])
		}
	}
	w.wantWrites("POST /servers/12346/start/")
}

func TestStdioContainsAPanicAndLogsIt(t *testing.T) {
	w := newWorld(t)
	w.mcp.AddResource(mcp.NewResource("vps://broken", "Broken"), func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		panic("hunter2")
	})
	answers := w.answersTo(hello + `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"vps://broken"}}` + "\n" + toolCall("2", "get_server", `{"server":12345}`))
	if said := string(answers["1"]); !strings.Contains(said, "internal error") || strings.Contains(said, "hunter2") {
		t.Error(said)
	}
	if !strings.Contains(string(answers["2"]), "web-server-01") {
		t.Errorf("after a panic: %s", answers["2"])
	}
	if log := w.logged(); !strings.Contains(log, "panic=hunter2") || !strings.Contains(log, "stdio_test.go") {
		t.Errorf("the log does not tell where it panicked: %s", log)
	}
}

// Nobody is left to answer a dialog: the request waits for the page.
func TestStdioDialogEndsWithTheInput(t *testing.T) {
	w := newWorld(t)
	answers := w.answersTo(hello + toolCall("7", "reboot_server", `{"server":12345}`))
	if !strings.Contains(string(answers["7"]), `"outcome":"pending"`) {
		t.Errorf("%s", answers["7"])
	}
	w.wantWrites()
}

func TestStdioEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- tools.ServeStdio(ctx, w.mcp, tools.Caller{Identity: me}, tools.Limits{}, w.logger(), fromClient, toClient)
		toClient.Close()
	}()
	t.Cleanup(func() { toServer.Close() })
	out := bufio.NewScanner(fromServer)
	send := func(text string) {
		if _, err := io.WriteString(toServer, text); err != nil {
			t.Error(err)
		}
	}
	send(hello)
	out.Scan()
	send(toolCall("1", "delete_server", `{"server_id":12345,"name":"web-server-01"}`))
	out.Scan()
	var m struct {
		Result struct{ StructuredContent outcomeFields }
	}
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	send(toolCall("2", "get_request", `{"request_id":"`+m.Result.StructuredContent.RequestID+`","wait_seconds":50}`))
	send(toolCall("3", "get_server", `{"server":12345}`)) // its answer shows that the wait has begun to be read
	out.Scan()
	stop()
	if !out.Scan() || !strings.Contains(out.Text(), `"outcome":"pending"`) {
		t.Errorf("the wait was not answered: %s", out.Text())
	}
	if out.Scan() {
		t.Errorf("more came: %s", out.Text())
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStdioEndsWhenNobodyReads(t *testing.T) {
	w := newWorld(t)
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	fromServer.Close()
	ended := make(chan error, 1)
	go func() {
		ended <- tools.ServeStdio(t.Context(), w.mcp, tools.Caller{Identity: me}, tools.Limits{}, w.logger(), fromClient, toClient)
	}()
	if _, err := io.WriteString(toServer, hello); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("no error where the output can't be written")
	}
	toServer.Close()
}

// A client that hangs holds a pipe whose other end it never reads.
func TestStdioEndsWhoeverDoesNotRead(t *testing.T) {
	for name, end := range map[string]func(stop context.CancelFunc, toServer io.Closer){
		"with its context": func(stop context.CancelFunc, _ io.Closer) { stop() },
		"with its input":   func(_ context.CancelFunc, toServer io.Closer) { toServer.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, inMemory)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				fromClient, toServer := io.Pipe()
				fromServer, toClient := io.Pipe()
				ended := make(chan error, 1)
				go func() {
					ended <- tools.ServeStdio(ctx, w.mcp, tools.Caller{Identity: me}, tools.Limits{}, w.logger(), fromClient, toClient)
				}()
				if _, err := io.WriteString(toServer, hello); err != nil {
					t.Fatal(err)
				}
				synctest.Wait() // it answers
				begin := time.Now()
				end(stop, toServer)
				if err := <-ended; err == nil || !strings.Contains(err.Error(), "reads nothing") || time.Since(begin) > 10*time.Second {
					t.Errorf("after %s: %v", time.Since(begin), err)
				}
				fromServer.Close()
				toServer.Close()
			})
		})
	}
}

func TestStdioRefusesAFloodAndGoesOn(t *testing.T) {
	w := newWorld(t, func(s *setup) { s.api.Latency = 50 * time.Millisecond })
	input := hello
	for range 500 {
		input += toolCall("1", "get_server", `{"server":12345}`)
	}
	var out bytes.Buffer
	if err := tools.ServeStdio(t.Context(), w.mcp, tools.Caller{Identity: me}, tools.Limits{OpenPerPerson: 8}, w.logger(), strings.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 501 {
		t.Errorf("%d answers to 501 requests", lines)
	}
	if !strings.Contains(out.String(), "too many calls of one person's are open at a time") || !strings.Contains(out.String(), "web-server-01") {
		t.Error("all or none were refused")
	}
}

// A loop that ran away is told when to come back, and is let in then.
func TestStdioSlowsItsPersonDown(t *testing.T) {
	w := newWorld(t)
	now := clock()
	says := w.talk(tools.Limits{PersonRate: 0.5, PersonBurst: 3, Now: now.read})
	const refused = `"id":5,"error":{"code":429,"message":"these are too many calls of one person's; come back in 2 s"}`
	says(hello, `"result"`)
	says(toolCall("2", "get_server", `{"server":12345}`), `"id":2,"result"`)
	says(toolCall("3", "get_server", `{"server":12345}`), `"id":3,"result"`)
	for range 2 {
		says(toolCall("5", "start_server", `{"server":12345}`), refused)
	}
	now.pass(2)
	says(toolCall("6", "get_server", `{"server":12345}`), `"id":6,"result"`)
	says(toolCall("5", "start_server", `{"server":12345}`), refused)
	w.wantWrites()
}

// Whoever is beyond a limit can still answer what they were asked before.
func TestStdioDialogIsAnsweredBeyondTheLimit(t *testing.T) {
	w := newWorld(t)
	says := w.talk(tools.Limits{PersonRate: 1e-9, PersonBurst: 2})
	says(hello, `"result"`)
	says(toolCall("2", "reboot_server", `{"server":12345}`), "elicitation/create")
	says(toolCall("3", "get_server", `{"server":12345}`), "too many calls")
	says(`{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"confirm":true}}}`+"\n", `"id":2,"result"`)
	w.wantWrites("POST /servers/12345/reboot/")
}

// A dialog whose request was decided elsewhere must not stay on the screen.
func TestStdioDialogIsTakenAwayOnceItIsDecidedElsewhere(t *testing.T) {
	w := newWorld(t)
	s := w.dialStdio(tools.Limits{}, nil)
	s.send(hello)
	s.wantNext(`"id":0,"result"`)
	s.send(toolCall("7", "reboot_server", `{"server":12345}`))
	s.wantNext("elicitation/create")
	var open []ledger.Request
	err := w.audit.Read(t.Context(), func(tx ledger.ReadTx) (err error) {
		open, err = tx.Requests(ledger.Filter{States: []ledger.State{ledger.Pending}})
		return err
	})
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	w.vote(open[0].ID, true, "")
	s.wantNext(`"method":"notifications/cancelled","params":{"requestId":1,`)
	s.wantNext(`"id":7,"result"`)
}

// talk connects over stdio. What it returns sends a line, and holds the next one
// that is answered to what it should say.
func (w *world) talk(limits tools.Limits) (says func(line, want string)) {
	s := w.dialStdio(limits, nil)
	return func(line, want string) {
		w.t.Helper()
		s.send(line)
		s.wantNext(want)
	}
}

// wire is a connection over stdio, its messages as they are written.
type wire struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

// dialStdio connects; through, where given, stands before what the server
// writes to.
func (w *world) dialStdio(limits tools.Limits, through func(io.Writer) io.Writer) *wire {
	return w.dialStdioUntil(w.t.Context(), limits, through)
}

// dialStdioUntil is dialStdio to a server that ends with ctx.
func (w *world) dialStdioUntil(ctx context.Context, limits tools.Limits, through func(io.Writer) io.Writer) *wire {
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	out := io.Writer(toClient)
	if through != nil {
		out = through(out)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- tools.ServeStdio(ctx, w.mcp, tools.Caller{Identity: me}, limits, w.logger(), fromClient, out)
		toClient.Close()
	}()
	w.t.Cleanup(func() {
		toServer.Close()
		go func() { _, _ = io.Copy(io.Discard, fromServer) }() // what a test that failed did not read
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
	return &wire{w.t, toServer, bufio.NewScanner(fromServer)}
}

func (s *wire) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, text); err != nil {
		s.t.Fatal(err)
	}
}

// wantNext holds the next message to what it should say.
func (s *wire) wantNext(want string) (text string) {
	s.t.Helper()
	if s.out.Scan(); !strings.Contains(s.out.Text(), want) {
		s.t.Fatalf("answered %s, want %s", s.out.Text(), want)
	}
	return s.out.Text()
}
