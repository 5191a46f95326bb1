package mcphttp

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/internal/inert"
	"vpsops/tools"
)

// exact is the size from which on a float64, over which the library's ids go, does
// not hold every whole number.
const exact = 1 << 53

const maxRefusal = 300 // runes of a refusal that is no message

// corrected puts right in the answer to body what the library can't be told: an
// error's code and text, and an id that it has rounded.
func corrected(w http.ResponseWriter, r *http.Request, body []byte) http.ResponseWriter {
	c := &correctingWriter{ResponseWriter: w, correction: &tools.EnvelopeFrom(r.Context()).Correction}
	if hasLongNumber(body) {
		c.id, c.rounded = roundedID(body)
	}
	return c
}

// hasLongNumber tells whether there are as many digits in a row as in 1<<53.
func hasLongNumber(body []byte) bool {
	digits := 0
	for _, b := range body {
		if b < '0' || b > '9' {
			digits = 0
			continue
		}
		if digits++; digits == len("9007199254740992") {
			return true
		}
	}
	return false
}

// roundedID returns a request's id as it was written and as the library writes it,
// or nil where it keeps it.
func roundedID(body []byte) (id, rounded []byte) {
	var m struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(body, &m) != nil {
		return nil, nil
	}
	number, err := strconv.ParseFloat(string(m.ID), 64)
	if err != nil || math.Abs(number) < exact {
		return nil, nil
	}
	if rounded, err = json.Marshal(number); err != nil || bytes.Equal(rounded, m.ID) {
		return nil, nil
	}
	return m.ID, rounded
}

// correctingWriter corrects an answer as it is written, which the library does in
// one piece, an event of a stream likewise.
type correctingWriter struct {
	http.ResponseWriter
	correction  *tools.Correction
	id, rounded []byte
	refused     bool
}

func (c *correctingWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *correctingWriter) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() } // what can't be flushed stays buffered

// WriteHeader gives the status that the newer era has for the error's code, where
// it isn't a stream's.
func (c *correctingWriter) WriteHeader(status int) {
	if c.correction.Code() == mcp.INVALID_PARAMS && status == http.StatusOK && c.Header().Get("Content-Type") == "application/json" {
		status = http.StatusBadRequest
	}
	c.refused = status >= http.StatusBadRequest
	c.ResponseWriter.WriteHeader(status)
}

// Write corrects a message: its error, and the beginning. In none of its texts can
// the same stand: quotation marks are escaped there.
func (c *correctingWriter) Write(p []byte) (int, error) {
	text := p
	switch {
	case bytes.Contains(p, []byte(`,"error":{"code":`)):
		text = c.error(p)
	case c.refused && strings.HasPrefix(c.Header().Get("Content-Type"), "text/plain"):
		text = []byte(refusal(string(p)))
	}
	if c.id != nil {
		text = bytes.Replace(text, messageOf(c.rounded), messageOf(c.id), 1)
	}
	if _, err := c.ResponseWriter.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// error corrects a message that is an error, or an event of a stream that holds
// one.
func (c *correctingWriter) error(p []byte) []byte {
	begin, end := bytes.IndexByte(p, '{'), bytes.LastIndexByte(p, '}')+1
	var m struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *struct {
			Code    int             `json:"code"`
			Message string          `json:"message"`
			Data    json.RawMessage `json:"data,omitempty"`
		} `json:"error"`
	}
	if json.Unmarshal(p[begin:end], &m) != nil || m.Error == nil { // it may stand in a result
		return p
	}
	e := mcp.JSONRPCErrorDetails{Code: m.Error.Code, Message: m.Error.Message}
	if m.Error.Data != nil {
		e.Data = m.Error.Data
	}
	var of mcp.UnsupportedProtocolVersionData
	if e.Code == mcp.UNSUPPORTED_PROTOCOL_VERSION && json.Unmarshal(m.Error.Data, &of) == nil {
		e.Data = of
	}
	c.correction.Error(&e)
	text, err := json.Marshal(struct {
		JSONRPC string                  `json:"jsonrpc"`
		ID      json.RawMessage         `json:"id"`
		Error   mcp.JSONRPCErrorDetails `json:"error"`
	}{m.JSONRPC, m.ID, e})
	if err != nil {
		return p
	}
	return slices.Concat(p[:begin], text, p[end:])
}

// refusals are the library's words for what it refuses, and better ones.
var refusals = map[string]string{
	"No pending sampling request found for the given request ID": "no dialog waits for this answer: it was answered already, or is over",
	"Invalid request ID in sampling response":                    "no dialog waits for this answer: its id is that of the request, a whole number",
}

// refusal is a refusal's text as it is told.
func refusal(text string) string {
	text = strings.TrimRight(text, "\n")
	if better, ok := refusals[text]; ok {
		text = better
	}
	return inert.Text(text, maxRefusal) + "\n"
}

func messageOf(id []byte) []byte { return []byte(`{"jsonrpc":"2.0","id":` + string(id) + `,`) }
