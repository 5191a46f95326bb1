package telemetry

import (
	"context"
	"log/slog"
	"time"

	"vpsops/policy/ledger"
)

// watchedLedger counts and logs what is written through it.
type watchedLedger struct {
	ledger.Ledger
	metrics *Metrics
	logger  *slog.Logger
}

// WatchLedger returns a ledger that does what l does, while m counts, and log
// tells with the ids of requests, people and rules, what became of it. Only what is
// committed is told, once: by the process that committed it.
func WatchLedger(l ledger.Ledger, m *Metrics, log *slog.Logger) ledger.Ledger {
	return &watchedLedger{Ledger: l, metrics: m, logger: log}
}

// Write implements [ledger.Ledger].
func (w *watchedLedger) Write(ctx context.Context, fn func(ledger.Tx) error) error {
	begin := time.Now()
	var tx *watchedTx
	err := w.Ledger.Write(ctx, func(inner ledger.Tx) error {
		tx = newWatchedTx(inner) // anew where it runs again
		return fn(tx)
	})
	w.metrics.transaction(kindWrite, time.Since(begin), err)
	if err == nil && tx != nil {
		w.tell(ctx, tx)
	}
	return err
}

// Read implements [ledger.Ledger].
func (w *watchedLedger) Read(ctx context.Context, fn func(ledger.ReadTx) error) error {
	begin := time.Now()
	err := w.Ledger.Read(ctx, fn)
	w.metrics.transaction(kindRead, time.Since(begin), err)
	return err
}

func (w *watchedLedger) tell(ctx context.Context, tx *watchedTx) {
	for _, kind := range tx.kinds {
		w.metrics.ledger.rows.with(kind).Inc()
	}
	for _, u := range tx.uses {
		w.metrics.charged(u)
	}
	for _, v := range tx.votes {
		w.metrics.voted(v, tx.asked[v.RequestID])
		w.logVote(ctx, v)
	}
	for _, c := range tx.changes {
		w.metrics.reached(c.now)
		if c.decided() {
			w.metrics.decided(c.now)
		}
		w.logChange(ctx, c)
	}
}

func (w *watchedLedger) logVote(ctx context.Context, v ledger.Vote) {
	verdict := "deny"
	if v.Approve {
		verdict = "approve"
	}
	w.logger.LogAttrs(ctx, slog.LevelInfo, "vote", slog.String("request", v.RequestID), slog.String("person", v.Person),
		slog.String("verdict", verdict), slog.String("factor", v.Factor.String()), slog.String("front", string(v.Front)))
}

func (w *watchedLedger) logChange(ctx context.Context, c change) {
	level, r := slog.LevelInfo, c.now
	if r.State == ledger.Unknown {
		level = slog.LevelWarn
	}
	if !w.logger.Enabled(ctx, level) {
		return
	}
	rules := make([]string, len(r.Rules))
	for i, rule := range r.Rules {
		rules[i] = rule.ID
	}
	w.logger.LogAttrs(ctx, level, "request", slog.String("request", r.ID), slog.String("person", r.Person),
		slog.String("action", string(r.Action)), slog.String("account", r.Account), slog.String("server", r.ServerID),
		slog.String("front", string(r.Front)), slog.String("state", string(r.State)), slog.Any("rules", rules), slog.String("why", r.Message))
}
