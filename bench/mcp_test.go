package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// era is how calls are made in one of the protocol's two eras.
type era struct {
	name string
	old  bool
}

var eras = []era{{"old", true}, {"new", false}}

const (
	hello    = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","clientInfo":{"name":"bench","version":"1"},"capabilities":{}}}`
	helloEnd = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	meta     = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
)

// callOf is the message that calls get_server.
func (e era) callOf(server string) string {
	extra := ""
	if !e.old {
		extra = "," + meta
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_server","arguments":{"server":%s}%s}}`, server, extra)
}

func (e era) listOf() string {
	if e.old {
		return `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`
	}
	return `{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{` + meta + `}}`
}

// caller is one client on one connection. It is as little as can be, so that
// what is measured is the server.
type caller struct {
	http    *http.Client
	address string
	header  http.Header
	body    []byte
	want    []byte
}

// newCaller connects, and calls get_server once, so that everything stands.
func newCaller(tb testing.TB, e era, address, server, want string) *caller {
	tb.Helper()
	c := &caller{
		http: &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}, address: address,
		header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"}},
	}
	tb.Cleanup(c.http.CloseIdleConnections)
	if e.old {
		c.body = []byte(hello)
		resp, err := c.send()
		if err != nil {
			tb.Fatal(err)
		}
		c.header.Set("Mcp-Session-Id", resp.header.Get("Mcp-Session-Id"))
		c.header.Set("Mcp-Protocol-Version", "2025-11-25")
		tb.Cleanup(c.leave)
		c.body = []byte(helloEnd)
		if _, err := c.send(); err != nil {
			tb.Fatal(err)
		}
	} else {
		c.header.Set("Mcp-Protocol-Version", "2026-07-28")
		c.header.Set("Mcp-Method", "tools/call")
		c.header.Set("Mcp-Name", "get_server")
	}
	c.body, c.want = []byte(e.callOf(server)), []byte(want)
	if err := c.call(); err != nil {
		tb.Fatal(err)
	}
	return c
}

// leave ends the session, of which a server keeps a bounded number.
func (c *caller) leave() {
	req, err := http.NewRequest(http.MethodDelete, c.address, nil)
	if err == nil {
		_, _ = c.do(req) // the server may have gone
	}
}

type reply struct {
	header http.Header
	body   []byte
}

func (c *caller) send() (reply, error) {
	req, err := http.NewRequest(http.MethodPost, c.address, bytes.NewReader(c.body))
	if err != nil {
		return reply{}, err
	}
	return c.do(req)
}

func (c *caller) do(req *http.Request) (reply, error) {
	req.Header = c.header
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return reply{resp.Header, body}, err
}

// call calls the tool and holds the answer against what it must tell.
func (c *caller) call() error {
	r, err := c.send()
	if err == nil && (!bytes.Contains(r.body, c.want) || bytes.Contains(r.body, []byte(`"isError":true`))) {
		err = fmt.Errorf("not the answer: %s", r.body)
	}
	return err
}

// callers are many of them, each asking for a server of its own: identical
// reads at the same time would share one call to the API.
type callers []*caller

func newCallers(tb testing.TB, e era, n int, address string) callers {
	all := make(callers, n)
	for i := range all {
		id := fmt.Sprint(12345 + i)
		all[i] = newCaller(tb, e, address, id, id)
	}
	return all
}

// burst has each of them call n times, and returns how long all took.
func (all callers) burst(tb testing.TB, n int) time.Duration {
	return together(tb, len(all), func(i int) error {
		for range n {
			if err := all[i].call(); err != nil {
				return err
			}
		}
		return nil
	})
}
