package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// adminHandler answers on VPSOPS_ADMIN_LISTEN.
func (c *core) adminHandler() http.Handler {
	ready := &readiness{core: c}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // the prober has gone
	})
	mux.HandleFunc("GET /readyz", ready.answer)
	mux.Handle("GET /metrics", c.metrics.Handler())
	return mux
}

// readiness says whether this process can serve, and how it stands. An API out
// of reach does not make it unready: people can still deny and cancel, and
// tools answer with what is wrong.
type readiness struct {
	core *core
	mu   sync.Mutex
	api  string
	at   time.Time
}

const apiCheckAge = 15 * time.Second // probes come often; the API is asked seldom

type readyReport struct {
	Ready   bool              `json:"ready"`
	Checks  map[string]string `json:"checks"`
	Posture posture           `json:"posture"`
}

type posture struct {
	ReadOnly bool     `json:"read_only"`
	Sandbox  bool     `json:"sandbox"`
	Accounts []string `json:"accounts"`
	Factors  []string `json:"factors"`
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
		Ready:  true,
		Checks: map[string]string{"ledger": "ok (" + c.storeWords() + ")", "api": r.apiState(ctx)},
		Posture: posture{
			ReadOnly: c.cfg.ReadOnly, Sandbox: c.sandbox, Accounts: c.gate.Desk().Accounts(),
			Factors: []string{policy.Client.String(), policy.PersonFactor.String()},
		},
	}
	var fit bool
	if report.Checks["policy"], fit = c.policy.describe(); !fit {
		report.Ready = false
	}
	if err := c.gate.Ledger.Read(ctx, func(tx ledger.ReadTx) error { _, err := tx.Events(1); return err }); err != nil {
		report.Ready, report.Checks["ledger"] = false, err.Error()
	}
	return report
}

func (r *readiness) apiState(ctx context.Context) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); r.api == "" || now.Sub(r.at) > apiCheckAge {
		r.api, r.at = "ok", now
		if err := r.core.checkAPI(ctx); err != nil {
			r.api = err.Error()
		}
	}
	return r.api
}
