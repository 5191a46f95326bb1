package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"vpsops/internal/inert"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

// readiness says whether this process can serve, how it stands, and what is
// wrong. An API out of reach does not make it unready: people can still deny
// and cancel, and tools answer with what is wrong.
type readiness struct {
	core   *core
	api    cachedCheck
	writes cachedCheck // whether the ledger takes a write
}

// newReadiness asks nothing yet. What is asked ends with ctx, the server's.
func newReadiness(ctx context.Context, c *core) *readiness {
	return &readiness{
		core: c,
		api:  cachedCheck{ctx: ctx, ask: c.checkAPI, age: checkAge, badAge: checkAge},
		// Where a write failed each probe has the next tried, until one is taken.
		writes: cachedCheck{ctx: ctx, ask: c.tryWrite, age: checkAge},
	}
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
	checkAge = 15 * time.Second
	// Longer than a ledger waits for another's lock: only one that is held for long is
	// a fault.
	writeTime = 20 * time.Second

	maxHoldOwner = 80 // runes of a name
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
	Holds    []string `json:"holds_amiss,omitempty"` // locks and freezes that name what isn't here
	Sets     []string `json:"sets_amiss,omitempty"`  // server sets that go by what isn't here
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
			Sets:    c.setsAmiss(c.policy.current.Load()),
			Factors: []string{policy.Client.String(), policy.PersonFactor.String(), policy.Passkey.String()},
		},
	}
	report.Posture.Holds, _ = c.holdsAmiss(ctx) // why they can't be read, the check of the ledger tells
	own := []readyCheck{{"ledger", r.checkLedger}, {"api", r.checkAPI}, {"clock", c.checkClock}, {"policy", c.checkPolicy}, {"approvals", c.checkApprovals}}
	for _, check := range slices.Concat(own, c.checks) {
		found := check.look(ctx)
		if report.Checks[check.name] = found.text; found.wrong || found.unfit {
			report.Wrong = append(report.Wrong, check.name)
		}
		report.Ready = report.Ready && !found.unfit
	}
	return report
}

// checkLedger reads at each probe. That reading goes well says little of a disk that is
// full or a file that is read-only: a write is tried beside it.
func (r *readiness) checkLedger(ctx context.Context) finding {
	c := r.core
	if err := c.readLedger(ctx); err != nil {
		return finding{text: err.Error(), unfit: true}
	}
	if _, err := r.writes.last(ctx); err != nil {
		return finding{text: err.Error(), unfit: true}
	}
	return finding{text: "ok (" + c.storeWords() + ")"}
}

func (c *core) readLedger(ctx context.Context) error {
	return c.ledger.Read(ctx, func(tx ledger.ReadTx) error { _, err := tx.Events(1); return err })
}

func (c *core) tryWrite(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	err := c.lazy.tryWrite(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the ledger has not taken a write within %s: see what holds its lock, or the database up (%w)", writeTime, err)
	}
	return err
}

// holdsAmiss says of the locks and freezes in force that name what isn't here which
// they are, and what that comes to.
func (c *core) holdsAmiss(ctx context.Context) (amiss []string, err error) {
	holds, err := c.gate.Amiss(ctx)
	for _, h := range holds {
		amiss = append(amiss, fmt.Sprintf("%s %s by %s: %s", h.Kind, h.ID, inert.Text(h.Owner, maxHoldOwner), h.Remark))
	}
	return amiss, err
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

// checkPolicy finds a file that can't be put in force, or that others may write. The
// policy before it is in force, so this process goes on being fit: replicas have the
// file in common, and with all of them unready nobody could deny, cancel or freeze.
func (c *core) checkPolicy(context.Context) finding {
	text, well := c.policy.describe()
	return finding{text: text, wrong: !well}
}

func (r *readiness) checkAPI(ctx context.Context) finding {
	switch known, err := r.api.last(ctx); {
	case !known:
		return finding{text: "it was asked and has not answered yet", wrong: true}
	case err != nil:
		return finding{text: err.Error(), wrong: true}
	}
	return finding{text: "ok"}
}

// end returns when nothing is asked any more. The server's context is over by then.
func (r *readiness) end() {
	r.api.end()
	r.writes.end()
}
