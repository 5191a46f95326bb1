//go:build chaos && crash && postgres && unix

package main

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger/pgtest"
)

const (
	newsRounds = 50
	newsWithin = time.Second // half of them: how busy the machine is, is not the program's doing
)

// TestNews has people say no at one replica, and measures how long until a page that is
// open at a second one is told to look, and a tool call that waits at a third one is
// answered.
func TestNews(t *testing.T) {
	database, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Stop() })
	town := newTown(t, placeIn(t, database), chaosReplicas, olderBuilds{}, nil)
	var pages, calls []time.Duration
	for range newsRounds {
		page, call := town.news(t.Context())
		pages, calls = append(pages, page), append(calls, call)
	}
	for what, took := range map[string][]time.Duration{"an open page": pages, "a waiting tool call": calls} {
		slices.Sort(took)
		half := took[len(took)/2]
		t.Logf("%s learned of a no elsewhere after %s in half of all cases, %s in 19 of 20, %s at the longest",
			what, round(half), round(took[len(took)*19/20]), round(took[len(took)-1]))
		if half > newsWithin {
			t.Errorf("%s learns too late", what)
		}
	}
	for _, r := range town.replicas {
		r.house().end()
	}
}

// news is how long it took from a press of the button until the page was told, and
// until the call was answered.
func (c *town) news(ctx context.Context) (page, call time.Duration) {
	c.Helper()
	ctx, cancel := context.WithTimeout(ctx, giveUp)
	defer cancel()
	voting, showing, calling := c.replicas[0], c.replicas[1], c.replicas[2]
	e := c.newErrand()
	e.action, e.args = policy.Reboot, fmt.Sprintf(`{"server":%d}`, e.server)
	if !e.put(ctx) {
		c.Fatal("the ask was not answered")
	}
	voter := c.people[(slices.Index(c.people, e.asker)+1)%len(c.people)]
	_, text, err := c.visit(ctx, voting, voter, "/requests/"+e.request, nil)
	no := form(text, "verdict", "deny")
	if err != nil || no == nil {
		c.Fatalf("there is no button: %v", err)
	}
	told := c.follow(ctx, showing, e)
	var seen, answered time.Time
	var under sync.WaitGroup
	under.Go(func() { seen = <-told })
	under.Go(func() {
		got, err := calling.house().callIn(ctx, e.asker.token, "get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, e.request), "")
		if answered = time.Now(); err != nil || got.StructuredContent.State != "denied" {
			c.Errorf("the call was told %+v, %v", got, err)
		}
	})
	wait(ctx, 200*time.Millisecond) // told as they come they would show nothing
	pressed := time.Now()
	if status, _, err := c.visit(ctx, voting, voter, "/requests/"+e.request+"/vote", no); err != nil || status != http.StatusSeeOther {
		c.Errorf("the vote was answered %d, %v", status, err)
	}
	under.Wait()
	return seen.Sub(pressed), answered.Sub(pressed)
}

// follow opens the asker's page and its stream at a replica, and tells when that says
// that there is something to look at.
func (c *town) follow(ctx context.Context, r *replica, e *errand) <-chan time.Time {
	c.Helper()
	_, text, err := c.visit(ctx, r, e.asker, "/requests/"+e.request, nil)
	_, rest, _ := strings.Cut(text, `data-events="`)
	address, _, found := strings.Cut(rest, `"`)
	if err != nil || !found {
		c.Fatalf("the page names no stream: %v", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.origin+html.UnescapeString(address), nil)
	if err != nil {
		c.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: c.cookie, Value: e.asker.secret})
	resp, err := r.http.Do(req)
	if err != nil {
		c.Fatal(err)
	}
	told := make(chan time.Time, 1)
	go func() {
		defer close(told)
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if lines.Text() == "event: look" {
				told <- time.Now()
				return
			}
		}
		c.Error("the page was not told")
	}()
	return told
}
