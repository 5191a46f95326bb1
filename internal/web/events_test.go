package web_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpsops/internal/web"
	"vpsops/policy/ledger"
)

// eventStream is a page's stream of events as a browser reads it.
type eventStream struct {
	response
	events chan string // closed when the stream ends
}

// follow opens the stream that a page names.
func (b *browser) follow(path string) *eventStream {
	b.t.Helper()
	r := b.get(path)
	_, rest, named := strings.Cut(r.body, `data-events="`)
	if !named {
		b.t.Fatalf("the page names no stream: %s", r.body)
	}
	address, _, _ := strings.Cut(rest, `"`)
	return b.stream(address)
}

func (b *browser) stream(path string) *eventStream {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Origin+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.identity != "" {
		r.Header.Set("X-Test-Identity", b.identity)
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	s := &eventStream{response{b.t, res.StatusCode, res.Header, ""}, make(chan string, 100)}
	b.t.Cleanup(func() { res.Body.Close() })
	go s.read(res.Body)
	return s
}

func (s *eventStream) read(body io.Reader) {
	defer close(s.events)
	for lines := bufio.NewScanner(body); lines.Scan(); {
		if name, is := strings.CutPrefix(lines.Text(), "event: "); is {
			s.events <- name
		}
	}
}

// says waits for the next event; "" is the stream's end.
func (s *eventStream) says(want string) {
	s.t.Helper()
	select {
	case got := <-s.events:
		if got != want {
			s.t.Errorf("the stream says %q, want %q", got, want)
		}
	case <-time.After(20 * time.Second):
		s.t.Fatalf("the stream says nothing; wanted %q", want)
	}
}

func TestAPageLearnsThatAnotherHasVoted(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	page, list := s.as("ben").follow("/requests/"+id), s.as("ben").follow("/requests")
	for _, stream := range []*eventStream{page, list} {
		stream.want(http.StatusOK)
		for name, want := range map[string]string{"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", "Cache-Control": "no-store"} {
			if got := stream.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	s.as("cy").vote(id, "deny")
	page.says("look")
	list.says("look")
}

func TestWhatChangedBeforeTheStreamStoodIsToldAtOnce(t *testing.T) {
	s := newStand(t, options{})
	id := s.AskReboot("ana")
	s.as("ben").stream("/requests/" + id + "/events?face=another").says("look")
}

func TestWhatIsNoneOfAPersonsBusinessMovesNothing(t *testing.T) {
	s := newStand(t, options{Page: func(c *web.Config) { c.KeepAlive = 10 * time.Millisecond }})
	id := s.AskDelete("ana")
	if r := s.as("dan").stream("/requests/" + id + "/events"); r.status != http.StatusNotFound {
		t.Errorf("another's request: %d", r.status)
	}
	if r := s.newBrowser().stream("/requests/events"); r.status != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", r.status)
	}
	list := s.as("dan").follow("/requests")
	s.as("ana").vote(id, "deny")
	own := s.AskDelete("dan")
	list.says("look") // the one about dan's own
	if s.State(own) != ledger.Pending {
		t.Error("dan's request is not pending")
	}
	if len(list.events) > 0 {
		t.Errorf("dan hears of others' requests: %s", <-list.events)
	}
}

func TestAStreamEndsWithItsSignIn(t *testing.T) {
	s := newStand(t, options{Page: func(c *web.Config) { c.KeepAlive = 10 * time.Millisecond }})
	ana := s.byLink("ana")
	stream := ana.follow("/requests")
	other := s.byLink("ana").follow("/requests")
	ana.post("/logout", url.Values{"sign_out": {ana.get("/requests").field("sign_out")}}).want(http.StatusSeeOther)
	stream.says("end")
	stream.says("")
	s.Clock.Advance(9 * time.Hour)
	other.says("end")
	other.says("")
}

func TestHeadOpensNoStream(t *testing.T) {
	s := newStand(t, options{})
	ana := s.as("ana")
	for range 40 { // more than are let stay open
		r, err := http.NewRequest(http.MethodHead, s.Origin+"/requests/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer := ana.do(r); answer.status != http.StatusOK || answer.header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("%d %v", answer.status, answer.header)
		}
	}
	ana.stream("/requests/events?face=another").says("look")
}

func TestStreamsAreBoundedAndEndWithThePage(t *testing.T) {
	s := newStand(t, options{})
	ana := s.as("ana")
	var open []*eventStream
	for range 32 {
		open = append(open, ana.follow("/requests"))
	}
	if r := ana.stream("/requests/events"); r.status != http.StatusTooManyRequests {
		t.Errorf("one more: %d", r.status)
	}
	if r := s.as("ben").stream("/requests/events"); r.status != http.StatusOK {
		t.Errorf("another person's: %d", r.status)
	}
	s.Page.Close()
	for _, stream := range open {
		stream.says("")
	}
}
