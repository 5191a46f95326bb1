package fakeslack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Slack is the simulated service: a workspace, its people, and the API. It is
// safe for concurrent use.
type Slack struct {
	opts   Options
	server *http.Server
	listen net.Listener
	client *http.Client // of deliveries
	base   string

	ctx  context.Context // ends with Close
	end  context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, by every change
	state   state
}

// state is everything that changes; Slack.mu guards it.
type state struct {
	ahead   time.Duration // by which Advance moved the clock
	counter int           // of all ids
	scopes  []string
	revoked string // the error that the bot token is answered with

	users    map[string]User
	channels map[string]Channel
	groups   map[string]UserGroup

	messages  messages
	entered   map[string]values // by person and message: what was chosen in it
	triggers  map[string]*trigger
	responses map[string]*responseURL
	stacks    map[string][]*View // open modals, by user, the top last
	homes     map[string]*View   // by user

	calls      []Call
	forgot     int // calls before those, that Forget took away
	deliveries []Delivered
	faults     []*Fault
	paced      map[string][]time.Time // by what is paced, for Pace

	endpoints []endpoint // where HTTP deliveries go, in turn
	turn      int
	sockets   sockets
}

// Start starts a Slack. It serves until Close.
func Start(opts Options) (*Slack, error) {
	opts = opts.withDefaults()
	s := &Slack{opts: opts, changed: make(chan struct{}), state: newState(opts)}
	s.ctx, s.end = context.WithCancel(context.Background())
	if err := s.open(); err != nil {
		return nil, err
	}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, CheckRedirect: noRedirect}
	s.server = &http.Server{
		Handler:           s.tracked(s.handler()),
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
	}
	s.work.Go(func() { _ = s.server.Serve(s.listen) })
	return s, nil
}

func (s *Slack) open() error {
	if s.opts.Memory {
		s.listen, s.base = newMemoryListener(), memoryAddress
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.listen, s.base = l, "http://"+l.Addr().String()
	return nil
}

// tracked lets Close wait for handlers, those of hijacked connections too.
func (s *Slack) tracked(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.ctx.Err() != nil {
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		s.work.Add(1)
		s.mu.Unlock()
		defer s.work.Done()
		h.ServeHTTP(w, r)
	})
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newState(opts Options) state {
	st := state{
		scopes:    opts.App.Scopes,
		users:     map[string]User{},
		channels:  map[string]Channel{},
		groups:    map[string]UserGroup{},
		messages:  newMessages(),
		entered:   map[string]values{},
		triggers:  map[string]*trigger{},
		responses: map[string]*responseURL{},
		stacks:    map[string][]*View{},
		homes:     map[string]*View{},
		paced:     map[string][]time.Time{},
		sockets:   newSockets(),
	}
	st.users[opts.App.BotUser] = User{
		ID: opts.App.BotUser, Team: opts.Team.ID, Name: opts.App.Name, RealName: opts.App.Name, Bot: true,
	}
	return st
}

// URL is what SLACK_API_URL is set to, with the final slash that Slack's has.
func (s *Slack) URL() string { return s.base + "/api/" }

// Team is the workspace, with its defaults filled in.
func (s *Slack) Team() Team { return s.opts.Team }

// App is the app, with its defaults filled in.
func (s *Slack) App() App { return s.opts.App }

// Close ends it: connections are cut, what waits gives up.
func (s *Slack) Close() error {
	s.mu.Lock()
	s.end() // under the lock: no handler begins after it
	s.mu.Unlock()
	s.closeSockets()
	err := s.server.Close()
	s.closeEndpoints()
	s.client.CloseIdleConnections()
	s.work.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Advance moves the clock by which trigger ids, response_urls and rates age. The
// times of signatures stay.
func (s *Slack) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.ahead += d
	s.change()
}

// now is the clock of what ages. Callers hold s.mu.
func (s *Slack) now() time.Time { return s.opts.Now().Add(s.state.ahead) }

// change wakes whoever waits for one. Callers hold s.mu.
func (s *Slack) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Await returns once done is true, which it asks after every change; else with
// ctx's error. done may look at the Slack (Messages, Calls, …).
func (s *Slack) Await(ctx context.Context, done func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if done() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.ctx.Done():
			return errClosed
		}
	}
}

var errClosed = errors.New("fakeslack: closed")
