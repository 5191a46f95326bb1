package gate_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/vpsapi/sandbox"
)

// A replica may lag behind a create: of a server that nobody has seen, no number of
// 404s tells that it is gone, until it must have been there.
func TestAServerThatWasJustMadeIsNotToldAsGone(t *testing.T) {
	for name, look := range map[string]func(w *world, v gate.View) gate.View{
		"waited for": func(w *world, v gate.View) gate.View { return w.waits(v, 10*time.Second) },
		"looked at":  func(w *world, v gate.View) gate.View { return w.request(v.ID) },
		"followed for others": func(w *world, v gate.View) gate.View {
			ctx, cancel := context.WithTimeout(w.soon(), 10*time.Second)
			defer cancel()
			if err := w.ballot.Follow(ctx, v.ID); ctx.Err() == nil {
				w.Errorf("it is followed no longer: %v", err)
			}
			v, err := w.ballot.Look(w.soon(), v.ID)
			if err != nil {
				w.Fatal(err)
			}
			return v
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				v := w.approve("ana", w.ask(creation("new-1")))
				w.missing(v.ServerID, 1000)
				for range 3 {
					v = look(w, v)
					w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
					if v.Gone() || !v.Followed() || !strings.Contains(v.Message(), "still on its way") {
						t.Errorf("%s", v.Message())
					}
				}
				w.sandbox.ClearRequests()
				w.isGone(w.waits(v, 2*time.Minute))
				if n := len(w.sandbox.Requests()); n > 25 {
					t.Errorf("the API was read %d times", n)
				}
				w.faults()
				time.Sleep(20 * time.Minute)
				w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
			})
		})
	}
}

// That a server is gone is told from its 404s, never from what the API calls its
// status.
func TestAStatusThatIsCalledGone(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.accepted()
		w.edit(web, func(s *sandbox.Server) { s.Status = "gone" })
		w.sandbox.ClearRequests()
		for _, v := range []gate.View{w.request(v.ID), w.waits(v, 50*time.Second)} {
			w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
			if v.Gone() || v.Settled() || !v.Followed() || !strings.Contains(v.Message(), "The server is gone? and still on its way") {
				t.Errorf("%s", v.Message())
			}
		}
		if n := len(w.sandbox.Requests()); n > 25 {
			t.Errorf("the API was read %d times", n)
		}
		w.edit(web, func(s *sandbox.Server) { s.Status = sandbox.StatusActive })
		w.is(w.request(v.ID), ledger.Succeeded, gate.OutcomeSucceeded)
	})
}

// calledGone has a server that reboots called gone.
func calledGone(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		api.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(bytes.ReplaceAll(answer.Body.Bytes(), []byte(`"rebooting"`), []byte(`"gone"`)))
	})
}

// Nor from what the answer to the call itself calls it.
func TestAnAnswerWhoseStatusIsCalledGone(t *testing.T) {
	inWorld(t, func(w *world) {
		v := w.ask(power(policy.Reboot, web))
		w.gate = w.newGate(w.newAccount("main", "account-1", calledGone(w.sandbox)))
		w.desk, w.ballot = w.gate.Desk(), w.gate.Ballot()
		v = w.approve("ana", v)
		w.is(v, ledger.Succeeded, gate.OutcomeAccepted)
		if v.Gone() || v.ServerStatus != "gone?" {
			t.Errorf("the server is %q: %s", v.ServerStatus, v.Message())
		}
	})
}
