package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"

	"vpsops/internal/config"
	"vpsops/policy"
	"vpsops/policy/gate"
)

// livePolicy is the policy in force. One that comes from a file follows it: a
// bad file is never put in force, and the alarm lasts until a good one is.
type livePolicy struct {
	file      string // "" for the built-in one
	logger    *slog.Logger
	note      func(detail string)           // has the audit trail told, and doesn't wait for that; set before follow
	count     func(inForce bool)            // for the metrics; likewise
	amiss     func(*policy.Policy) []string // what of a policy isn't as it may be meant; likewise, may be nil
	changed   func()                        // tells clients that another is in force; likewise, may be nil
	current   atomic.Pointer[policy.Policy]
	hadTokens atomic.Bool // it listed a bearer token once
	stop      context.CancelFunc
	following sync.WaitGroup

	mu     sync.Mutex
	taken  sight // what was found of the file and acted on last
	fault  error // why the newest file is not in force
	coming sight // what the last look found that is not taken yet
	looks  int   // how many in a row have found such; 0: coming means nothing
}

// newLivePolicy loads the file or, without one, takes the built-in policy. A
// bad file is an error: nothing is served under another policy than was meant.
func newLivePolicy(file string, logger *slog.Logger, builtIn func() (*policy.Policy, error)) (*livePolicy, error) {
	l := &livePolicy{file: file, logger: logger}
	if file == "" {
		p, err := builtIn()
		if err == nil {
			l.put(p)
		}
		return l, err
	}
	text, err := policyText(file)
	if err != nil {
		cure := "name the policy's file, or write one: vpsops policy init policy.yaml"
		if errors.Is(err, fs.ErrPermission) {
			cure = "let this user read it"
		}
		return nil, &usageError{fmt.Errorf("VPSOPS_POLICY: %w; %s", err, cure)}
	}
	p, err := policy.Load(file, text)
	if err != nil {
		return nil, &usageError{fmt.Errorf("the policy is not fit to be used:\n%w", err)}
	}
	l.taken = sight{text: string(text)}
	l.put(p)
	l.warn(p)
	return l, nil
}

// put puts a policy in force.
func (l *livePolicy) put(p *policy.Policy) {
	if p.HasTokens() {
		l.hadTokens.Store(true)
	}
	l.current.Store(p)
}

// onChange has the clients of a front end told. Call it before follow.
func (l *livePolicy) onChange(changed func()) { l.changed = changed }

func (l *livePolicy) warn(p *policy.Policy) {
	if err := l.openToOthers(); err != nil {
		l.logger.Warn("policy: " + err.Error())
	}
	for _, w := range p.Warnings() {
		l.logger.Warn("policy: " + w.String())
	}
	for _, id := range p.Unsafe() {
		l.logger.Warn("policy: this grant has unsafe_allow, and lets changes run without anybody's yes", "rule", id)
	}
	l.warnAmiss(p)
}

func (l *livePolicy) warnAmiss(p *policy.Policy) {
	if l.amiss == nil {
		return
	}
	for _, w := range l.amiss(p) {
		l.logger.Warn("policy: " + w)
	}
}

// openToOthers says how other users can put their policy in force, or nil.
func (l *livePolicy) openToOthers() error {
	if how := config.OpenToOthers(l.file); l.file != "" && how != "" {
		return fmt.Errorf("%s %s", l.file, how)
	}
	return nil
}

// describe says where the policy comes from and whether that is as it should be: it is
// the newest, and nobody else's.
func (l *livePolicy) describe() (text string, well bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fault != nil:
		return "the file on disk is not fit to be used, the policy before it is in force: " + l.fault.Error(), false
	case l.file == "":
		return "ok (built in)", true
	}
	if err := l.openToOthers(); err != nil {
		return err.Error(), false
	}
	return fmt.Sprintf("ok (%s, %s)", l.file, l.current.Load().Hash()[:12]), true
}

// news is what is to be said of a file that was taken, once mu is let go: whoever
// asks how the policy stands doesn't wait for whom it is said to.
type news struct {
	policy *policy.Policy // that is in force now, or nil
	fault  error          // or why it isn't
	lost   bool           // it lists no token any more
	anew   []string       // what of its budgets begins to count anew
}

// take puts what was found in force if it is fit to be, and returns what is to be
// said of that. Whoever calls it holds mu, and has seen that it isn't what was
// taken last.
func (l *livePolicy) take(found sight) *news {
	l.taken, l.looks = found, 0
	p, err := found.policy(l.file)
	l.count(err == nil)
	if l.fault = err; err != nil {
		return &news{fault: err}
	}
	before := l.current.Load()
	l.put(p)
	return &news{policy: p, lost: before.HasTokens() && !p.HasTokens(), anew: p.CountsAnew(before)}
}

// say tells everybody who is to know what came of a file, if anything did. Whoever
// calls it doesn't hold mu.
func (l *livePolicy) say(n *news) {
	switch {
	case n == nil:
	case n.fault != nil:
		l.logger.Error("the policy file is not fit to be used; the policy before it stays in force", "error", oneLine(n.fault.Error()))
		l.note("refused, the policy before it stays in force: " + oneLine(n.fault.Error()))
	default:
		l.logger.Info("the policy was reloaded", "file", l.file, "hash", n.policy.Hash())
		if n.lost {
			l.logger.Warn("the policy lists no bearer token any more: none opens, and nobody comes in over HTTP without one until vpsops is started anew")
		}
		for _, w := range n.anew {
			l.logger.Warn("policy: " + w)
		}
		l.note(gate.PolicyInForce + n.policy.Hash())
		l.warn(n.policy)
		if l.changed != nil {
			l.changed()
		}
	}
}
