package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// sender posts spans as OTLP over HTTP. The library's own one, otlptracehttp,
// brings gRPC along: three megabytes, and a millisecond of every start, of
// which an assistant makes one in each conversation.
type sender struct {
	to     destination
	client *http.Client
}

func newSender(to destination) *sender {
	return &sender{to: to, client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: to.tls, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the headers may hold a secret
	}}
}

// Start implements otlptrace.Client.
func (*sender) Start(context.Context) error { return nil }

// Stop implements otlptrace.Client.
func (s *sender) Stop(context.Context) error {
	s.client.CloseIdleConnections()
	return nil
}

const (
	maxTries  = 4
	firstWait = time.Second
	maxAnswer = 64 << 10
)

// UploadTraces implements otlptrace.Client. What the collector says may pass
// is sent again for as long as ctx lets it.
func (s *sender) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// On the wire this is the request's message: both have the spans as their
	// first field.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err == nil && s.to.gzip {
		body, err = zipped(body)
	}
	for try := 1; err == nil; try++ {
		again, failed := s.post(ctx, body)
		if failed == nil || again < 0 || try == maxTries {
			return failed
		}
		select {
		case <-ctx.Done():
			return failed
		case <-time.After(max(again, firstWait<<(try-1))):
		}
	}
	return err
}

// post sends once. The wait is negative where trying again is of no use.
func (s *sender) post(ctx context.Context, body []byte) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.to.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.to.url, bytes.NewReader(body))
	if err != nil {
		return -1, err
	}
	req.Header = s.to.headers.Clone()
	req.Header.Set("Content-Type", "application/x-protobuf")
	if s.to.gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer)) // so that the connection can be used again
	if resp.StatusCode/100 == 2 {
		return 0, nil
	}
	err = fmt.Errorf("the collector answers %d", resp.StatusCode)
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 where it says nothing
		return time.Duration(max(0, seconds)) * time.Second, err
	}
	return -1, err
}

func zipped(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}
