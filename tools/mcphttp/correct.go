package mcphttp

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/tools"
)

// exact is the size from which on a float64, over which the library's ids go, does
// not hold every whole number.
const exact = 1 << 53

// corrected puts right in the answer to body what the library can't be told: an
// error's code and words, and an id that it has rounded.
func corrected(w http.ResponseWriter, r *http.Request, body []byte) (http.ResponseWriter, *http.Request) {
	if r.Method != http.MethodPost {
		return w, r // a stream that answers nothing
	}
	ctx, correction := tools.WithCorrection(r.Context())
	c := &correctingWriter{ResponseWriter: w, correction: correction}
	if hasLongNumber(body) {
		c.id, c.rounded = roundedID(body)
	}
	return c, r.WithContext(ctx)
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
}

func (c *correctingWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *correctingWriter) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() } // what can't be flushed stays buffered

// WriteHeader gives the status that the newer era has for the error's code, where
// it isn't a stream's.
func (c *correctingWriter) WriteHeader(status int) {
	if c.correction.Code() == mcp.INVALID_PARAMS && status == http.StatusOK && c.Header().Get("Content-Type") == "application/json" {
		status = http.StatusBadRequest
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write corrects the beginning of a message. In none of its texts can the same
// stand: quotation marks are escaped there.
func (c *correctingWriter) Write(p []byte) (int, error) {
	text := p
	if code := c.correction.Code(); code != 0 {
		text = bytes.Replace(text, errorOf(mcp.INTERNAL_ERROR), errorOf(code), 1)
	}
	if library, plain := c.correction.Words(); plain != "" {
		text = bytes.Replace(text, quoted(library), quoted(plain), 1)
	}
	if c.id != nil {
		text = bytes.Replace(text, messageOf(c.rounded), messageOf(c.id), 1)
	}
	if _, err := c.ResponseWriter.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

func errorOf(code int) []byte { return []byte(`"error":{"code":` + strconv.Itoa(code) + `,`) }

// quoted is a text as the library writes it.
func quoted(text string) []byte {
	written, err := json.Marshal(text)
	if err != nil { // a string can be written
		return nil
	}
	return written
}

func messageOf(id []byte) []byte { return []byte(`{"jsonrpc":"2.0","id":` + string(id) + `,`) }
