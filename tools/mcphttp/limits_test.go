package mcphttp_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/tools"
	"vpsops/tools/mcphttp"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func limited(t *testing.T, l mcphttp.Limits) (*stand, *clock) {
	t.Helper()
	c := &clock{now: time.Now()}
	l.Now = c.Now
	return newStand(t, func(config *mcphttp.Config) { config.Limits = l }), c
}

func (s *stand) whoami(token string, change ...func(*http.Request)) reply {
	s.t.Helper()
	body := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"whoami",` + modernID + `}}`
	return s.do("POST", body, append([]func(*http.Request){header("Authorization", "Bearer "+token), modern("tools/call", "whoami")}, change...)...)
}

// slowed wants a 429 that says when to come back.
func (r reply) slowed(t *testing.T) {
	t.Helper()
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if r.StatusCode != http.StatusTooManyRequests || err != nil || seconds < 1 || seconds > 60 {
		t.Errorf("%d %q, Retry-After %q", r.StatusCode, r.body, r.Header.Get("Retry-After"))
	}
}

func TestOnePersonIsSlowedDownAndOthersAreNot(t *testing.T) {
	s, clock := limited(t, mcphttp.Limits{Limits: tools.Limits{PersonRate: 0.5, PersonBurst: 3}})
	for range 3 {
		s.whoami("ana").want(t, http.StatusOK, "ana")
	}
	s.whoami("ana").slowed(t)
	s.whoami("ben").want(t, http.StatusOK, "ben")
	clock.move(2 * time.Second)
	s.whoami("ana").want(t, http.StatusOK, "ana")
	s.whoami("ana").slowed(t)
}

func TestOnePersonsTokensCountTogether(t *testing.T) {
	s, _ := limited(t, mcphttp.Limits{Limits: tools.Limits{PersonRate: 0.5, PersonBurst: 2, PersonOf: func(policy.Identity) string { return "one" }}})
	s.whoami("ana").want(t, http.StatusOK, "")
	s.whoami("ben").want(t, http.StatusOK, "")
	s.whoami("ana").slowed(t)
	s.whoami("ben").slowed(t)
}

// Whoever leaves session after session behind keeps nobody out but themselves,
// by whatever tokens.
func TestOnePersonsSessionsAreBounded(t *testing.T) {
	person := map[string]string{"ana": "ana", "ann": "ana"}
	s, _ := limited(t, mcphttp.Limits{Limits: tools.Limits{PersonOf: func(id policy.Identity) string { return person[id.ID] }}})
	as := func(token string) reply { return s.do("POST", hello, header("Authorization", "Bearer "+token)) }
	first := s.session("ana")
	for range 50 {
		s.session("ann")
	}
	for range 49 {
		s.session("ana")
	}
	for _, token := range []string{"ana", "ann"} {
		refused := as(token)
		refused.slowed(t)
		refused.want(t, http.StatusTooManyRequests, "DELETE")
	}
	as("ben").want(t, http.StatusOK, "serverInfo")

	s.do("POST", whoami, header("Mcp-Session-Id", first)).want(t, http.StatusOK, "ana") // those there are go on
	s.whoami("ana").want(t, http.StatusOK, "ana")                                       // and the newer era needs none
	s.do("DELETE", "", header("Mcp-Session-Id", first)).want(t, http.StatusOK, "")
	as("ann").want(t, http.StatusOK, "serverInfo")
	as("ana").slowed(t)
}

func TestGuessesAtTokensAreSlowedDown(t *testing.T) {
	s, clock := limited(t, mcphttp.Limits{AddressRate: 1, AddressBurst: 5})
	for i := range 5 {
		s.whoami("guess"+strconv.Itoa(i)).want(t, http.StatusUnauthorized, "")
	}
	s.whoami("guess").slowed(t)
	s.whoami("guess", header("X-Forwarded-For", "203.0.113.9")).slowed(t) // it is no proxy
	clock.move(5 * time.Second)
	s.whoami("ana").want(t, http.StatusOK, "ana")
}

func TestBehindAProxyEachAddressCountsForItself(t *testing.T) {
	s, _ := limited(t, mcphttp.Limits{AddressRate: 0.1, AddressBurst: 1, BehindProxy: true})
	from := func(addresses string) reply { return s.whoami("ana", header("X-Forwarded-For", addresses)) }
	from("203.0.113.9").want(t, http.StatusOK, "")
	from("203.0.113.9").slowed(t)
	from("198.51.100.7, 203.0.113.9").slowed(t) // what stands first is the client's own claim
	from("203.0.113.9, 198.51.100.7").want(t, http.StatusOK, "")
	from("2001:db8::1").want(t, http.StatusOK, "")
	from("2001:db8::2").slowed(t) // one customer's network
	from("2001:db8:0:1::1").want(t, http.StatusOK, "")
	s.whoami("ana").want(t, http.StatusOK, "")
	from("nonsense").slowed(t) // counts for the proxy
}

func TestManyAddressesAreForgotten(t *testing.T) {
	s, _ := limited(t, mcphttp.Limits{AddressRate: 0.02, AddressBurst: 1, BehindProxy: true})
	from := func(i int) reply {
		return s.do("POST", "", header("Authorization", ""), header("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)))
	}
	from(0).want(t, http.StatusUnauthorized, "")
	from(0).slowed(t)
	for i := range 10_000 {
		if got := from(i + 1); got.StatusCode != http.StatusUnauthorized {
			t.Fatalf("address %d: %d", i+1, got.StatusCode)
		}
	}
	from(0).want(t, http.StatusUnauthorized, "") // the first is no longer known
	from(10_000).slowed(t)
}

func TestOpenCallsAreCapped(t *testing.T) {
	for name, c := range map[string]struct {
		limits mcphttp.Limits
		ana    int // what another call of ana's is answered
		ben    int
	}{
		"of one person":   {mcphttp.Limits{Limits: tools.Limits{OpenPerPerson: 2}}, http.StatusTooManyRequests, http.StatusOK},
		"of all together": {mcphttp.Limits{Limits: tools.Limits{Open: 2}}, http.StatusServiceUnavailable, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := limited(t, c.limits)
			started, finish := make(chan struct{}), make(chan struct{})
			s.tool("slow", func(context.Context) (*mcp.CallToolResult, error) {
				started <- struct{}{}
				<-finish
				return mcp.NewToolResultText("finished"), nil
			})
			var calls sync.WaitGroup
			for range 2 {
				calls.Go(func() {
					s.do("POST", `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"slow",`+modernID+`}}`, modern("tools/call", "slow")).want(t, http.StatusOK, "finished")
				})
				<-started
			}
			s.whoami("ana").want(t, c.ana, "")
			s.whoami("ben").want(t, c.ben, "")
			close(finish)
			calls.Wait()
			s.whoami("ana").want(t, http.StatusOK, "")
		})
	}
}

// Who has as many calls open as may be can still end them.
func TestOpenCallsCanBeEndedWhereNoMoreAreTaken(t *testing.T) {
	s, _ := limited(t, mcphttp.Limits{Limits: tools.Limits{OpenPerPerson: 2}})
	started := make(chan struct{}, 2)
	s.tool("slow", func(ctx context.Context) (*mcp.CallToolResult, error) {
		ctx, left := tools.Waiting(ctx)
		defer left()
		started <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	in := header("Mcp-Session-Id", s.session("ana"))
	call := func(id int) <-chan reply {
		answer := make(chan reply, 1)
		go func() {
			answer <- s.do("POST", fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"slow"}}`, id), in)
		}()
		<-started
		return answer
	}
	first, second := call(7), call(8)
	s.do("POST", whoami, in).want(t, http.StatusTooManyRequests, "end some")
	s.do("POST", `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`, in).want(t, http.StatusBadRequest, "")
	s.do("POST", `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`).slowed(t) // of no session
	long := strings.Repeat(" ", 64<<10)
	const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}`
	s.do("POST", cancel+long, in).slowed(t)
	s.do("POST", cancel, in).want(t, http.StatusAccepted, "")
	<-first
	third := call(9)
	s.do("POST", whoami, in).slowed(t)
	s.do("DELETE", "", in).want(t, http.StatusOK, "")
	<-second
	<-third
	s.whoami("ana").want(t, http.StatusOK, "ana")
}
