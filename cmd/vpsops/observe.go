package main

import (
	"context"
	"time"

	"vpsops/internal/telemetry"
	"vpsops/policy"
	"vpsops/policy/ledger"
	"vpsops/vpsapi"
)

// measure has metrics kept and what happens to requests logged, from before
// anything is asked: for serve, which shows them.
func (c *core) measure(m *telemetry.Metrics) {
	c.metrics = m
	c.gate.Ledger = telemetry.WatchLedger(c.ledger, m, c.logger)
	m.WatchRequests(c.countUnended)
	m.WatchBudgets(func() []policy.Budget { return c.policy.current.Load().Document().Budgets })
}

const countTime = 5 * time.Second

// countUnended counts the requests whose end is not known. It goes past the
// watched ledger, so that reading the metrics does not move them.
func (c *core) countUnended() (map[ledger.State]int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), countTime)
	defer cancel()
	counts := make(map[ledger.State]int)
	err := c.ledger.Read(ctx, func(tx ledger.ReadTx) error {
		open, err := tx.Requests(ledger.Filter{States: telemetry.Unended()})
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

func (c *core) observe(call vpsapi.CallInfo) {
	if c.metrics == nil {
		return // only serve shows them
	}
	c.metrics.APICall(call.Operation, string(call.Outcome), call.StatusCode, call.Attempts, call.Duration)
}
