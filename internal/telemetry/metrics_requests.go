package telemetry

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// hasty is how soon after the ask an approval comes that nobody can have
// thought about.
const hasty = 2 * time.Second

// requestMetrics tell what people and assistants ask, and what becomes of it.
type requestMetrics struct {
	states    *prometheus.CounterVec
	decisions *prometheus.CounterVec
	rules     *prometheus.CounterVec
	votes     *prometheus.CounterVec
	voteWait  *prometheus.HistogramVec
	hasty     *prometheus.CounterVec
	charges   *prometheus.CounterVec
	cents     *prometheus.CounterVec
}

func newRequestMetrics() requestMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	r := requestMetrics{
		states:    counter("vpsops_requests_total", "Requests that came into a state, by what was asked. A request comes into several.", "front", "action", "state"),
		decisions: counter("vpsops_decisions_total", "What the policy decided about asks, and anew about claims that it stopped.", "front", "action", "effect"),
		rules:     counter("vpsops_decision_rules_total", "Rules that mattered to a decision, and what each wanted. Locks and freezes are the rule \"hold\".", "kind", "rule", "effect"),
		votes:     counter("vpsops_votes_total", "Votes that counted.", "front", "factor", "verdict"),
		voteWait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vpsops_vote_wait_seconds", Help: "From an ask to a vote on it.",
			Buckets: []float64{1, 2, 5, 15, 30, 60, 120, 300, 600, 900, 3600},
		}, []string{"verdict"}),
		hasty:   counter("vpsops_hasty_approvals_total", "Approvals by a person less than two seconds after the ask: nobody reads a card in that time.", "front"),
		charges: counter("vpsops_budget_charges_total", "What claims took from budgets; what was given back is not taken off.", "budget"),
		cents:   counter("vpsops_budget_monthly_cents_total", "The monthly prices that claims took from budgets, in hundredths.", "budget"),
	}
	for _, front := range []policy.Front{policy.Slack, policy.Page} { // where persons vote: alerts compare with 0
		r.hasty.WithLabelValues(string(front))
	}
	return r
}

func (r requestMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{r.states, r.decisions, r.rules, r.votes, r.voteWait, r.hasty, r.charges, r.cents}
}

func (m *Metrics) reached(r ledger.Request) {
	m.requests.states.WithLabelValues(string(r.Front), string(r.Action), string(r.State)).Inc()
}

func (m *Metrics) decided(r ledger.Request) {
	m.requests.decisions.WithLabelValues(string(r.Front), string(r.Action), effectOf(r).String()).Inc()
	for _, rule := range r.Rules {
		m.requests.rules.WithLabelValues(string(rule.Kind), ruleLabel(rule), rule.Effect.String()).Inc()
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
	m.requests.votes.WithLabelValues(string(v.Front), v.Factor.String(), verdict).Inc()
	if asked.IsZero() {
		return
	}
	took := v.At.Sub(asked)
	m.requests.voteWait.WithLabelValues(verdict).Observe(took.Seconds())
	if v.Approve && v.Factor >= policy.PersonFactor && took < hasty {
		m.requests.hasty.WithLabelValues(string(v.Front)).Inc()
	}
}

func (m *Metrics) charged(u ledger.Use) {
	budget := policy.BudgetOf(u.Key)
	m.requests.charges.WithLabelValues(budget).Add(float64(u.Count))
	if u.Cents > 0 {
		m.requests.cents.WithLabelValues(budget).Add(float64(u.Cents))
	}
}

// WatchRequests has the metrics show, when they are read, how many requests are
// in each state that is no end, as count tells; where it fails, none is shown.
// Call it once at the most.
func (m *Metrics) WatchRequests(count func() (map[ledger.State]int, error)) {
	m.registry.MustRegister(&openRequests{count: count, desc: prometheus.NewDesc("vpsops_requests_open",
		"Requests whose end is not known, in the whole ledger. Every process that shares it shows the same.", []string{"state"}, nil)})
}

type openRequests struct {
	count func() (map[ledger.State]int, error)
	desc  *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (o *openRequests) Describe(descs chan<- *prometheus.Desc) { descs <- o.desc }

// Collect implements prometheus.Collector.
func (o *openRequests) Collect(metrics chan<- prometheus.Metric) {
	counts, err := o.count()
	if err != nil {
		return
	}
	for _, state := range Unended() {
		metrics <- prometheus.MustNewConstMetric(o.desc, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
}

// Unended are the states that are no end, or no certain one.
func Unended() []ledger.State {
	return slices.Clone([]ledger.State{ledger.Pending, ledger.Approved, ledger.Executing, ledger.Unknown})
}

// WatchBudgets has the metrics show the limits of the budgets in force.
// Call it once at the most.
func (m *Metrics) WatchBudgets(budgets func() []policy.Budget) {
	m.registry.MustRegister(&budgetLimits{budgets: budgets, desc: prometheus.NewDesc("vpsops_budget_limit",
		"How much a budget of the policy lets through in a time, of charges or of monthly_cents.", []string{"budget", "unit", "per", "by"}, nil)})
}

// WatchPolicy has the metrics show which policy is in force, by the beginning of
// its hash: replicas that show several have several files. Call it once at the
// most.
func (m *Metrics) WatchPolicy(hash func() string) {
	m.registry.MustRegister(&policyInfo{hash: hash, desc: prometheus.NewDesc("vpsops_policy_info",
		"Always 1; the label says which policy is in force.", []string{"hash"}, nil)})
}

type policyInfo struct {
	hash func() string
	desc *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (p *policyInfo) Describe(descs chan<- *prometheus.Desc) { descs <- p.desc }

// Collect implements prometheus.Collector.
func (p *policyInfo) Collect(metrics chan<- prometheus.Metric) {
	metrics <- prometheus.MustNewConstMetric(p.desc, prometheus.GaugeValue, 1, p.hash())
}

type budgetLimits struct {
	budgets func() []policy.Budget
	desc    *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (b *budgetLimits) Describe(descs chan<- *prometheus.Desc) { descs <- b.desc }

// Collect implements prometheus.Collector.
func (b *budgetLimits) Collect(metrics chan<- prometheus.Metric) {
	for _, budget := range b.budgets() {
		unit, limit := "charges", float64(budget.Max)
		if budget.MaxMonthlyPrice > 0 {
			unit, limit = "monthly_cents", float64(budget.MaxMonthlyPrice)
		}
		by := budget.By
		if by == "" {
			by = policy.ByEveryone
		}
		metrics <- prometheus.MustNewConstMetric(b.desc, prometheus.GaugeValue, limit, budget.ID, unit, budget.Per.String(), string(by))
	}
}
