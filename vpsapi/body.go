package vpsapi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

var (
	errTooLarge = errors.New("the body is too large")
	errEncoding = errors.New("the body is encoded in a way that wasn't asked for")
	errTooDeep  = errors.New("the body is nested too deeply")
)

// maxDepth bounds the nesting of an answer; the API's own has four levels.
const maxDepth = 64

// readWhole is readBody that reads nothing of a body that says it is too large.
func readWhole(response *http.Response, limit int64) ([]byte, error) {
	if response.ContentLength > limit {
		return nil, errTooLarge
	}
	return readBody(response, limit)
}

// readBeginning is readBody that takes the beginning of a larger body for enough.
func readBeginning(response *http.Response, limit int64) ([]byte, error) {
	body, err := readBody(response, limit)
	if errors.Is(err, errTooLarge) {
		err = nil
	}
	return body, err
}

// readBody reads a body of at most limit bytes, both as received and after decompression, as valid UTF-8. With an error it
// returns what it has.
func readBody(response *http.Response, limit int64) ([]byte, error) {
	var (
		raw  = &cappedReader{from: response.Body, left: limit}
		body []byte
		err  error
	)
	switch encoding := response.Header.Get("Content-Encoding"); strings.ToLower(encoding) {
	case "", "identity":
		body, err = readAll(raw, response.ContentLength)
	case "gzip", "x-gzip":
		unpacked, fault := gzip.NewReader(raw)
		if fault != nil {
			return nil, fmt.Errorf("gzip: %w", fault)
		}
		body, err = readAll(&cappedReader{from: unpacked, left: limit}, -1)
	default:
		return nil, errEncoding
	}
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return body, err
}

// usualBody is what an answer may say it is long, in bytes, to get its memory at once.
const usualBody = 64 << 10

// readAll reads to the end, which is after length bytes where that is told, and not above zero where it isn't.
func readAll(from io.Reader, length int64) ([]byte, error) {
	if length > 0 && length <= usualBody {
		body := make([]byte, length)
		n, err := io.ReadFull(from, body)
		return body[:n], err
	}
	return io.ReadAll(from)
}

// cappedReader fails with errTooLarge at the first byte beyond its limit; io.LimitReader would end there as if all were well.
type cappedReader struct {
	from io.Reader
	left int64
}

func (r *cappedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > r.left+1 {
		p = p[:r.left+1]
	}
	n, err := r.from.Read(p)
	if int64(n) > r.left {
		n, r.left = int(r.left), 0
		return n, errTooLarge
	}
	r.left -= int64(n)
	return n, err
}

// inspect is inspectJSON of the body.
func (a *answer) inspect() error {
	if a.plain = isPlainJSON(a.body); a.plain && a.body[skipSpace(a.body, 0)] == '{' {
		return nil
	}
	return inspectJSON(a.body)
}

// inspectJSON refuses a body that isn't an object or that decoding would choke on, and tells one that was cut off
// (io.ErrUnexpectedEOF) from one that never was JSON. It is no validation: decoding does that.
func inspectJSON(body []byte) error {
	start := skipSpace(body, 0)
	if start >= len(body) {
		return io.ErrUnexpectedEOF
	}
	if body[start] != '{' {
		return errNotObject
	}
	return inspectDepth(body)
}

func inspectDepth(body []byte) error {
	depth := 0
	for i := 0; i < len(body); {
		switch body[i] {
		case '"':
			i = skipString(body, i)
			continue
		case '{', '[':
			if depth++; depth > maxDepth {
				return errTooDeep
			}
		case '}', ']':
			depth--
		}
		i++
	}
	if depth > 0 {
		return io.ErrUnexpectedEOF
	}
	return nil
}
