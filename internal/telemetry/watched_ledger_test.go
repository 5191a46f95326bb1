package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"vpsops/internal/telemetry"
	"vpsops/policy"
	"vpsops/policy/ledger"
)

const (
	requestID = "req_abcdefghijklmnop"
	holdID    = "hold_abcdefghijkl"
	serverID  = "987654"
)

// stand is a ledger that is watched.
type stand struct {
	t       *testing.T
	ledger  ledger.Ledger
	metrics *telemetry.Metrics
	logged  bytes.Buffer
	asked   time.Time
}

func newStand(t *testing.T, m *telemetry.Metrics) *stand {
	s := &stand{t: t, metrics: m, asked: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)}
	s.ledger = telemetry.WatchLedger(ledger.NewMemory(), m, telemetry.NewLogger(&s.logged, slog.LevelInfo, telemetry.FormatJSON, false))
	return s
}

func (s *stand) write(fn func(ledger.Tx) error) {
	s.t.Helper()
	if err := s.ledger.Write(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// everything asks, votes, charges, ends, and fails, each once.
func (s *stand) everything() {
	s.t.Helper()
	s.ask()
	s.vote(90 * time.Second)
	s.move(ledger.Approved, "has the votes it needs")
	s.move(ledger.Executing, "claimed")
	s.move(ledger.Unknown, "the answer was lost")
	s.vetoed()
	broken := telemetry.WatchLedger(brokenLedger{s.ledger}, s.metrics, slog.New(slog.DiscardHandler))
	_ = broken.Read(s.t.Context(), func(ledger.ReadTx) error { return nil })
}

func (s *stand) request() ledger.Request {
	return ledger.Request{
		ID: requestID, State: ledger.Pending, Person: "ana", Front: policy.MCP, Action: policy.Delete, Account: "main", ServerID: serverID,
		Operation: []byte("{}"), Shown: []byte("{}"), Digest: "d", CreatedAt: s.asked, ExpiresAt: s.asked.Add(time.Hour),
		Needs: []policy.Need{{}},
		Rules: []policy.Rule{{Kind: policy.GrantRule, ID: "platform"}, {Kind: policy.GuardRule, ID: "prod-delete", Effect: policy.Approve}},
	}
}

func (s *stand) ask() {
	s.t.Helper()
	s.write(func(tx ledger.Tx) error {
		return errors.Join(tx.Insert(s.request()), tx.Audit(ledger.Event{Kind: "ask", RequestID: requestID, At: s.asked}))
	})
}

func (s *stand) vote(after time.Duration) {
	s.t.Helper()
	s.write(func(tx ledger.Tx) error {
		r, err := tx.Request(requestID)
		if err != nil {
			return err
		}
		return tx.AddVote(ledger.Vote{RequestID: r.ID, Person: "ben", Front: policy.Page, Factor: policy.PersonFactor, Approve: true, Digest: "d", At: s.asked.Add(after)})
	})
}

func (s *stand) move(to ledger.State, why string) {
	s.t.Helper()
	s.write(func(tx ledger.Tx) error {
		r, err := tx.Request(requestID)
		if err != nil {
			return err
		}
		if r.State, r.Message = to, why; to == ledger.Executing {
			err = tx.AddUse(ledger.Use{Key: `["deletes","everyone",""]`, RequestID: r.ID, Count: 1, Cents: 500, At: s.asked})
		}
		_, update := tx.Update(r)
		return errors.Join(err, update)
	})
}

// vetoed asks what a lock denies.
func (s *stand) vetoed() {
	s.t.Helper()
	s.write(func(tx ledger.Tx) error {
		r := s.request()
		r.ID, r.State, r.Needs = "req_bcdefghijklmnopq", ledger.Denied, nil
		r.Rules = append(r.Rules, policy.Rule{Kind: policy.FloorRule, ID: holdID, Effect: policy.Deny})
		return tx.Insert(r)
	})
}

type brokenLedger struct{ ledger.Ledger }

func (brokenLedger) Read(context.Context, func(ledger.ReadTx) error) error {
	return &ledger.StoreError{Op: "read", Problem: ledger.Unreachable}
}

func (brokenLedger) Write(context.Context, func(ledger.Tx) error) error {
	return &ledger.StoreError{Op: "write", Problem: ledger.Full}
}

func TestWhatIsCommittedIsCounted(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	s := newStand(t, m)
	s.everything()
	shows(t, m,
		`vpsops_requests_total{action="delete",front="mcp",state="pending"} 1`,
		`vpsops_requests_total{action="delete",front="mcp",state="approved"} 1`,
		`vpsops_requests_total{action="delete",front="mcp",state="unknown"} 1`,
		`vpsops_decisions_total{action="delete",effect="approve",front="mcp"} 1`,
		`vpsops_decisions_total{action="delete",effect="deny",front="mcp"} 1`,
		`vpsops_decision_rules_total{effect="approve",kind="guard",rule="prod-delete"} 2`,
		`vpsops_decision_rules_total{effect="deny",kind="floor",rule="hold"} 1`,
		`vpsops_votes_total{factor="person",front="page",verdict="approve"} 1`,
		`vpsops_vote_wait_seconds_sum{verdict="approve"} 90`,
		`vpsops_budget_charges_total{budget="deletes"} 1`,
		`vpsops_budget_monthly_cents_total{budget="deletes"} 500`,
		`vpsops_audit_rows_total{kind="ask"} 1`,
		`vpsops_ledger_transaction_duration_seconds_count{kind="write"} 6`,
		`vpsops_hasty_approvals_total{front="page"} 0`, // the vote came after a minute and a half
	)
}

func TestAnApprovalWithinTwoSecondsIsHasty(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	s := newStand(t, m)
	s.ask()
	s.vote(1900 * time.Millisecond)
	shows(t, m, `vpsops_hasty_approvals_total{front="page"} 1`)
}

func TestWhatIsNotCommittedIsNotCounted(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	s := newStand(t, m)
	gaveUp := errors.New("gave up")
	if err := s.ledger.Write(t.Context(), func(tx ledger.Tx) error { return errors.Join(tx.Insert(s.request()), gaveUp) }); !errors.Is(err, gaveUp) {
		t.Fatal(err)
	}
	if strings.Contains(scrape(m), "vpsops_requests_total{") || s.logged.Len() > 0 {
		t.Errorf("a request that was not written is told of: %s", s.logged.String())
	}
}

func TestAFaultOfTheLedgerIsCounted(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	l := telemetry.WatchLedger(brokenLedger{ledger.NewMemory()}, m, slog.New(slog.DiscardHandler))
	if l.Write(t.Context(), nil) == nil || l.Read(t.Context(), nil) == nil {
		t.Fatal("the fault was lost")
	}
	shows(t, m, `vpsops_ledger_faults_total{kind="write",problem="full"} 1`, `vpsops_ledger_faults_total{kind="read",problem="unreachable"} 1`)
}

func TestNoIDIsALabel(t *testing.T) {
	m := telemetry.NewMetrics("v1.2.3", "abc")
	newStand(t, m).everything()
	for _, id := range []string{requestID, holdID, serverID, "ana", "ben"} {
		if strings.Contains(scrape(m), id) {
			t.Errorf("%s stands in the metrics", id)
		}
	}
}

func TestTheLogTellsWhoAskedWhatUnderWhichRules(t *testing.T) {
	s := newStand(t, telemetry.NewMetrics("v1.2.3", "abc"))
	s.everything()
	for _, part := range []string{
		`"msg":"request","request":"` + requestID + `","person":"ana","action":"delete","account":"main","server":"` + serverID + `","front":"mcp","state":"pending","rules":["platform","prod-delete"]`,
		`"msg":"vote","request":"` + requestID + `","person":"ben","verdict":"approve","factor":"person"`,
		`"level":"WARN","msg":"request","request":"` + requestID + `","person":"ana","action":"delete","account":"main","server":"` + serverID + `","front":"mcp","state":"unknown"`,
	} {
		if !strings.Contains(s.logged.String(), part) {
			t.Errorf("no %s in\n%s", part, s.logged.String())
		}
	}
}

func shows(t *testing.T, m *telemetry.Metrics, lines ...string) {
	t.Helper()
	text := scrape(m)
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s", line)
		}
	}
}
