package telemetry

import (
	"slices"
	"strings"
	"time"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// hasty is how soon after the ask an approval comes that nobody can have
// thought about.
const hasty = 2 * time.Second

// requestMetrics tell what people and assistants ask, and what becomes of it.
type requestMetrics struct {
	states    counterVec
	decisions counterVec
	rules     counterVec
	votes     counterVec
	voteWait  histogramVec
	hasty     counterVec
	charges   counterVec
	cents     counterVec
}

func newRequestMetrics(in *registry) requestMetrics {
	r := requestMetrics{
		states:    in.counters("vpsops_requests_total", "Requests that came into a state, by what was asked. A request comes into several.", "front", "action", "state"),
		decisions: in.counters("vpsops_decisions_total", "What the policy decided about asks, and anew about claims that it stopped.", "front", "action", "effect"),
		rules:     in.counters("vpsops_decision_rules_total", `Rules that mattered to a decision, and what each wanted. Locks and freezes are the rule "hold".`, "kind", "rule", "effect"),
		votes:     in.counters("vpsops_votes_total", "Votes that counted.", "front", "factor", "verdict"),
		voteWait: in.histograms("vpsops_vote_wait_seconds", "From an ask to a vote on it.",
			[]float64{1, 2, 5, 15, 30, 60, 120, 300, 600, 900, 3600}, "verdict"),
		hasty:   in.counters("vpsops_hasty_approvals_total", "Approvals by a person less than two seconds after the ask: nobody reads a card in that time.", "front"),
		charges: in.counters("vpsops_budget_charges_total", "What claims took from budgets; what was given back is not taken off.", "budget"),
		cents:   in.counters("vpsops_budget_monthly_cents_total", "The monthly prices that claims took from budgets, in hundredths.", "budget"),
	}
	for _, front := range []policy.Front{policy.Slack, policy.Page} { // where persons vote: alerts compare with 0
		r.hasty.with(string(front))
	}
	return r
}

func (m *Metrics) reached(r ledger.Request) {
	m.requests.states.with(string(r.Front), string(r.Action), string(r.State)).Inc()
}

func (m *Metrics) decided(r ledger.Request) {
	m.requests.decisions.with(string(r.Front), string(r.Action), effectOf(r).String()).Inc()
	for _, rule := range r.Rules {
		m.requests.rules.with(string(rule.Kind), ruleLabel(rule), rule.Effect.String()).Inc()
	}
}

// effectOf is what a request's rules together want. One whose denial was lifted
// by breaking glass wants what lifts it.
func effectOf(r ledger.Request) policy.Effect {
	if r.State == ledger.Denied {
		return policy.Deny
	}
	strictest := policy.Allow
	for _, rule := range r.Rules {
		if rule.Effect != policy.Deny {
			strictest = max(strictest, rule.Effect)
		}
	}
	if len(r.Needs) > 0 {
		strictest = max(strictest, policy.Confirm)
	}
	return strictest
}

// ruleLabel names a rule. A lock or a freeze has an id of its own, which is no
// label.
func ruleLabel(r policy.Rule) string {
	if r.Kind == policy.FloorRule && strings.HasPrefix(r.ID, "hold_") {
		return "hold"
	}
	return r.ID
}

func (m *Metrics) voted(v ledger.Vote, asked time.Time) {
	verdict := "deny"
	if v.Approve {
		verdict = "approve"
	}
	m.requests.votes.with(string(v.Front), v.Factor.String(), verdict).Inc()
	if asked.IsZero() {
		return
	}
	took := v.At.Sub(asked)
	m.requests.voteWait.with(verdict).Update(max(took, 0).Seconds()) // clocks of replicas differ
	if v.Approve && v.Factor >= policy.PersonFactor && took < hasty {
		m.requests.hasty.with(string(v.Front)).Inc()
	}
}

func (m *Metrics) charged(u ledger.Use) {
	budget := policy.BudgetOf(u.Key)
	m.requests.charges.with(budget).AddInt64(int64(u.Count))
	if u.Cents > 0 {
		m.requests.cents.with(budget).AddInt64(u.Cents)
	}
}

// WatchRequests has the metrics show, when they are read, how many requests are
// in each state that is no end, as count tells; where it fails, none is shown.
// Call it once at the most.
func (m *Metrics) WatchRequests(count func() (map[ledger.State]int, error)) {
	m.registry.readGauges("vpsops_requests_open", "Requests whose end is not known, in the whole ledger. Every process that shares it shows the same.",
		[]string{"state"}, func(show func(float64, ...string)) {
			counts, err := count()
			if err != nil {
				return
			}
			for _, state := range Unended() {
				show(float64(counts[state]), string(state))
			}
		})
}

// Unended are the states that are no end, or no certain one.
func Unended() []ledger.State {
	return slices.Clone([]ledger.State{ledger.Pending, ledger.Approved, ledger.Executing, ledger.Unknown})
}

// WatchBudgets has the metrics show the limits of the budgets in force.
// Call it once at the most.
func (m *Metrics) WatchBudgets(budgets func() []policy.Budget) {
	m.registry.readGauges("vpsops_budget_limit", "How much a budget of the policy lets through in a time, of charges or of monthly_cents.",
		[]string{"budget", "unit", "per", "by"}, func(show func(float64, ...string)) {
			for _, budget := range budgets() {
				unit, limit := "charges", float64(budget.Max)
				if budget.MaxMonthlyPrice > 0 {
					unit, limit = "monthly_cents", float64(budget.MaxMonthlyPrice)
				}
				by := budget.By
				if by == "" {
					by = policy.ByEveryone
				}
				show(limit, budget.ID, unit, budget.Per.String(), string(by))
			}
		})
}

// WatchPolicy has the metrics show which policy is in force, by the beginning of
// its hash: replicas that show several have several files. Call it once at the
// most.
func (m *Metrics) WatchPolicy(hash func() string) {
	m.registry.readGauges("vpsops_policy_info", "Always 1; the label says which policy is in force.", []string{"hash"}, func(show func(float64, ...string)) {
		show(1, hash())
	})
}
