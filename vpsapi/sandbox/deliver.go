package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// deliver carries a call out, or not, and answers it, or not, as the fault
// that strikes it says; without one, as the API would.
func (s *Sandbox) deliver(w http.ResponseWriter, r *http.Request, c *call, f *Fault) {
	if f == nil {
		s.patiently(r, c, s.opts.Latency)
		s.send(w, c, s.execute(c))
		return
	}
	if f.Kind == KindDelay {
		s.patiently(r, c, s.opts.Latency+f.Delay)
		s.send(w, c, s.execute(c))
		return
	}
	var a answer
	if f.Kind.executes() {
		s.patiently(r, c, s.opts.Latency)
		a = s.execute(c)
	}
	s.strike(w, r, c, f, a)
}

// patiently waits before a call is carried out. A client that goes meanwhile
// does not stop a real service: a write is carried out when its time has come,
// answered to nobody.
func (s *Sandbox) patiently(r *http.Request, c *call, d time.Duration) {
	begun := time.Now()
	if wait(r.Context(), d) {
		return
	}
	if c.method != http.MethodGet && c.method != http.MethodHead {
		time.AfterFunc(d-time.Since(begun), func() { s.execute(c) })
	}
	panic(http.ErrAbortHandler)
}

// wait says whether the client was still there at its end.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// strike answers a call as a fault says. a is the API's own answer where the
// fault's kind executes.
func (s *Sandbox) strike(w http.ResponseWriter, r *http.Request, c *call, f *Fault, a answer) {
	switch f.Kind {
	case KindHangAfter:
		hang(r.Context(), f.Delay)
	case KindSlowBody:
		s.trickle(w, r, c, f, a)
		return
	}
	if !wait(r.Context(), f.Delay) {
		panic(http.ErrAbortHandler)
	}
	switch f.Kind {
	case KindStatus:
		s.send(w, c, f.answer(f.Status, f.Body))
	case KindRedirect:
		s.send(w, c, f.redirect(c))
	case KindGarbage:
		s.send(w, c, f.answer(cmp.Or(f.Status, http.StatusOK), cmp.Or(f.Body, garbage)))
	case KindTruncate:
		s.truncate(w, c, f, a)
	case KindHugeBody:
		s.sendHuge(w, r, c, f, a)
	default:
		panic(http.ErrAbortHandler)
	}
}

func hang(ctx context.Context, d time.Duration) {
	if d > 0 {
		wait(ctx, d)
	} else {
		<-ctx.Done()
	}
	panic(http.ErrAbortHandler)
}

const garbage = "<!doctype html><html><head><title>Service</title></head><body><h1>It works!</h1></body></html>\n"

// answer is what a fault says in the API's place.
func (f *Fault) answer(status int, body string) answer {
	a := answer{status: status, header: http.Header{}, body: []byte(body)}
	switch {
	case body == "":
	case json.Valid(a.body):
		a.header.Set("Content-Type", "application/json")
	case strings.HasPrefix(strings.TrimSpace(body), "<"):
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	default:
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	f.setHeaders(a.header)
	return a
}

func (f *Fault) setHeaders(h http.Header) {
	for k, v := range f.Headers {
		h.Set(k, v)
	}
}

func (f *Fault) redirect(c *call) answer {
	a := f.answer(cmp.Or(f.Status, http.StatusFound), f.Body)
	if a.header.Get("Location") == "" {
		rest := strings.TrimPrefix(c.path, BasePath)
		a.header.Set("Location", BasePath+"/moved"+rest)
	}
	return a
}

// send answers whole.
func (s *Sandbox) send(w http.ResponseWriter, c *call, a answer) {
	s.sendHead(w, c, a)
	write(w, a.body)
}

// write reports whether the client still takes it. 204 and 304 have no body,
// and a HEAD's is dropped by net/http.
func write(w http.ResponseWriter, p []byte) bool {
	_, err := w.Write(p)
	return err == nil
}

// sendHead sends all but the body. The log has the code before the client has.
func (s *Sandbox) sendHead(w http.ResponseWriter, c *call, a answer) {
	h := w.Header()
	if len(a.body) > 0 && a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	h.Set("X-Request-Id", requestID(c))
	maps.Copy(h, a.header)
	s.noteStatus(c, a.status)
	w.WriteHeader(a.status)
}

// truncate cuts an answer in its middle.
func (s *Sandbox) truncate(w http.ResponseWriter, c *call, f *Fault, a answer) {
	if len(a.body) == 0 || c.method == http.MethodHead {
		cutHead(w, a.status)
	}
	f.setHeaders(a.header)
	s.sendHead(w, c, a)
	write(w, a.body[:len(a.body)/2])
	flush(w)
	panic(http.ErrAbortHandler)
}

// cutHead sends the beginning of a status line, where the connection can be
// had for it (HTTP/1), and ends the connection.
func cutHead(w http.ResponseWriter, status int) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d", status)
	_ = conn.Close()
	panic(http.ErrAbortHandler)
}

// flush is best effort: a writer that can't be flushed only sends later.
func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// trickle sends the body in pieces of equal size at equal intervals.
func (s *Sandbox) trickle(w http.ResponseWriter, r *http.Request, c *call, f *Fault, a answer) {
	f.setHeaders(a.header)
	d := cmp.Or(f.Delay, defaultSlowBody)
	pieces := min(len(a.body), 40)
	if pieces == 0 {
		if !wait(r.Context(), d) {
			panic(http.ErrAbortHandler)
		}
		s.send(w, c, a)
		return
	}
	s.sendHead(w, c, a)
	flush(w)
	for i := range pieces {
		if !wait(r.Context(), d/time.Duration(pieces)) {
			panic(http.ErrAbortHandler)
		}
		write(w, a.body[i*len(a.body)/pieces:(i+1)*len(a.body)/pieces])
		flush(w)
	}
}

// sendHuge sends a body that only its size is wrong with.
func (s *Sandbox) sendHuge(w http.ResponseWriter, r *http.Request, c *call, f *Fault, a answer) {
	size := cmp.Or(f.Size, defaultHugeBody)
	body := a.body
	if a.status == http.StatusNoContent {
		a.status = http.StatusOK
	}
	if int64(len(body)) > size {
		body = nil
	}
	a.header.Set("Content-Length", strconv.FormatInt(size, 10))
	a.header.Set("Content-Type", "application/json")
	f.setHeaders(a.header)
	a.body = nil
	s.sendHead(w, c, a)
	blanks := bytes.Repeat([]byte(" "), 64<<10)
	for left := size - int64(len(body)); left > 0; {
		piece := blanks[:min(left, int64(len(blanks)))]
		if !write(w, piece) || r.Context().Err() != nil {
			panic(http.ErrAbortHandler)
		}
		left -= int64(len(piece))
	}
	write(w, body)
}
