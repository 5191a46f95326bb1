package vpsapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
)

// sendError is an exchange without an answer.
type sendError struct {
	sent bool // something of the request may have left
	err  error
}

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// exchange hands one request to one connection and reads the answer. It returns a [*sendError] where no status came; what went
// wrong past the status stands in the answer.
func (c *client) exchange(ctx context.Context, call *call) (*answer, error) {
	gate := &gate{before: call.before}
	response, err := c.wire.transport.RoundTrip(c.request(gate.trace(ctx), call))
	if err != nil {
		return nil, gate.failure(ctx, cleaned(err, c.token))
	}
	defer response.Body.Close()
	got := &answer{status: response.StatusCode, header: response.Header}
	switch {
	case call.op.succeeded(response.StatusCode):
		got.body, got.bodyErr = readWhole(response, call.op.bodyCap())
	case response.StatusCode >= 400:
		got.body, got.bodyErr = readBeginning(response, maxErrorBody)
	}
	if got.bodyErr != nil && ctx.Err() != nil {
		got.bodyErr = ctx.Err()
	}
	return got, nil
}

// failure says what is known of a request that got no answer.
func (g *gate) failure(ctx context.Context, err error) *sendError {
	sent := g.close()
	switch {
	case g.err != nil:
		err = g.err
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, errResend), errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return &sendError{sent: sent, err: err}
}

// headersFor makes the headers of a client's requests once, for all of them: net/http only reads them. They stay within the
// function for the reason that a [Token] is one.
func headersFor(token Token, userAgent string) func(*operation) http.Header {
	one := http.Header{
		"Authorization":   {"Bearer " + token.secret()},
		"Content-Type":    {"application/json"},
		"Accept":          {"application/json"},
		"Accept-Encoding": {"identity"}, // one server is smaller than the work of unpacking it
		"User-Agent":      {userAgent},
	}
	list := one.Clone()
	list.Set("Accept-Encoding", "gzip")
	return func(op *operation) http.Header {
		if op.list {
			return list
		}
		return one
	}
}

// request is the call as HTTP. It has no GetBody and no Idempotency-Key: with either, net/http would send it again by itself.
func (c *client) request(ctx context.Context, call *call) *http.Request {
	r := (&http.Request{
		Method: call.op.method,
		URL:    call.url,
		Host:   call.url.Host,
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.header(call.op),
		Body:   http.NoBody,
	}).WithContext(ctx)
	if call.body != nil {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(call.body)), int64(len(call.body))
	}
	return r
}

// isPermanent reports whether a connection that failed so would fail so again.
func isPermanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		option      *OptionError
		lookup      *net.DNSError
	)
	if errors.As(err, &lookup) && lookup.IsNotFound {
		return true
	}
	return errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &option)
}
