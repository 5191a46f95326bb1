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
	"vpsops/vpsapi/sandbox"
)

// How a resource stands is read before its subscription holds: who has gone in
// the meantime is not looked after.
func TestASubscriptionEndsWithItsSessionThoughItHadNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMemory)
		front := w.front()
		session := w.session(front)
		setFaults(t, w, sandbox.Fault{Kind: sandbox.KindDelay, Delay: 400 * time.Millisecond})
		subscribed := make(chan struct{})
		go func() {
			defer close(subscribed)
			w.post(front, "POST", []byte(`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"vps://servers/12345"}}`), "Mcp-Session-Id", session)
		}()
		synctest.Wait()
		if ended := w.post(front, "DELETE", nil, "Mcp-Session-Id", session); ended.Code != 200 {
			t.Fatal(ended.Code, ended.Body)
		}
		<-subscribed
		time.Sleep(time.Minute)
		if reads := w.reads(); len(reads) != 1 {
			t.Errorf("the API was asked for %q", reads)
		}
	})
}

// What the ledger has is told at once, though the API answers nothing.
func TestARequestsNewsDontWaitForTheAPI(t *testing.T) {
	for _, f := range fronts() {
		if !strings.HasPrefix(f.name, "in process") {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, inMemory, fleet(40))
				mine, late := w.askAs(me, policy.Reboot, "12345"), w.askAs(me, policy.Reboot, "12346")
				uris := []string{"vps://servers", "vps://requests/" + mine, "vps://requests/" + late}
				for id := range 30 {
					uris = append(uris, fmt.Sprint("vps://servers/", 12345+id))
				}
				_, h := f.subscribed(w, uris...)
				setFaults(t, w, sandbox.Fault{Kind: sandbox.KindHangAfter})
				time.Sleep(time.Minute)
				asked := time.Now()
				w.vote(mine, false, "")
				h.wait(updated + "vps://requests/" + mine)
				if took := time.Since(asked); took > time.Second {
					t.Errorf("the news of a request came after %s", took)
				}
				v, err := w.gate.Desk().Look(t.Context(), actorMe, late)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(v.ExpiresAt))
				h.wait(updated + "vps://requests/" + late)

				setFaults(t, w)
				time.Sleep(time.Minute) // until it answers again, and all have been asked for
				w.api.EditServer(12345+29, func(s *sandbox.Server) { s.Status = "suspended" })
				h.wait(updated + fmt.Sprint("vps://servers/", 12345+29))
			})
		})
	}
}

// How a list stands is read once for all who are to be told, however many they
// are: each look costs the API as much as one client's.
func TestAListIsReadOnceForAllWhoSubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMemory)
		f := fronts()[0]
		heard := make([]*heard, 10)
		for n := range heard {
			_, heard[n] = f.subscribed(w, "vps://servers")
			time.Sleep(time.Millisecond) // the library calls sessions by the time
		}
		w.api.ClearRequests()
		time.Sleep(time.Minute)
		if reads := w.reads(); len(reads) != 12 || reads[0] != "/servers/" {
			t.Errorf("in a minute the API was asked for %q", reads)
		}
		w.api.EditServer(12345, func(s *sandbox.Server) { s.Status = "suspended" })
		for _, h := range heard {
			h.wait(updated + "vps://servers")
		}
	})
}

// Those who subscribe while it is being read are told how it stands by that reading.
func TestWhoSubscribesAtATimeHasAListReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMemory)
		front := w.front()
		setFaults(t, w, sandbox.Fault{Kind: sandbox.KindDelay, Delay: 400 * time.Millisecond})
		var began sync.WaitGroup
		for range 10 {
			session := w.session(front)
			began.Go(func() {
				w.post(front, "POST", []byte(`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"vps://servers"}}`), "Mcp-Session-Id", session)
			})
		}
		began.Wait()
		if reads := w.reads(); len(reads) != 1 {
			t.Errorf("the API was asked for %q", reads)
		}
		front.Close()
	})
}

// What two people see of one reading is each one's own.
func TestOneReadingOfAListTellsEachWhatTheySee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMemory, func(s *setup) {
			s.policy = mustLoad(t, `
version: 1
people: {me: {local: [me]}, sam: {local: [sam]}}
server_sets: {web: {name: ["web-*"]}, rest: {name: ["*"]}}
grants:
  - {id: all, who: me, actions: [list]}
  - {id: web, who: sam, actions: [list], servers: web}
`)
		})
		f := fronts()[0]
		_, mine := f.subscribed(w, "vps://servers")
		time.Sleep(time.Millisecond) // the library calls sessions by the time
		_, sams := f.as(other).subscribed(w, "vps://servers")
		w.api.EditServer(12346, func(s *sandbox.Server) { s.Status = "suspended" })
		time.Sleep(time.Minute)
		if !slices.Contains(mine.all(), updated+"vps://servers") || slices.Contains(sams.all(), updated+"vps://servers") {
			t.Errorf("of db-server-01 I was told %q, and sam %q", mine.all(), sams.all())
		}
		w.api.EditServer(12345, func(s *sandbox.Server) { s.Status = "suspended" })
		sams.wait(updated + "vps://servers")
	})
}
