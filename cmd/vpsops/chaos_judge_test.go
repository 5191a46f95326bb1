//go:build chaos && crash && postgres && unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// judge holds what the API received against what people pressed, what the ledger
// says, and what those who waited were told.
func (c *town) judge() {
	c.Helper()
	c.until("an end of every request", func() bool {
		for _, r := range c.requests(ledger.Filter{States: []ledger.State{ledger.Pending, ledger.Approved, ledger.Executing, ledger.Unknown}}) {
			if r.State != ledger.Unknown || r.Action != policy.Reboot {
				return false
			}
		}
		return true
	})
	calls := c.callsOf()
	states, deleted, sent := make(map[string]int), 0, 0
	for _, e := range c.errands {
		got := calls[e]
		delete(calls, e)
		sent += len(got)
		state := c.judgeOne(e, got)
		states[state]++
		if e.action == policy.Delete {
			deleted += executed(got)
		}
	}
	if strays := calls[nil]; len(strays) > 0 {
		c.Errorf("the API received calls that nobody asked for: %+v", strays)
	}
	if deleted > chaosBudget {
		c.Errorf("%d servers were deleted under a budget of %d", deleted, chaosBudget)
	}
	if states["succeeded"] < 10 {
		c.Error("next to nothing was carried out: this proves nothing")
	}
	c.report(states, deleted, sent)
}

func executed(calls []sandbox.Request) (n int) {
	for _, call := range calls {
		if call.Executed {
			n++
		}
	}
	return n
}

// callsOf tells whose each changing call was: about one server there is one
// errand at a time. One that came when there was none is nobody's.
func (c *town) callsOf() map[*errand][]sandbox.Request {
	about := make(map[string][]*errand)
	for _, e := range c.errands {
		about[fmt.Sprint(e.server)] = append(about[fmt.Sprint(e.server)], e)
	}
	calls := make(map[*errand][]sandbox.Request)
	for _, r := range c.site.api.Requests() {
		if !isWrite(r) {
			continue
		}
		id, rest, _ := strings.Cut(strings.TrimPrefix(r.Path, sandbox.BasePath+"/servers/"), "/")
		var whose *errand
		for _, e := range about[id] {
			if !r.At.Before(e.began) && r.At.Before(e.ended) && e.isCall(r.Method, rest) {
				whose = e
			}
		}
		calls[whose] = append(calls[whose], r)
	}
	return calls
}

// isCall tells whether a call is of the kind that was asked for.
func (e *errand) isCall(method, rest string) bool {
	switch e.action {
	case policy.Update:
		return method == http.MethodPatch && rest == ""
	case policy.Delete:
		return method == http.MethodDelete && rest == ""
	}
	return method == http.MethodPost && rest == string(e.action)+"/"
}

// judgeOne returns the state that an errand's request ended in.
func (c *town) judgeOne(e *errand, calls []sandbox.Request) string {
	c.Helper()
	var r ledger.Request
	var votes []ledger.Vote
	if e.request != "" {
		r, votes = c.requestOf(e.request)
	}
	if wrong := cmp.Or(e.wrong(r, calls), e.misjudged(r, votes)); wrong != "" {
		c.Errorf("%s of %d by %s (%s, %s, told %q, approved by %v): %s: %+v",
			e.action, e.server, e.asker.name, e.plan, e.request, e.final, slices.Sorted(maps.Keys(e.approved)), wrong, calls)
	}
	return string(r.State)
}

// wrong says what must not be, or nothing.
func (e *errand) wrong(r ledger.Request, calls []sandbox.Request) string {
	done := executed(calls)
	switch {
	case e.request == "":
		return "the ask was never answered"
	case len(calls) > 1:
		return "it was sent more than once"
	case len(calls) > 0 && !e.mayRun():
		return "it was sent without its votes"
	case len(calls) > 0 && r.SendingAt.IsZero():
		return "it was sent before that was written down"
	case r.State == ledger.Succeeded && done != 1:
		return "it is told as done, and was not"
	case r.State != ledger.Succeeded && r.State != ledger.Unknown && done > 0:
		return "it was done, and is told as " + string(r.State)
	case !r.State.Final() && (r.State != ledger.Unknown || e.action != policy.Reboot):
		return "it is not at its end, but " + string(r.State)
	case e.final != string(r.State):
		return "who waited was told otherwise, or nothing: it is " + string(r.State)
	}
	return ""
}

// misjudged says what must not be of what was counted, or nothing: that somebody
// approved who pressed nothing, and that an ask, a vote or a claim went by a clock
// that is off.
func (e *errand) misjudged(r ledger.Request, votes []ledger.Vote) string {
	times := []time.Time{r.CreatedAt, r.ApprovedAt, r.SendingAt}
	for _, v := range votes {
		if v.Approve {
			times = append(times, v.At)
		}
		if v.Approve && !e.approved[v.Person] {
			return "a vote counts that " + v.Person + " did not cast"
		}
	}
	for _, at := range times {
		if !at.IsZero() && (at.Before(e.began.Add(-ledger.ClockTolerance)) || at.After(e.ended.Add(ledger.ClockTolerance))) {
			return fmt.Sprintf("a clock that is off has judged: it says %s between %s and %s", at, e.began, e.ended)
		}
	}
	return ""
}

// mayRun tells whether people have pressed what it takes.
func (e *errand) mayRun() bool {
	own, another := e.approved[e.asker.name], false
	for name := range e.approved {
		another = another || name != e.asker.name
	}
	switch e.action {
	case policy.Reboot:
		return another
	case policy.Delete:
		return own && another
	}
	return own
}

func (c *town) requestOf(id string) (r ledger.Request, votes []ledger.Vote) {
	c.Helper()
	err := c.audit.Read(context.Background(), func(tx ledger.ReadTx) (err error) {
		if r, err = tx.Request(id); err == nil {
			votes, err = tx.Votes(id)
		}
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
	return r, votes
}

// report writes what was counted, as docs/RELIABILITY.md has it.
func (c *town) report(states map[string]int, deleted, sent int) {
	c.Helper()
	verified := c.provable()
	line := func(what string, n any) { c.Logf("| %s | %v |", what, n) }
	line("time", c.errands[len(c.errands)-1].began.Sub(c.errands[0].began).Round(time.Second))
	line("asks", len(c.errands))
	for _, state := range slices.Sorted(maps.Keys(states)) {
		line("ended "+state, states[state])
	}
	line("changing calls that the API received", sent)
	line(fmt.Sprintf("deletes, of %d that the budget lets through", chaosBudget), deleted)
	line("calls of the API, of which failed on purpose", fmt.Sprintf("%d, %d", c.api.calls.Load(), c.api.failed.Load()))
	for _, what := range slices.Sorted(maps.Keys(c.notes)) {
		line(what, c.notes[what])
	}
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		line(what, c.counts[what])
	}
	slices.SortFunc(c.gaps, cmp.Compare)
	if n := len(c.gaps); n > 0 {
		line("from the last vote to the waiting caller's answer: half, 19 of 20, the longest",
			fmt.Sprintf("%s, %s, %s", round(c.gaps[n/2]), round(c.gaps[n*19/20]), round(c.gaps[n-1])))
	}
	line("audit rows, all verified", verified.Rows)
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
