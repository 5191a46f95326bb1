package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"vpsops/internal/config"
	"vpsops/internal/seal"
	"vpsops/internal/telemetry"
	"vpsops/internal/telemetry/tracing"
	"vpsops/internal/uptime"
	"vpsops/policy"
	"vpsops/policy/gate"
	"vpsops/policy/ledger"
	"vpsops/slackbot"
	"vpsops/vpsapi"
)

// core is what every front end of one process stands on.
type core struct {
	cfg          *config.Config
	logger       *slog.Logger
	key          seal.Key
	onlyRead     bool  // nothing is written into the ledger
	unfit        error // why the ledger is not opened in this process, or nil
	unmade       bool  // there is no ledger yet, and this process makes none
	policy       *livePolicy
	notes        *policyNotes       // nil in a command that follows no policy
	metrics      *telemetry.Metrics // nil where nobody reads them
	traces       *tracing.Traces    // nil where they are off
	ledger       ledger.Ledger
	lazy         *lazyLedger // the same; nil where a command has opened it itself
	gate         *gate.Gate
	identity     policy.Identity // who sits at this machine
	api          string          // the API's address
	sandbox      bool
	hearTime     rate.Sometimes // keeps the API's clock from being heard with every call
	hearRefusals rate.Sometimes // keeps refused callers from filling the log
	checks       []readyCheck   // what front ends add to what /readyz tells
	slack        *slackFront    // nil where Slack is off

	ownNote      atomic.Int64                        // the last row of the trail in which this process noted a policy
	groups       atomic.Pointer[slackbot.Usergroups] // nil where Slack is off
	onCheckpoint func(ledger.Checkpoint)             // publishes one; nil where nothing does
}

// load reads the environment. With a simulated API the real one's settings
// count for nothing.
func (p *program) load(ctx context.Context, simulated bool) (*config.Config, *slog.Logger, error) {
	environ := p.environ
	if simulated {
		environ = config.Environ{}
		for name, value := range p.environ {
			switch trimFile(name) {
			case "VPS_API_TOKEN", "VPS_API_TOKENS", "VPS_API_URL", "VPSOPS_STORE":
			default:
				environ[name] = value
			}
		}
	}
	cfg, err := config.Load(ctx, environ)
	if err != nil {
		return nil, nil, err
	}
	logger := telemetry.NewLogger(p.stderr, cfg.LogLevel, cfg.LogFormat, isTerminal(p.stderr))
	slog.SetDefault(logger) // libraries that log by themselves, with slog or log, do it as we do
	for _, w := range slices.Concat(cfg.Warnings, cfg.Risks) {
		logger.Warn(w)
	}
	return cfg, logger, nil
}

// settings is load for commands that serve nothing.
func (p *program) settings(ctx context.Context) (*config.Config, error) {
	cfg, _, err := p.load(ctx, false)
	return cfg, err
}

func trimFile(name string) string {
	const suffix = "_FILE"
	if len(name) > len(suffix) && name[len(name)-len(suffix):] == suffix {
		return name[:len(name)-len(suffix)]
	}
	return name
}

// newCore puts the policy, the ledger, the accounts and the gate together.
// builtIn is the policy where none is configured.
func newCore(cfg *config.Config, logger *slog.Logger, apiURL string, simulated bool, builtIn func(person, osUser string) (*policy.Policy, error)) (*core, error) {
	c := &core{cfg: cfg, logger: logger, api: apiURL, sandbox: simulated, identity: policy.Identity{Kind: policy.LocalUser, ID: cfg.Person}}
	c.hearTime.Interval = time.Second
	c.hearRefusals.Interval = refusalLogInterval
	if simulated && cfg.PolicyFile == "" {
		c.identity.ID = policy.DemoPerson
		builtIn = func(string, string) (*policy.Policy, error) { return policy.Demo() }
	}
	var err error
	c.policy, err = newLivePolicy(cfg.PolicyFile, logger, func() (*policy.Policy, error) {
		return builtIn(c.identity.ID, c.identity.ID)
	})
	if err != nil {
		return nil, err
	}
	if pol := c.policy.current.Load(); simulated && pol.PersonOf(c.identity) == "" && pol.HasPerson(policy.DemoPerson) {
		c.identity.ID = policy.DemoPerson
	}
	if err := c.takeKey(); err != nil {
		return nil, err
	}
	accounts, err := c.accounts()
	if err != nil {
		return nil, err
	}
	c.lazy = c.newLedger()
	c.ledger = c.lazy
	c.gate = gate.New(gate.Config{
		Ledger: c.ledger, Policy: c.inForce,
		Accounts: accounts, Key: c.key, ReadOnly: cfg.ReadOnly, Logger: logger, Now: clock, Uptime: uptime.Clock(),
	})
	c.notes = newPolicyNotes(logger, c.notePolicy)
	c.policy.note, c.policy.count, c.policy.amiss = c.notes.add, c.countPolicy, c.setsAmiss
	c.policy.warnAmiss(c.policy.current.Load())
	return c, nil
}

// notePolicy writes into the audit trail which policy is in force, and remembers
// which row that is.
func (c *core) notePolicy(ctx context.Context, detail string) error {
	seq, err := c.gate.NotePolicy(ctx, detail)
	if err == nil {
		c.ownNote.Store(seq)
	}
	return err
}

// newLedger is the ledger: in memory beside a simulated API, else the
// configured one, opened when it is first wanted.
func (c *core) newLedger() *lazyLedger {
	if c.sandbox {
		return &lazyLedger{store: c.storeWords(), open: func(context.Context) (ledger.Ledger, error) { return ledger.NewMemory(), nil }}
	}
	return &lazyLedger{store: c.storeWords(), open: func(ctx context.Context) (ledger.Ledger, error) {
		switch {
		case c.unfit != nil:
			return nil, c.unfit
		case c.unmade: // one that is yet to be made holds what an empty one does
			return ledger.NewMemory(), nil
		}
		return c.openLedger(ctx)
	}}
}

// takeUp has what was left open in the ledger taken up when that is first
// wanted: by what serves and ends with drain, never by a command that only looks.
// Call it before anything is asked.
func (c *core) takeUp() { c.lazy.opened = c.gate.Resume }

// knownPerson refuses to serve somebody at this machine whom the policy does
// not list: every call of theirs would be a stranger's.
func (c *core) knownPerson() error { return listedHere(c.policy.current.Load(), c.identity) }

// listedHere wants a policy that lists the person at this machine.
func listedHere(pol *policy.Policy, person policy.Identity) error {
	if pol.PersonOf(person) != "" {
		return nil
	}
	return &usageError{fmt.Errorf("VPSOPS_PERSON is %q, whom the policy does not list by name or local account; it lists %s; for example VPSOPS_PERSON=%s",
		person.ID, strings.Join(pol.People(), ", "), pol.People()[0])}
}

func (c *core) accounts() ([]gate.Account, error) {
	configured := c.cfg.Accounts
	if c.sandbox {
		configured = []config.Account{{Name: config.DefaultAccount, Token: config.NewSecret(sandboxToken)}}
	}
	accounts := make([]gate.Account, 0, len(configured))
	for _, a := range configured {
		account, err := c.account(a)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}

func (c *core) account(a config.Account) (gate.Account, error) {
	token := vpsapi.NewToken(a.Token.Reveal())
	opts := []vpsapi.Option{vpsapi.WithBaseURL(c.api), vpsapi.WithUserAgent("vpsops/" + version), vpsapi.WithLogger(c.logger), vpsapi.WithObserver(c.observe)}
	if !c.sandbox { // a simulated API's token is nobody's to set
		opts = append(opts, vpsapi.WithTokenName(a.TokenPlace()))
	}
	reader, err := vpsapi.NewReader(token, opts...)
	if err != nil {
		return gate.Account{}, err
	}
	writer, err := vpsapi.NewWriter(token, opts...)
	if err != nil {
		return gate.Account{}, err
	}
	return gate.Account{Name: a.Name, Fingerprint: token.Fingerprint(), Reader: reader, Writer: writer, Finder: vpsapi.NewFinder(reader)}, nil
}

const drainTime = 45 * time.Second // longer than any call and its last look

// drain finishes what is executing before the program ends.
func (c *core) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	defer c.endTraces()
	err := c.gate.Close(ctx)
	c.endNotes(ctx)
	return errors.Join(err, c.ledger.Close())
}

// endNotes has the trail told of what it still lacks about policies.
func (c *core) endNotes(ctx context.Context) {
	if c.notes == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, noteEndTime)
	defer cancel()
	c.policy.unfollow()
	c.notes.end(ctx)
}

const traceEndTime = 3 * time.Second

// endTraces sends what is left. Traces that nobody takes are no failure of the
// program.
func (c *core) endTraces() {
	ctx, cancel := context.WithTimeout(context.Background(), traceEndTime)
	defer cancel()
	if err := c.traces.Close(ctx); err != nil {
		c.logger.Warn("traces are lost", "error", err)
	}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
