package tools

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const maxLine = 4 << 20 // bytes of a message

// NoBatches is what is answered to JSON that is no message, over either
// transport. Only one revision of the protocol had batches, 2025-03-26.
const NoBatches = "a message is one JSON-RPC object: send those of a batch one by one"

// NoID is what is answered to a request whose id is none (the protocol's basic
// message format: a string or a number, never null).
const NoID = "a request's id is a string or a number"

// LacksID recognises a request with an id that is none. A notification may come
// with an id of null, which some clients write for there being none.
func LacksID(body []byte) bool {
	const id = `"id"`
	for rest := body; ; { // most bodies needn't be decoded
		i := bytes.Index(rest, []byte(id))
		if i < 0 {
			return false
		}
		rest = rest[i+len(id):]
		value := bytes.TrimLeft(rest, " \t\r\n:")
		if len(value) > 0 && !isIDStart(value[0]) {
			break
		}
	}
	var m message
	return json.Unmarshal(body, &m) == nil && m.lacksID()
}

func isIDStart(c byte) bool { return c == '"' || c == '-' || '0' <= c && c <= '9' }

func (m *message) lacksID() bool {
	return m.Method != "" && !strings.HasPrefix(m.Method, "notifications/") && len(m.ID) > 0 && !isIDStart(m.ID[0])
}

// ServeStdio serves one client over a pair of streams, every call as the
// caller's. Requests beyond the limits are answered with an error that says when
// to come back; answers to dialogs and notifications always get in. It returns
// when in ends, after what is running has answered, or when ctx does, after what
// is running has answered or, some seconds later, has been told to end and has
// answered; ctx should then be the server's [Config.Ending], so that who only waits
// is answered at once. A request that the client cancels ends, and is not answered. Nothing but the protocol is written to out;
// a line that is no message is answered with an error, and so is a request that
// panics, of which logger is told more. The error is that of out, or says that
// nobody reads it: what cannot be written is given up soon after in or ctx has
// ended, and left behind.
//
// A read of in that is under way when ctx ends is left behind: it can't be
// interrupted, and what it brings is dropped.
//
// The library's own loop is not used: it cuts running calls off at the end of
// the input, serves five at a time, and keeps its session in a global.
func ServeStdio(ctx context.Context, s *server.MCPServer, c Caller, l Limits, logger *slog.Logger, in io.Reader, out io.Writer) error {
	session := newStdioSession(out)
	ctx = WithCaller(ctx, c)
	if err := s.RegisterSession(ctx, session); err != nil {
		return err
	}
	defer s.UnregisterSession(context.WithoutCancel(ctx), session.SessionID())

	calls, endCalls := until(context.WithoutCancel(ctx), lateAfter(ctx))
	defer endCalls()
	base := s.WithContext(calls, session)
	streams, endStreams := context.WithCancel(base) // requests that last as long as the connection
	defer endStreams()
	p := &stdio{
		mcp: s, session: session, caller: c, limits: NewLimiter(l), logger: logger,
		calls: base, streams: streams, inFlight: newInFlight(), noInput: make(chan struct{}),
	}

	served, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(served)
		ended, forwarded := make(chan struct{}), make(chan struct{})
		go func() { defer close(forwarded); session.forward(ended) }()
		p.read(ctx, in)
		session.hangUp() // no dialog is answered any more
		endStreams()
		p.running.Wait()
		close(ended)
		<-forwarded
	}()
	unread := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-p.noInput:
		case <-served:
			return
		}
		if session.stuck(over) {
			close(unread)
		}
	}()
	defer close(over)
	select {
	case <-served:
		return session.writeError()
	case <-unread:
		return errUnread
	}
}

// stdio is one connection.
type stdio struct {
	mcp            *server.MCPServer
	session        *stdioSession
	caller         Caller
	limits         *Limiter
	logger         *slog.Logger
	calls, streams context.Context
	inFlight       *inFlight
	running        sync.WaitGroup
	noInput        chan struct{} // closed when in has ended
}

// read takes messages until in or ctx ends, or nobody reads out.
func (p *stdio) read(ctx context.Context, in io.Reader) {
	lines := make(chan line)
	go func() { defer close(p.noInput); readLines(ctx, in, lines) }()
	for {
		select {
		case l, more := <-lines:
			if !more {
				return
			}
			p.take(l)
		case <-p.session.broken:
			return
		case <-ctx.Done():
			return
		}
	}
}

type line struct {
	text    []byte
	tooLong bool
}

// readLines splits in into lines. What is too long is skipped to its end.
func readLines(ctx context.Context, in io.Reader, lines chan<- line) {
	defer close(lines)
	r := bufio.NewReaderSize(in, 64<<10)
	var l line
	for {
		part, err := r.ReadSlice('\n')
		if l.tooLong = l.tooLong || len(l.text)+len(part) > maxLine; l.tooLong {
			l.text = nil
		} else {
			l.text = append(l.text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if len(l.text) > 0 || l.tooLong {
			select {
			case lines <- l:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
		l = line{}
	}
}

// message is what tells JSON-RPC's kinds of message apart.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

func (p *stdio) take(l line) {
	if l.tooLong {
		p.session.write(jsonError(nil, mcp.INVALID_REQUEST, "the message is longer than 4 MiB"))
		return
	}
	if isBlank(l.text) {
		return
	}
	var m message
	if err := json.Unmarshal(l.text, &m); err != nil {
		p.session.write(noMessage(l.text, m.ID, err))
		return
	}
	if m.lacksID() {
		p.session.write(jsonError(nil, mcp.INVALID_REQUEST, NoID))
		return
	}
	notifies := len(m.ID) == 0 || string(m.ID) == "null"
	switch {
	case m.Method == "" && (m.Result != nil || m.Error != nil):
		p.session.answered(m)
	case m.Method == "" && !notifies:
		p.session.write(jsonError(m.ID, mcp.INVALID_REQUEST, "a request names its method"))
	case notifies && m.Method == string(mcp.MethodNotificationCancelled):
		p.inFlight.takeBack(l.text)
	case notifies:
		p.handle(p.calls, m, l.text) // in turn: what comes after may hang on it
	default:
		p.request(m, l.text)
	}
}

// request handles a request beside others, within the limits.
func (p *stdio) request(m message, text []byte) {
	leave, refused := p.limits.Enter(p.caller)
	if refused != nil {
		p.session.write(jsonError(m.ID, refused.Status, refused.String()))
		return
	}
	lifetime := p.calls
	switch m.Method {
	case string(mcp.MethodInitialize):
		defer leave()
		p.handle(p.calls, m, text) // in turn, likewise
		return
	case string(mcp.MethodSubscriptionsListen):
		lifetime = p.streams
	}
	ctx, end := p.inFlight.begin(lifetime, m.ID) // before the next message is read, which may take it back
	p.running.Go(func() {
		defer leave()
		defer end()
		p.handle(ctx, m, text)
	})
}

func (p *stdio) handle(ctx context.Context, m message, text []byte) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		p.logger.Error("an MCP request panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		if len(m.ID) > 0 && !isTakenBack(ctx) {
			p.session.write(jsonError(m.ID, mcp.INTERNAL_ERROR, "internal error"))
		}
	}()
	if isTakenBack(ctx) { // before it began
		return
	}
	if m.Method == string(mcp.MethodSubscriptionsListen) {
		listening, stop := context.WithCancel(ctx)
		defer stop()
		ctx = Listening(listening, p.mcp)
	}
	envelope := &Envelope{Caller: callerFrom(ctx)}
	if response := p.mcp.HandleMessage(WithEnvelope(ctx, envelope), text); response != nil && !isTakenBack(ctx) {
		p.session.write(envelope.Correction.correct(response, m.ID))
	}
}

// noMessage answers what could not be read: as far as it was, its id is known.
func noMessage(text []byte, id json.RawMessage, err error) any {
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return jsonError(nil, mcp.PARSE_ERROR, "not JSON: a message is a JSON object on a line of its own")
	}
	if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r"), []byte("[")) {
		return jsonError(nil, mcp.INVALID_REQUEST, NoBatches)
	}
	return jsonError(id, mcp.INVALID_REQUEST, "a message is one JSON-RPC object, and its method a string")
}

func isBlank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func jsonError(id json.RawMessage, code int, text string) any {
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	type fault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	return struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   fault           `json:"error"`
	}{mcp.JSONRPC_VERSION, id, fault{code, text}}
}
