package web

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// event is what a stream says; eventNone is a sign of life.
type event string

const (
	eventNone event = ": \n\n"
	eventLook event = "event: look\ndata:\n\n"
	eventEnd  event = "event: end\ndata:\n\n"
)

// eventWriter writes events to a browser that may be slow, or gone.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// begin answers with the stream's head. The server's own time-outs are for
// answers that end.
func (e eventWriter) begin() error {
	setEventHeaders(e.w)
	if err := e.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	e.w.WriteHeader(http.StatusOK)
	return e.control.Flush()
}

// write sends an event, or fails where it is not taken in time.
func (e eventWriter) write(what event) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := io.WriteString(e.w, string(what)); err != nil {
		return err
	}
	return e.control.Flush()
}

func setEventHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
}
