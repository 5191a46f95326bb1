package main

import (
	"context"
	"time"

	"vpsops/internal/config"
	"vpsops/internal/telemetry"
	"vpsops/internal/telemetry/tracing"
	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/tools"
	"vpsops/vpsapi"
)

// measure has metrics kept and what happens to requests logged, from before
// anything is asked: for serve, which shows them.
func (c *core) measure(m *telemetry.Metrics) {
	c.metrics = m
	c.gate.Ledger = telemetry.WatchLedger(c.ledger, m, c.logger)
	m.WatchRequests(c.countUnended)
	m.WatchPolicy(func() string { return short(c.policy.current.Load().Hash()) })
	m.WatchBudgets(func() []policy.Budget { return c.policy.current.Load().Document().Budgets })
}

// trace starts traces, where the environment turns them on: before anything is
// asked. They end with drain.
func (c *core) trace(ctx context.Context, environ config.Environ) error {
	traces, err := tracing.Start(ctx, environ.Value, version, c.logger)
	if err != nil {
		return &usageError{err}
	}
	if c.traces = traces; traces != nil {
		c.gate.Trace = traces.Step
	}
	return nil
}

// toolTracing is what traces the methods that are served, or nil.
func (c *core) toolTracing(transport string) *tools.Tracing {
	if c.traces == nil {
		return nil
	}
	return &tools.Tracing{Tracer: c.traces.MCP(transport), Headers: c.traces.Headers(), Meta: c.traces.Meta()}
}

// quietTools are those whose calls need nothing of the MCP library's transport, where
// it has no caller's trace to hand on.
func (c *core) quietTools() func(tool string) bool {
	if c.traces != nil {
		return nil
	}
	return tools.Quiet
}

const countTime = 5 * time.Second

// countUnended counts the requests whose end is not known. It goes past the
// watched ledger, so that reading the metrics does not move them.
func (c *core) countUnended() (map[ledger.State]int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), countTime)
	defer cancel()
	counts := make(map[ledger.State]int)
	err := c.ledger.Read(ctx, func(tx ledger.ReadTx) error {
		open, err := tx.Outlines(ledger.Filter{States: telemetry.Unended()})
		for _, r := range open {
			counts[r.State]++
		}
		return err
	})
	return counts, err
}

func (c *core) countPolicy(inForce bool) {
	if c.metrics != nil {
		c.metrics.PolicyRead(inForce)
	}
}

// steady tells whether a call that has just ended took as long by the wall clock as it
// says. Else the machine slept meanwhile, and how old the answer's date is nobody
// knows; or the clock was set, and the next answer tells.
func steady(call vpsapi.CallInfo) bool {
	byWall := time.Since(call.Began.Round(0))
	return (byWall - call.Duration).Abs() <= time.Second
}

func (c *core) observe(ctx context.Context, call vpsapi.CallInfo) {
	c.traces.APICall(ctx, call)
	if !call.Date.IsZero() && steady(call) {
		// To ask how long the machine is up is a system call.
		c.hearTime.Do(func() { c.gate.APITime(call.Date, call.Duration) })
	}
	if c.metrics == nil {
		return // only serve shows them
	}
	c.metrics.APICall(call.Operation, string(call.Outcome), call.StatusCode, call.Attempts, call.Duration)
}
