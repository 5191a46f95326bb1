package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// readiness says whether this process can serve, how it stands, and what is
// wrong. An API out of reach does not make it unready: people can still deny
// and cancel, and tools answer with what is wrong.
type readiness struct {
	core *core
	ctx  context.Context // the server's: what is asked of the API ends with it
	asks sync.WaitGroup

	mu     sync.Mutex
	api    string        // what asking it came to last; "" before
	at     time.Time     // when
	asking chan struct{} // closed when the ask under way is over; nil where none is
	over   bool          // nothing more is asked
}

// readyCheck is one thing that /readyz tells. A probe comes often and waits a
// second or so: look must be quick.
type readyCheck struct {
	name string
	look func(context.Context) finding
}

// finding is what a check came to.
type finding struct {
	text  string // "ok", with more in brackets; or what is wrong and what to do
	wrong bool   // something is not as it should be
	unfit bool   // nothing should be sent here until it is: wrong too
}

const (
	apiCheckAge  = 15 * time.Second       // probes come often; the API is asked seldom
	apiCheckWait = 500 * time.Millisecond // and an API that hangs holds up no probe
)

type readyReport struct {
	Ready   bool              `json:"ready"`
	Wrong   []string          `json:"wrong,omitempty"` // the names of the checks that found something
	Checks  map[string]string `json:"checks"`
	Posture posture           `json:"posture"`
}

type posture struct {
	ReadOnly bool     `json:"read_only"`
	Sandbox  bool     `json:"sandbox"`
	Accounts []string `json:"accounts"`
	Factors  []string `json:"factors"`
	Version  string   `json:"version"`
}

func (r *readiness) answer(w http.ResponseWriter, req *http.Request) {
	report := r.report(req.Context())
	w.Header().Set("Content-Type", "application/json")
	if !report.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(report) // the prober has gone
}

func (r *readiness) report(ctx context.Context) readyReport {
	c := r.core
	report := readyReport{
		Ready: true, Checks: make(map[string]string),
		Posture: posture{
			ReadOnly: c.cfg.ReadOnly, Sandbox: c.sandbox, Accounts: c.gate.Desk().Accounts(), Version: version,
			Factors: []string{policy.Client.String(), policy.PersonFactor.String(), policy.Passkey.String()},
		},
	}
	own := []readyCheck{{"ledger", c.checkLedger}, {"api", r.checkAPI}, {"clock", c.checkClock}, {"policy", c.checkPolicy}}
	for _, check := range slices.Concat(own, c.checks) {
		found := check.look(ctx)
		if report.Checks[check.name] = found.text; found.wrong || found.unfit {
			report.Wrong = append(report.Wrong, check.name)
		}
		report.Ready = report.Ready && !found.unfit
	}
	return report
}

func (c *core) checkLedger(ctx context.Context) finding {
	err := c.ledger.Read(ctx, func(tx ledger.ReadTx) error { _, err := tx.Events(1); return err })
	if err != nil {
		return finding{text: err.Error(), unfit: true}
	}
	return finding{text: "ok (" + c.storeWords() + ")"}
}

// checkClock finds a clock that approvals cannot be judged by. Reads go on, so
// this process is fit to be asked.
func (c *core) checkClock(ctx context.Context) finding {
	if err := c.wrongClock(ctx); err != nil {
		return finding{text: err.Error(), wrong: true}
	}
	return finding{text: "ok"}
}

// wrongClock is a *ledger.ClockError or nil: why a ledger cannot be asked is
// told by the check of the ledger.
func (c *core) wrongClock(ctx context.Context) error {
	var off *ledger.ClockError
	if errors.As(c.gate.CheckClock(ctx), &off) {
		return off
	}
	return nil
}

func (c *core) checkPolicy(context.Context) finding {
	text, fit := c.policy.describe()
	return finding{text: text, unfit: !fit}
}

func (r *readiness) checkAPI(ctx context.Context) finding {
	r.mu.Lock()
	if r.asking == nil && !r.over && (r.api == "" || time.Since(r.at) > apiCheckAge) {
		r.asking = make(chan struct{})
		r.asks.Go(r.askAPI) // it takes longer than the probe that began it, and the next probes are told
	}
	known, asking := r.api, r.asking
	r.mu.Unlock()
	if known == "" {
		select {
		case <-asking:
		case <-ctx.Done():
		case <-time.After(apiCheckWait):
		}
		known = r.lastOfAPI()
	}
	return finding{text: known, wrong: known != "ok"}
}

func (r *readiness) lastOfAPI() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.api == "" {
		return "it was asked and has not answered yet"
	}
	return r.api
}

// askAPI takes as long as it takes: no probe cuts it short, and the end of the server
// does.
func (r *readiness) askAPI() {
	said := "ok"
	if err := r.core.checkAPI(r.ctx); err != nil {
		said = err.Error()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.api, r.at = said, time.Now()
	close(r.asking)
	r.asking = nil
}

// end returns when nothing is asked any more. The server's context is over by then.
func (r *readiness) end() {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	r.asks.Wait()
}
