//go:build chaos && crash && postgres && unix

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/vpsapi/sandbox"
)

// citizen asks through an assistant with a token, and votes on the page.
type citizen struct{ name, token, secret string }

func newCitizen(name string) *citizen {
	return &citizen{name: name, token: "vpsops_" + rand.Text() + rand.Text()}
}

// errand is one ask and what people mean to do about it.
type errand struct {
	town   *town
	action policy.Action
	server int64
	name   string
	args   string
	asker  *citizen
	plan   plan
	began  time.Time
	ended  time.Time

	mu       sync.Mutex
	request  string
	approved map[string]bool // who pressed approve, whether or not it was answered
	decided  time.Time       // when the last vote was answered
	final    string          // the state that the waiting caller was told
}

// plan is what becomes of an ask if all goes well.
type plan string

const (
	carried   plan = "approve"
	denied    plan = "deny"
	cancelled plan = "cancel"
	ignored   plan = "let it expire"
)

const (
	giveUp      = 4 * time.Minute // longer than any lease, settling and expiry
	answerTime  = 15 * time.Second
	waitSeconds = 8
)

// ask sends people on errands until ctx ends, and returns when all are done.
func (c *town) ask(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	ticks := time.NewTicker(time.Duration(float64(time.Second) / *chaosAsks))
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if e := c.newErrand(); e != nil {
			under.Go(e.run)
		}
	}
}

// newErrand takes a server that nobody asks about, or is nil where there is
// none.
func (c *town) newErrand() *errand {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.free) == 0 {
		return nil
	}
	at := mathrand.IntN(len(c.free))
	e := &errand{town: c, server: c.free[at], asker: c.people[mathrand.IntN(len(c.people))], approved: make(map[string]bool), began: time.Now()}
	c.free = slices.Delete(c.free, at, at+1)
	if !c.site.api.EditServer(e.server, func(v *sandbox.Server) { v.Status, v.Becomes, e.name = sandbox.StatusActive, "", v.Name }) {
		return nil // it was deleted
	}
	e.action = []policy.Action{policy.Reboot, policy.Reboot, policy.Reboot, policy.Stop, policy.Stop, policy.Update, policy.Update, policy.Delete}[mathrand.IntN(8)]
	e.plan = []plan{carried, carried, carried, carried, carried, carried, carried, denied, cancelled, ignored}[mathrand.IntN(10)]
	if c.steady {
		e.action, e.plan = []policy.Action{policy.Reboot, policy.Stop, policy.Update}[mathrand.IntN(3)], carried
	}
	e.args = fmt.Sprintf(`{"server":%d}`, e.server)
	switch e.action {
	case policy.Update:
		e.args = fmt.Sprintf(`{"server":%d,"hostname":"h%d.example.com"}`, e.server, len(c.errands))
	case policy.Delete:
		e.args = fmt.Sprintf(`{"server_id":%d,"name":%q}`, e.server, e.name)
	}
	c.errands = append(c.errands, e)
	return e
}

func (e *errand) run() {
	ctx, cancel := context.WithTimeout(context.Background(), giveUp)
	defer cancel()
	if e.put(ctx) {
		var votes sync.WaitGroup
		votes.Go(func() { e.decide(ctx) })
		e.await(ctx)
		cancel() // who has not voted by now is too late
		votes.Wait()
	}
	e.ended = time.Now()
	e.town.mu.Lock()
	defer e.town.mu.Unlock()
	if e.action != policy.Delete || e.final != "succeeded" {
		e.town.free = append(e.town.free, e.server)
	}
}

// put asks until it is answered: the same open ask is the same request.
func (e *errand) put(ctx context.Context) bool {
	for ctx.Err() == nil {
		got, err := e.town.call(ctx, e.town.any(), e.asker, string(e.action)+"_server", e.args)
		switch {
		case err == nil && got.StructuredContent.State == "denied" && strings.Contains(got.StructuredContent.Message, wrongClock):
			e.town.count("asks refused for a clock that is off")
		case err == nil && got.StructuredContent.RequestID != "":
			e.request = got.StructuredContent.RequestID
			return true
		case err == nil:
			e.town.count("asks refused for now")
		default:
			e.town.count("calls that broke")
		}
		wait(ctx, 200*time.Millisecond)
	}
	return false
}

// await is the assistant that waits for the end, whichever replica tells it.
func (e *errand) await(ctx context.Context) {
	args := fmt.Sprintf(`{"request_id":%q,"wait_seconds":%d}`, e.request, waitSeconds)
	for ctx.Err() == nil {
		got, err := e.town.call(ctx, e.town.any(), e.asker, "get_request", args)
		if err != nil {
			e.town.count("calls that broke")
			wait(ctx, 100*time.Millisecond)
			continue
		}
		state := got.StructuredContent.State
		if atEnd(e.action, state) {
			e.told(state)
			return
		}
	}
}

func atEnd(action policy.Action, state string) bool {
	switch state {
	case "", "pending", "approved", "executing":
		return false
	case "unknown":
		return action == policy.Reboot // nothing will tell
	}
	return true
}

func (e *errand) told(state string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.final = state
	if !e.decided.IsZero() && state == "succeeded" {
		gap := time.Since(e.decided)
		e.town.mu.Lock()
		e.town.gaps = append(e.town.gaps, gap)
		e.town.mu.Unlock()
	}
}

// decide has people do what the plan says, at the same time and at whichever
// replica.
func (e *errand) decide(ctx context.Context) {
	var votes sync.WaitGroup
	defer votes.Wait()
	others := slices.DeleteFunc(slices.Clone(e.town.people), func(p *citizen) bool { return p == e.asker })
	first := mathrand.IntN(len(others) - 1)
	switch e.plan {
	case ignored:
	case cancelled:
		votes.Go(func() { e.cancel(ctx) })
	case denied:
		votes.Go(func() { e.vote(ctx, e.denier(others[first]), "deny") })
	case carried:
		if e.action != policy.Reboot {
			votes.Go(func() { e.vote(ctx, e.asker, "approve") })
		}
		if e.action == policy.Reboot || e.action == policy.Delete {
			approve := e.vote
			if e.town.slack != nil && e.action == policy.Reboot && mathrand.IntN(2) == 0 {
				approve = func(ctx context.Context, p *citizen, _ string) { e.press(ctx, p) }
			}
			votes.Go(func() { approve(ctx, others[first], "approve") })
			if !e.town.steady {
				votes.Go(func() { approve(ctx, others[first+1], "approve") }) // a race
			}
		}
	}
}

// denier is the asker where nobody else is asked.
func (e *errand) denier(another *citizen) *citizen {
	if e.action == policy.Stop || e.action == policy.Update {
		return e.asker
	}
	return another
}

func (e *errand) cancel(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := e.town.call(ctx, e.town.any(), e.asker, "cancel_request", fmt.Sprintf(`{"request_id":%q}`, e.request)); err == nil {
			return
		}
		wait(ctx, 200*time.Millisecond)
	}
}

// wrongClock is of what a replica says whose clock is off.
const wrongClock = "machine's clock is"

// vote opens the page and presses a button, until that is answered or there is
// no button any more.
func (e *errand) vote(ctx context.Context, p *citizen, verdict string) {
	lost := false // an answer, so that nobody knows whether it counts
	for ctx.Err() == nil {
		r := e.town.any()
		status, page, err := e.town.visit(ctx, r, p, "/requests/"+e.request, nil)
		if err != nil || status >= http.StatusInternalServerError {
			e.town.count("pages that broke")
			wait(ctx, 200*time.Millisecond)
			continue
		}
		fields := form(page, "verdict", verdict)
		if fields == nil {
			return // it is decided
		}
		fields.Set("typed_name", e.name)
		if verdict == "approve" {
			e.mu.Lock()
			e.approved[p.name] = true
			e.mu.Unlock()
		}
		status, page, err = e.town.visit(ctx, r, p, "/requests/"+e.request+"/vote", fields)
		if err == nil && status == http.StatusSeeOther {
			e.mu.Lock()
			e.decided = time.Now()
			e.mu.Unlock()
			e.town.count("votes that were answered")
			return
		}
		refused := err == nil && status < http.StatusInternalServerError
		if refused && !lost {
			e.mu.Lock()
			delete(e.approved, p.name)
			e.mu.Unlock()
		}
		switch {
		case refused && strings.Contains(html.UnescapeString(page), wrongClock):
			e.town.count("votes refused for a clock that is off")
		case refused:
			e.town.count("votes that came too late")
			return
		default:
			lost = true
			e.town.count("pages that broke")
		}
		wait(ctx, 200*time.Millisecond)
	}
}

// call calls a tool at a replica.
func (c *town) call(ctx context.Context, r *replica, p *citizen, tool, args string) (reply, error) {
	c.count("tool calls")
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	return r.house().callIn(ctx, p.token, tool, args, "")
}

// visit opens an address of the page at a replica, or submits a form there.
func (c *town) visit(ctx context.Context, r *replica, p *citizen, path string, fields url.Values) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	method := http.MethodGet
	if fields != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.origin+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return 0, "", err
	}
	if fields != nil {
		req.Header = http.Header{"Origin": {c.origin}, "Sec-Fetch-Site": {"same-origin"}, "Content-Type": {"application/x-www-form-urlencoded"}}
	}
	req.AddCookie(&http.Cookie{Name: c.cookie, Value: p.secret})
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}
