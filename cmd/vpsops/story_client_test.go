package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/rogpeppe/go-internal/testscript"
)

// assistant is an MCP client, and whoever answers its dialogs.
type assistant struct {
	*client.Client
	yes     bool
	dialogs atomic.Int32
	stdin   *os.File // of a server over stdio
	begun   chan answer
	old     bool // speaks an older era of the protocol
	notices notices
}

// answer is a tool's.
type answer struct {
	result *mcp.CallToolResult
	err    error
}

// Elicit answers a dialog as the assistant's user would.
func (a *assistant) Elicit(_ context.Context, r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	a.dialogs.Add(1)
	var response mcp.ElicitationResponse
	response.Action = mcp.ElicitationResponseActionDecline
	if a.yes {
		response.Action, response.Content = mcp.ElicitationResponseActionAccept, map[string]any{"confirm": true}
	}
	return &mcp.ElicitationResult{ElicitationResponse: response}, nil
}

func (a *assistant) close() {
	if a.stdin != nil {
		_ = a.stdin.Close() // the end of input is how a host ends a server
	}
	_ = a.Close() // the server may be gone
}

func cmdConnect(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	const usage = "connect stdio|http old|new yes|no|deaf [ARG…]"
	arguments(ts, args, 3, -1, usage)
	w, a := worldOf(ts), &assistant{}
	if w.client != nil {
		w.client.close()
	}
	// A program that is slow to start is not one of the older era.
	options := []client.ClientOption{client.WithDiscoverTimeout(patience)}
	switch args[2] {
	case "yes", "no":
		a.yes = args[2] == "yes"
		options = append(options, client.WithElicitationHandler(a))
	case "deaf":
	default:
		ts.Fatalf("usage: %s", usage)
	}
	old := args[1] == "old"
	if old {
		options = append(options, client.WithProtocolVersion(mcp.LATEST_LEGACY_PROTOCOL_VERSION))
	}
	a.old, a.notices.more = old, make(chan struct{})
	a.Client = client.NewClient(transportTo(ts, a, args[0], args[3:]), options...)
	a.OnNotification(a.notices.add)
	w.client = a
	ctx, cancel := patiently()
	defer cancel()
	ts.Check(a.Start(context.Background()))
	var hello mcp.InitializeRequest
	hello.Params.ClientInfo = mcp.Implementation{Name: "story", Version: "1"}
	got, err := a.Initialize(ctx, hello)
	ts.Check(err)
	if mcp.IsModernProtocol(got.ProtocolVersion) == old {
		ts.Fatalf("the server chose %s", got.ProtocolVersion)
	}
}

func transportTo(ts *testscript.TestScript, a *assistant, way string, args []string) transport.Interface {
	if way == "http" {
		options := []transport.StreamableHTTPCOption{transport.WithHTTPLogger(slog.New(slog.DiscardHandler))}
		if a.old { // the newer era's has subscriptions/listen
			options = append(options, transport.WithContinuousListening()) //nolint:staticcheck // most installed clients do so
		}
		t, err := transport.NewStreamableHTTP(ts.Getenv("MCP"), options...)
		ts.Check(err)
		return t
	}
	in, toServer := pipe(ts)
	p := start(ts, "mcp", in, append([]string{"mcp"}, args...)...)
	_ = in.Close() // the server's end is the server's
	a.stdin = toServer
	fromServer := &reader{o: p.stdout}
	return transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader("")))
}

// reader reads an output from its beginning as it grows.
type reader struct {
	o  *output
	at int
}

func (r *reader) Read(p []byte) (int, error) {
	for {
		text, changed, over := r.o.now()
		if n := copy(p, text[r.at:]); n > 0 {
			r.at += n
			return n, nil
		}
		if over {
			return 0, io.EOF
		}
		<-changed
	}
}

// onlyProtocol fails the story where a line is no message of the protocol.
func onlyProtocol(w *world, stdout string) {
	for line := range strings.Lines(stdout) {
		var m struct {
			JSONRPC string `json:"jsonrpc"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.JSONRPC != mcp.JSONRPC_VERSION {
			w.t.Errorf("mcp wrote to stdout what is no message: %q", line)
		}
	}
}

func connected(ts *testscript.TestScript) *assistant {
	a := worldOf(ts).client
	if a == nil {
		ts.Fatalf("no client is connected")
	}
	return a
}

func cmdTools(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "tools")
	ctx, cancel := patiently()
	defer cancel()
	list, err := connected(ts).ListTools(ctx, mcp.ListToolsRequest{})
	ts.Check(err)
	for _, tool := range list.Tools {
		show(ts, "%s\n", tool.Name)
	}
}

func (a *assistant) callTool(tool, arguments string) answer {
	ctx, cancel := patiently()
	defer cancel()
	var r mcp.CallToolRequest
	r.Params.Name, r.Params.RawArguments = tool, json.RawMessage(arguments)
	result, err := a.CallTool(ctx, r)
	return answer{result, err}
}

func cmdCall(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, args, 1, 2, "call TOOL JSON")
	heed(ts, neg, connected(ts).callTool(args[0], argumentsOf(args)))
}

func argumentsOf(args []string) string {
	if len(args) < 2 {
		return "{}"
	}
	return args[1]
}

func cmdBegin(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 2, "begin TOOL JSON")
	a := connected(ts)
	begun := make(chan answer, 1)
	a.begun = begun
	go func() { begun <- a.callTool(args[0], argumentsOf(args)) }()
}

func cmdEnd(ts *testscript.TestScript, neg bool, args []string) {
	arguments(ts, args, 0, 0, "end")
	begun := connected(ts).begun
	if begun == nil {
		ts.Fatalf("no call was begun")
	}
	heed(ts, neg, <-begun)
}

// heed shows an answer to the story. What it tells of the request and the
// server stays in variables.
func heed(ts *testscript.TestScript, wantError bool, a answer) {
	ts.Check(a.err)
	text, err := json.Marshal(a.result)
	ts.Check(err)
	worldOf(ts).heard("a tool's answer", string(text))
	structured, err := json.Marshal(a.result.StructuredContent)
	ts.Check(err)
	var out struct {
		Outcome   string `json:"outcome"`
		State     string `json:"state"`
		RequestID string `json:"request_id"`
		Server    struct {
			ID json.Number `json:"id"`
		} `json:"server"`
	}
	ts.Check(json.Unmarshal(structured, &out))
	if out.Outcome != "" {
		show(ts, "%s, %s\n", out.Outcome, out.State)
	}
	for _, part := range a.result.Content {
		if text, ok := part.(mcp.TextContent); ok {
			show(ts, "%s\n", text.Text)
		}
	}
	if out.RequestID != "" {
		ts.Setenv("REQUEST", out.RequestID)
	}
	if out.Server.ID != "" {
		ts.Setenv("SERVER", out.Server.ID.String())
	}
	if a.result.IsError != wantError {
		ts.Fatalf("isError is %v", a.result.IsError)
	}
}

func cmdFlood(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 0, 0, "flood")
	a := connected(ts)
	ctx, cancel := patiently()
	defer cancel()
	const atOnce = 16
	refusals := make(chan error, atOnce)
	for range atOnce {
		go func() {
			var err error
			for err == nil {
				err = a.Ping(ctx) //nolint:staticcheck // the least of calls
			}
			refusals <- err
		}()
	}
	for range atOnce {
		show(ts, "%v\n", <-refusals)
	}
	for a.Ping(ctx) != nil { //nolint:staticcheck // likewise
		ts.Check(ctx.Err())
	}
}

func cmdDialogs(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "dialogs N")
	if got := fmt.Sprint(connected(ts).dialogs.Load()); got != args[0] {
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		ts.Fatalf("the client was asked %s times, want %d", got, want)
	}
}
