package tools_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/vpsapi/sandbox"
)

// Its person decides elsewhere; then the API hangs, and the process ends.
func TestChangeThatWasMadeIsToldThoughItsServerCannotBeLookedAtAnyMore(t *testing.T) {
	for name, factor := range map[string]policy.Factor{"a dialog": policy.Client, "a page": policy.PersonFactor} {
		t.Run(name, func(t *testing.T) {
			for _, f := range fronts() {
				// In the newer era neither holds a call.
				if f.name != "in process, old era" {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					w, end := endingWorld(t, inMemory, func(s *setup) { s.api.Speed, s.policy = 1, confirmedBy(t, factor) })
					var ended time.Time
					c := f.dial(w.opensPages(), func(r mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
						if atPage := r.Params.URL != ""; atPage != (factor == policy.PersonFactor) {
							t.Errorf("asked for %+v", r.Params)
						}
						w.carryOutOpen()
						setFaults(t, w, sandbox.Fault{Match: sandbox.Match{Method: http.MethodGet}, Kind: sandbox.KindDelay, Delay: 40 * time.Second})
						ended = time.Now()
						end()
						return nil, errors.New("it was closed")
					})
					c.call("reboot_server", `{"server":12345}`).want(t, "accepted", "succeeded")
					if took := time.Since(ended); took > 4*time.Second {
						t.Errorf("answered after %s", took)
					}
					w.wantWrites("POST /servers/12345/reboot/")
				})
			}
		})
	}
}

// confirmedBy is a policy whose asker confirms a reboot, in that way.
func confirmedBy(t *testing.T, f policy.Factor) *policy.Policy {
	t.Helper()
	p, err := policy.New(policy.Document{
		Version: 1,
		People:  map[string]policy.Person{"me": {Local: []string{"me"}}},
		Grants:  []policy.Grant{{ID: "all", Who: []string{policy.Everyone}, Actions: []policy.Action{policy.List, policy.Get, policy.Reboot}}},
		Guards: []policy.Guard{{
			ID: "confirm", Actions: []policy.Action{policy.Reboot}, Require: &policy.Require{ConfirmAsker: true, Factor: f},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// carryOutOpen votes for the one request that is open, and returns once it was sent.
func (w *world) carryOutOpen() {
	w.t.Helper()
	open, err := w.gate.Desk().Open(w.t.Context(), actorMe)
	if err != nil || len(open) != 1 {
		w.t.Fatal(open, err)
	}
	w.vote(open[0].ID, true, "")
	sent, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	v, err := w.gate.Desk().Wait(sent, actorMe, open[0].ID, time.Minute, func(v gate.View) {
		if v.Outcome == gate.OutcomeAccepted {
			cancel()
		}
	})
	if err != nil || v.Outcome != gate.OutcomeAccepted {
		w.t.Fatal(v.Outcome, err)
	}
}
