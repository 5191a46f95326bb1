package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"vpsops/policy"
)

// livePolicy is the policy in force. One that comes from a file follows it: a
// bad file is never put in force, and the alarm lasts until a good one is.
type livePolicy struct {
	file      string // "" for the built-in one
	logger    *slog.Logger
	note      func(detail string) // writes into the audit trail; set before follow
	count     func(inForce bool)  // for the metrics; likewise
	changed   func()              // tells clients that another is in force; likewise, may be nil
	current   atomic.Pointer[policy.Policy]
	hadTokens atomic.Bool // it listed a bearer token once

	mu    sync.Mutex
	text  []byte // of the file, as it was read last
	fault error  // why the newest file is not in force
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
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &usageError{fmt.Errorf("VPSOPS_POLICY: %w; let this user read it, or write one: vpsops policy init policy.yaml", err)}
	}
	p, err := policy.Load(file, text)
	if err != nil {
		return nil, &usageError{fmt.Errorf("the policy is not fit to be used:\n%w", err)}
	}
	l.text = text
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
	for _, w := range p.Warnings() {
		l.logger.Warn("policy: " + w.String())
	}
	for _, id := range p.Unsafe() {
		l.logger.Warn("policy: this grant has unsafe_allow, and lets changes run without anybody's yes", "rule", id)
	}
}

// describe says where the policy comes from and whether it is the newest.
func (l *livePolicy) describe() (text string, fit bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.fault != nil:
		return "the file on disk is not fit to be used, the policy before it is in force: " + l.fault.Error(), false
	case l.file == "":
		return "ok (built in)", true
	}
	return fmt.Sprintf("ok (%s, %s)", l.file, l.current.Load().Hash()[:12]), true
}

// reload puts the file in force if it has changed and is fit to be.
func (l *livePolicy) reload() {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := os.ReadFile(l.file)
	if err == nil && bytes.Equal(text, l.text) {
		return
	}
	var p *policy.Policy
	if err == nil {
		l.text = text
		p, err = policy.Load(l.file, text)
	}
	l.count(err == nil)
	if l.fault = err; err != nil {
		l.logger.Error("the policy file is not fit to be used; the policy before it stays in force", "error", err)
		l.note("refused, the policy before it stays in force: " + oneLine(err.Error()))
		return
	}
	lost := l.current.Load().HasTokens() && !p.HasTokens()
	l.put(p)
	l.logger.Info("the policy was reloaded", "file", l.file, "hash", p.Hash())
	if lost {
		l.logger.Warn("the policy lists no bearer token any more: none opens, and nobody comes in over HTTP without one until vpsops is started anew")
	}
	l.note(policyInForce + p.Hash())
	l.warn(p)
	if l.changed != nil {
		l.changed()
	}
}

// quiet is how long a file must rest before it is read: editors write in
// several steps.
const quiet = 150 * time.Millisecond

// follow reloads the file when it changes and at SIGHUP, until ctx ends.
func (l *livePolicy) follow(ctx context.Context) {
	if l.file == "" {
		return
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		// The folder, since a file that is replaced is another file.
		err = watcher.Add(filepath.Dir(l.file))
	}
	if err != nil {
		l.logger.Warn("the policy file is not watched; send SIGHUP to reload it", "error", err)
	}
	go func() {
		defer signal.Stop(hangups)
		l.followLoop(ctx, watcher, hangups)
	}()
}

func (l *livePolicy) followLoop(ctx context.Context, watcher *fsnotify.Watcher, hangups <-chan os.Signal) {
	var events chan fsnotify.Event
	if watcher != nil {
		defer func() { _ = watcher.Close() }()
		events = watcher.Events
	}
	rest := time.NewTimer(quiet) // the file may have changed since it was loaded
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			l.reload()
		case <-events:
			rest.Reset(quiet)
		case <-rest.C:
			l.reload()
		}
	}
}
