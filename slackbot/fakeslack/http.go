package fakeslack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// endpoint is where an app listens.
type endpoint struct {
	base   string
	client *http.Client
	close  func() error
}

// DeliverTo makes deliveries by HTTP to an app's base URLs: one, or several
// instances that take turns. It replaces where they went before.
func (s *Slack) DeliverTo(bases ...string) {
	s.closeEndpoints()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, base := range bases {
		s.state.endpoints = append(s.state.endpoints, endpoint{base: strings.TrimSuffix(base, "/"), client: s.client})
	}
}

// DeliverToHandler is DeliverTo for a handler, called over connections that
// stay in memory. Close ends their requests' contexts, and waits for them.
func (s *Slack) DeliverToHandler(handlers ...http.Handler) {
	s.closeEndpoints()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, h := range handlers {
		l := newMemoryListener()
		server := &http.Server{
			Handler: s.tracked(h), ReadHeaderTimeout: time.Minute,
			BaseContext: func(net.Listener) context.Context { return s.ctx },
		}
		s.work.Go(func() { _ = server.Serve(l) })
		client := &http.Client{Transport: &http.Transport{DialContext: l.dial}, CheckRedirect: noRedirect}
		s.state.endpoints = append(s.state.endpoints, endpoint{
			base: "http://app" + strconv.Itoa(i) + ".test", client: client, close: server.Close,
		})
	}
}

func (s *Slack) closeEndpoints() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.state.endpoints {
		if e.close != nil {
			_ = e.close()
			e.client.CloseIdleConnections()
		}
	}
	s.state.endpoints = nil
}

// nextEndpoint is whose turn it is. Callers hold s.mu.
func (s *Slack) nextEndpoint() (endpoint, bool) {
	n := len(s.state.endpoints)
	if n == 0 {
		return endpoint{}, false
	}
	s.state.turn++
	return s.state.endpoints[s.state.turn%n], true
}

func (s *Slack) endpointOf(address string) endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.state.endpoints {
		if strings.HasPrefix(address, e.base+"/") {
			return e
		}
	}
	return endpoint{client: s.client}
}

func (s *Slack) deliverByHTTP(ctx context.Context, to endpoint, a *attempt) ack {
	contentType, body := a.body()
	header := http.Header{"Content-Type": {contentType}, "User-Agent": {"Slackbot 1.0 (+https://api.slack.com/robots)"}}
	at := a.at
	if at.IsZero() {
		at = s.opts.Now()
	}
	if !a.unsigned {
		SignHeader(header, a.secret, at, body)
	}
	if a.retry > 0 {
		header.Set(HeaderRetryNum, strconv.Itoa(a.retry))
		header.Set(HeaderRetryWhy, a.reason)
	}
	for name, value := range a.headers {
		header.Set(name, value)
	}
	if a.tamper != nil {
		body = a.tamper(body)
	}
	address := to.base + paths[a.kind]
	d := Delivered{Kind: string(a.kind), URL: address, Header: header, Body: body, At: time.Now(), Retry: a.retry}
	answer := s.send(ctx, to, address, header, body)
	s.record(d, answer)
	return answer
}

// body is how a delivery travels over HTTP.
func (a *attempt) body() (contentType string, body []byte) {
	switch a.kind {
	case command:
		form := url.Values{}
		for name, v := range a.payload {
			text, _ := v.(string)
			form.Set(name, text)
		}
		return "application/x-www-form-urlencoded", []byte(form.Encode())
	case event:
		return "application/json", payloadJSON(a)
	}
	form := url.Values{"payload": {string(payloadJSON(a))}}
	return "application/x-www-form-urlencoded", []byte(form.Encode())
}

func (s *Slack) send(ctx context.Context, to endpoint, address string, header http.Header, body []byte) ack {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return ack{code: DispatchFailed, err: err}
	}
	req.Header = header.Clone()
	resp, err := to.client.Do(req)
	if err != nil {
		return broken(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxRequest))
	if err != nil {
		return broken(err)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return ack{
		status: resp.StatusCode, json: kind == "application/json", body: text,
		final: resp.Header.Get("X-Slack-No-Retry") == "1",
	}
}

func broken(err error) ack {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return ack{code: OperationTimeout, err: err}
	}
	return ack{code: DispatchFailed, err: err}
}
