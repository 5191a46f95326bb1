package socket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/internal/leaktest"
	"vpsops/slackbot/delivery"
	"vpsops/slackbot/socket"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }

// bot notes what it is handed, and answers as it is told.
type bot struct {
	mu     sync.Mutex
	got    []delivery.Delivery
	handle func(context.Context, delivery.Delivery) (delivery.Ack, error)
}

func (b *bot) Handle(ctx context.Context, d delivery.Delivery) (delivery.Ack, error) {
	b.mu.Lock()
	b.got = append(b.got, d)
	handle := b.handle
	b.mu.Unlock()
	if handle == nil {
		return delivery.Ack{}, nil
	}
	return handle(ctx, d)
}

func (b *bot) handed() []delivery.Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivery.Delivery(nil), b.got...)
}

func (b *bot) does(handle func(context.Context, delivery.Delivery) (delivery.Ack, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handle = handle
}

func answers(body string) func(context.Context, delivery.Delivery) (delivery.Ack, error) {
	return func(context.Context, delivery.Delivery) (delivery.Ack, error) {
		return delivery.Ack{Body: json.RawMessage(body)}, nil
	}
}

// stand is a client that runs against a slackd, from the first time that a
// connection is asked of it.
type stand struct {
	*slackd
	bot     bot
	client  *socket.Client
	started sync.Once
	stop    context.CancelFunc
	ended   chan error
	refused chan string
	live    atomic.Int64
	log     *log
}

// story runs a test on fake time.
func story(t *testing.T, f func(*stand), change ...func(*socket.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, change...)
		f(s)
		s.end()
	})
}

func newStand(t testing.TB, change ...func(*socket.Config)) *stand {
	s := &stand{slackd: newSlackd(t), ended: make(chan error, 1), refused: make(chan string, 64), log: &log{}}
	c := socket.Config{
		AppToken: appToken, APIURL: "http://127.0.0.1/api", Connections: 1,
		Accept:      delivery.Accept{Apps: []string{app}, Teams: []string{team}},
		Handler:     &s.bot,
		Refused:     func(why string) { s.refused <- why },
		Live:        func(n int) { s.live.Store(int64(n)) },
		Logger:      slog.New(slog.NewTextHandler(s.log, nil)),
		HTTPClient:  &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: s.net.dial, DisableKeepAlives: true}},
		DialContext: s.net.dial,
	}
	for _, f := range change {
		f(&c)
	}
	client, err := socket.New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.client = client
	return s
}

func (s *stand) start() {
	s.started.Do(func() {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		go func() { s.ended <- s.client.Run(ctx) }()
	})
}

// end stops the client, which must end well, and looks at what it logged.
func (s *stand) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Errorf("Run ended with %v", err)
	}
	if n := s.live.Load(); n != 0 || s.client.State().Live != 0 {
		s.t.Errorf("at the end %d connections stand", n)
	}
	s.tidy()
}

func (s *stand) tidy() {
	s.t.Helper()
	s.stop()
	if said := s.log.String(); strings.Contains(said, "canary") || strings.Contains(said, "ticket") {
		s.t.Errorf("a secret stands in the log: %s", said)
	}
	_ = s.server.Close()
}

// fatal wants Run to end by itself.
func (s *stand) fatal() *socket.FatalError {
	s.t.Helper()
	s.start()
	var f *socket.FatalError
	select {
	case err := <-s.ended:
		if !errors.As(err, &f) {
			s.t.Fatalf("Run ended with %v", err)
		}
	case <-time.After(time.Minute):
		s.t.Fatal("Run goes on")
	}
	s.tidy()
	return f
}

// next waits for a connection that was greeted.
func (s *stand) next() *link {
	s.t.Helper()
	s.start()
	select {
	case l := <-s.links:
		return l
	case <-time.After(10 * time.Minute):
		s.t.Fatal("no connection came")
		return nil
	}
}

// log is written to by many.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
