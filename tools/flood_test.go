package tools_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// An assistant can't bury its person in questions.
func TestAFloodOfAsksLeavesFiveOpen(t *testing.T) {
	inABubble(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, inMemory, fleet(40))
		w.allAre("active")
		c := connect(w, nil)
		open := map[string]bool{}
		for i := range 120 {
			got := c.call([]string{"stop_server", "reboot_server"}[i/40%2], fmt.Sprintf(`{"server":%d}`, 12345+i%40))
			switch got.Outcome {
			case "pending":
				open[got.RequestID] = true
			case "denied":
				got.holds(t, "too many of your requests are still open")
			default:
				t.Fatal(got.text)
			}
		}
		own, err := w.gate.Desk().Own(t.Context(), actorMe, 120)
		own = slices.DeleteFunc(own, func(v gate.View) bool { return !v.State.Open() })
		if err != nil || len(own) != 5 || len(open) != 5 || len(w.announcedIDs()) != 5 {
			t.Errorf("%d are open, %d were answered, %d announced; %v", len(own), len(open), len(w.announcedIDs()), err)
		}
		w.wantWrites()
	})
}

func (w *world) allAre(status string) {
	for _, s := range w.api.Servers() {
		w.api.EditServer(s.ID, func(s *sandbox.Server) { s.Status = status })
	}
}

// A bulk that is asked for one by one, and all at once, stays in its budget.
func TestAsksAtOnceStayInTheirBudget(t *testing.T) {
	w := newWorld(t, fleet(40), func(s *setup) {
		s.policy = mustLoad(t, `
version: 1
people: {me: {local: [me]}}
grants: [{id: mine, who: me, actions: [list, get, start]}]
budgets: [{id: starts, actions: [start], max: 3, per: 1h}]
limits: {open_requests_per_person: 100}
`)
	})
	w.allAre("stopped")
	var calls sync.WaitGroup
	var mu sync.Mutex
	denied := 0
	for i := range 32 {
		calls.Go(func() {
			got := w.modern(mine, "start_server", fmt.Sprintf(`{"server":%d}`, 12345+i), "")
			mu.Lock()
			defer mu.Unlock()
			if got.Outcome == "denied" && strings.Contains(got.text, "starts") {
				denied++
			}
		})
	}
	calls.Wait()
	if sent := w.writes(); len(sent) != 3 || denied != 29 {
		t.Errorf("%d were sent, %d denied by the budget", len(sent), denied)
	}
}

// A client that repeats the dialog's answer, all at once, has it counted once.
func TestADialogsAnswerManyTimesAtOnceIsOneCall(t *testing.T) {
	w := newWorld(t)
	state := w.modern(mine, "reboot_server", reboot, "").raw.RequestState
	var calls sync.WaitGroup
	for range 32 {
		calls.Go(func() {
			w.modern(mine, "reboot_server", reboot, fmt.Sprintf(`,"requestState":%q,`, state)+accepted)
		})
	}
	calls.Wait()
	w.wantWrites("POST /servers/12345/reboot/")
}

// A person's no holds for a while, whatever the assistant then says; what a
// client declined may be asked again.
func TestAPersonsNoHoldsForAWhile(t *testing.T) {
	inABubble(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, inMemory)
		c := connect(w, no)
		c.call("reboot_server", reboot).want(t, "denied", "denied")
		c.call("reboot_server", reboot).want(t, "denied", "denied")
		asked := c.call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).want(t, "pending", "pending")
		w.vote(asked.RequestID, false, "")
		for _, reason := range []string{"", "the user has changed their mind"} {
			again := c.call("delete_server", fmt.Sprintf(`{"server_id":12345,"name":"web-server-01","reason":%q}`, reason))
			again.want(t, "denied", "denied").holds(t, "me denied this a short while ago")
		}
		time.Sleep(31 * time.Minute)
		c.call("delete_server", `{"server_id":12345,"name":"web-server-01"}`).want(t, "pending", "pending")
		w.wantWrites()
	})
}

// What is on its way is not taken back, and its outcome is still told.
func TestACancelOfWhatIsOnItsWayIsTooLate(t *testing.T) {
	inABubble(t, func(t *testing.T, connect dialer) {
		w := newWorld(t, inMemory)
		setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: "POST"}, Kind: sandbox.KindDelay, Delay: 5 * time.Second})
		w.api.EditServer(12345, func(s *sandbox.Server) { s.Status = "stopped" })
		c := connect(w, nil)
		var started answered
		ended := make(chan struct{})
		go func() { defer close(ended); started = w.modern(mine, "start_server", `{"server":12345}`, "") }()
		synctest.Wait()
		own, err := w.gate.Desk().Own(t.Context(), actorMe, 1)
		if err != nil || len(own) != 1 || own[0].State != ledger.Executing {
			t.Fatalf("%v, %v", own, err)
		}
		c.call("cancel_request", request(own[0].ID)).want(t, "failed", "executing").holds(t, "Too late")
		<-ended
		if started.isError {
			t.Error(started.text)
		}
		if found := c.call("get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, own[0].ID)); found.Outcome != "succeeded" {
			t.Errorf("%s: %s", found.Outcome, found.text)
		}
		w.wantWrites("POST /servers/12345/start/")
	})
}

// The page's no and the dialog's yes at once are one of two orders.
func TestAYesAndANoAtOnceAreOneOfTwo(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		asked := w.modern(mine, "reboot_server", reboot, "")
		own, err := w.gate.Desk().Own(t.Context(), actorMe, 1)
		if err != nil || len(own) != 1 {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(func() {
			w.modern(mine, "reboot_server", reboot, fmt.Sprintf(`,"requestState":%q,`, asked.raw.RequestState)+accepted)
		})
		both.Go(func() {
			by := gate.Voter{Identity: me, Front: policy.Page, Factor: policy.PersonFactor, OwnOnly: true}
			_, _ = w.gate.Ballot().Vote(t.Context(), by, gate.Verdict{RequestID: own[0].ID, Digest: own[0].Digest}) // it may come too late
		})
		both.Wait()
		end := w.modern(mine, "get_request", fmt.Sprintf(`{"request_id":%q,"wait_seconds":50}`, own[0].ID), "")
		switch end.Outcome {
		case "denied":
			w.wantWrites()
		case "succeeded":
			w.wantWrites("POST /servers/12345/reboot/")
		default:
			t.Errorf("%s: %s", end.Outcome, end.text)
		}
	}
}
