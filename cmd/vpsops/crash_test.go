//go:build crash && unix

package main

import (
	"flag"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

var (
	crashKills = flag.Int("kills", 20, "how often TestKills kills the program")
	crashSeed  = flag.Uint64("seed", 1, "what the crashes are drawn by")
)

const crashPolicy = `
version: 1
people: {ana: {local: [ana]}}
grants: [{id: all, who: everyone, actions: [list, get, create, update, start, stop, reboot, delete]}]
guards:
  - {id: confirm, actions: [create, update, stop, reboot], require: {confirm: asker, factor: client}}
  - {id: delete, actions: [delete], require: {confirm: asker, type_name: true}}
limits: {open_requests_per_person: 100}
`

// moment is when the program is killed: as soon as something is so, under a
// fault that keeps it so for a while.
type moment struct {
	name  string
	fault sandbox.Kind // of the call, or of the last look
	look  bool
	come  func(s *site, c *change, since time.Time) bool
}

func rowWritten(kind string) func(*site, *change, time.Time) bool {
	return func(s *site, c *change, _ time.Time) bool {
		kinds := s.kinds(c)
		if kind == "vote" && c.action == policy.Start { // it needs none
			return len(kinds) > 0
		}
		return slices.Contains(kinds, kind)
	}
}

func callReceived(s *site, c *change, _ time.Time) bool { return len(s.calls(c)) > 0 }

func callDone(s *site, c *change, _ time.Time) bool {
	calls := s.calls(c)
	return len(calls) > 0 && calls[0].Executed
}

func atRandom(s *site, _ *change, since time.Time) bool {
	return time.Since(since) > time.Duration(s.rand.IntN(60))*time.Millisecond
}

func lookedTwice(s *site, c *change, _ time.Time) bool {
	return s.looks(c) > 1 || c.action == policy.Create && callReceived(s, c, time.Time{})
}

var moments = []moment{
	{name: "before the vote"},
	{name: "during the vote", come: func(_ *site, _ *change, since time.Time) bool { return time.Since(since) > 2*time.Millisecond }},
	{name: "at any time", come: atRandom},
	{name: "at any time, answer lost", fault: sandbox.KindCutAfter, come: atRandom},
	{name: "at any time, never arrived", fault: sandbox.KindCutBefore, come: atRandom},
	{name: "after the vote", come: rowWritten("vote")},
	{name: "after the claim", come: rowWritten("claim")},
	{name: "during the last look", fault: sandbox.KindDelay, look: true, come: lookedTwice},
	{name: "after sending", come: rowWritten("sending")},
	{name: "after sending, before it is done", fault: sandbox.KindDelay, come: rowWritten("sending")},
	{name: "while the API has it", fault: sandbox.KindDelay, come: callReceived},
	{name: "when it is done", fault: sandbox.KindHangAfter, come: callDone},
	{name: "when it is done, before the answer is read", fault: sandbox.KindSlowBody, come: callDone},
	{name: "when the answer was lost", fault: sandbox.KindCutAfter, come: rowWritten("outcome")},
	{name: "when it never arrived", fault: sandbox.KindCutBefore, come: rowWritten("outcome")},
	{name: "after the outcome", come: rowWritten("outcome")},
}

func TestKills(t *testing.T) {
	everyStore(t, func(t *testing.T, store string) {
		const together = 3 // changes that are under way at a kill
		kills := *crashKills
		s := newSite(t, store, crashPolicy, together*kills+2, httptest.NewServer)
		next, asked := int64(12345), []*change(nil)
		h := s.serve()
		for kill := range kills {
			at := moments[(kill+s.rand.IntN(2))%len(moments)]
			var changes []*change
			for range together {
				changes = append(changes, s.newChange(next))
				next++
			}
			asked = append(asked, changes...)
			s.killAt(h, at, changes)
			h = s.serve()
			s.provable()
			if at.come == nil { // the dialog and the page go on as if nothing had been
				s.voteAll(h, changes)
			} else {
				s.cancelRest(h, changes)
			}
		}
		s.allEnd(asked)
		h.end()
		s.judge(asked)
	})
}

// killAt asks for changes, has them confirmed, and kills the program at a
// moment of the first one's way.
func (s *site) killAt(h *house, at moment, changes []*change) {
	s.Helper()
	s.faults(at, changes)
	for _, c := range changes {
		if err := c.ask(h); err != nil {
			s.Fatalf("%s: %v\n%s", at.name, err, h.stderr)
		}
	}
	if at.come == nil {
		h.crash()
		return
	}
	if err := h.signIn(); err != nil {
		s.Fatal(err)
	}
	var votes sync.WaitGroup
	for _, c := range changes {
		votes.Go(func() { _ = c.confirm(h) }) // cut off by the kill
	}
	since := time.Now()
	s.until(fmt.Sprintf("%s (%s)", at.name, changes[0].action), func() bool { return at.come(s, changes[0], since) })
	h.crash()
	votes.Wait()
}

// faults sets what happens to the first change's calls.
func (s *site) faults(at moment, changes []*change) {
	s.Helper()
	var plan []sandbox.Fault
	if at.fault != "" {
		method, path := changes[0].write()
		times := 1
		if at.look && changes[0].server != 0 {
			method, path, times = "GET", fmt.Sprintf("%s/servers/%d/", sandbox.BasePath, changes[0].server), 0
		}
		f := sandbox.Fault{Match: sandbox.Match{Method: method, Path: path}, Times: times, Kind: at.fault}
		if at.fault == sandbox.KindDelay || at.fault == sandbox.KindSlowBody {
			f.Delay = 150 * time.Millisecond
		}
		plan = append(plan, f)
	}
	if err := s.api.SetFaults(plan); err != nil {
		s.Fatal(err)
	}
}

func (s *site) voteAll(h *house, changes []*change) {
	s.Helper()
	if err := h.signIn(); err != nil {
		s.Fatal(err)
	}
	for _, c := range changes {
		if err := c.confirm(h); err != nil {
			s.Fatalf("a vote after the restart: %v\n%s", err, h.stderr)
		}
	}
}

// cancelRest takes back what the kill kept from being voted on.
func (s *site) cancelRest(h *house, changes []*change) {
	s.Helper()
	for _, c := range changes {
		r, known := s.recorded(c)
		if !known || r.State != ledger.Pending {
			continue
		}
		if got, err := h.call("", "cancel_request", fmt.Sprintf(`{"request_id":%q}`, r.ID), ""); err != nil || got.StructuredContent.State != string(ledger.Cancelled) {
			s.Errorf("a request could not be taken back after the restart: %+v, %v", got, err)
		}
	}
}

// final tells whether a request may stay as it is: unknown, only where nothing
// tells what became of it.
func final(c *change, r ledger.Request) bool {
	if r.State == ledger.Unknown {
		return c.action == policy.Reboot || c.action == policy.Create
	}
	return r.State.Final()
}

// allEnd waits until every request that got its vote is at its end.
func (s *site) allEnd(asked []*change) {
	s.Helper()
	if err := s.api.SetFaults(nil); err != nil {
		s.Fatal(err)
	}
	atEnd := s.soon(func() bool {
		for _, r := range s.requests(ledger.Filter{States: []ledger.State{ledger.Approved, ledger.Executing, ledger.Unknown}}) {
			if r.State != ledger.Unknown || r.Action != policy.Reboot && r.Action != policy.Create {
				return false
			}
		}
		return true
	})
	if !atEnd {
		s.Error("not every request came to its end")
	}
	// An unknown create is told from the list, twice.
	s.soon(func() bool {
		for _, c := range asked {
			if r, known := s.recorded(c); known && r.State == ledger.Unknown && c.action == policy.Create && callDone(s, c, time.Time{}) {
				return false
			}
		}
		return true
	})
}

// judge holds the API's log against what the ledger says.
func (s *site) judge(asked []*change) {
	s.Helper()
	states := make(map[ledger.State]int)
	sent, whose := 0, 0
	for _, c := range asked {
		r, known := s.recorded(c)
		calls := s.calls(c)
		whose += len(calls)
		executed := 0
		for _, call := range calls {
			if call.Executed {
				executed++
			}
		}
		problem := func(what string) {
			s.Errorf("%s of %d %s, %s (%s): %s: %+v", c.action, c.server, c.name, r.State, r.Message, what, calls)
		}
		if !known {
			if len(calls) > 0 {
				problem("it was sent and is not in the ledger")
			}
			continue
		}
		states[r.State]++
		switch {
		case len(calls) > 1:
			problem("it was sent more than once")
		case len(calls) > 0 && r.SendingAt.IsZero():
			problem("it was sent before that was written down")
		case r.State == ledger.Succeeded && executed != 1:
			problem("it was not done")
		case r.State == ledger.Unknown && executed == 1 && c.action == policy.Create:
			problem("there is the new server, and it is not found")
		case r.State != ledger.Succeeded && r.State != ledger.Unknown && executed > 0:
			problem("it was done")
		case !final(c, r):
			problem("it is not at its end")
		}
		if !r.SendingAt.IsZero() {
			sent++
		}
	}
	for _, r := range s.api.Requests() {
		if isWrite(r) {
			whose--
		}
	}
	if whose != 0 {
		s.Error("the API received calls that nobody asked for")
	}
	report := s.provable()
	if states[ledger.Succeeded] == 0 || states[ledger.Succeeded]+states[ledger.Failed] == 0 {
		s.Error("nothing was carried out: this proves nothing")
	}
	s.Logf("%d kills, %d changes asked for, %d of them sent; %d audit rows; states:", *crashKills, len(asked), sent, report.Rows)
	for _, state := range slices.Sorted(maps.Keys(states)) {
		s.Logf("%12s %d", state, states[state])
	}
}
