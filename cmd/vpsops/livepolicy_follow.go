package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"vpsops/policy"
)

// quiet is how long a file must rest before it is read: editors write in
// several steps.
const quiet = 150 * time.Millisecond

// sight is what a look at the file finds: its text, or why it can't be read.
// The same again is no news.
type sight struct{ text, fault string }

func see(file string) sight {
	text, err := os.ReadFile(file)
	if err != nil {
		return sight{fault: err.Error()}
	}
	return sight{text: string(text)}
}

func (s sight) policy(file string) (*policy.Policy, error) {
	if s.fault != "" {
		return nil, errors.New(s.fault)
	}
	return policy.Load(file, []byte(s.text))
}

// reload takes the file as it is now, if that is news.
func (l *livePolicy) reload() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := see(l.file); found != l.taken {
		l.take(found)
	}
}

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
		if watcher == nil {
			l.followLoop(ctx, nil, nil, hangups)
			return
		}
		defer func() { _ = watcher.Close() }()
		l.followLoop(ctx, watcher.Events, watcher.Errors, hangups)
	}()
}

// followLoop follows the file by what it is told. lost is where a watch says that
// it has missed something; it tells nothing more until it is heard.
func (l *livePolicy) followLoop(ctx context.Context, events <-chan fsnotify.Event, lost <-chan error, hangups <-chan os.Signal) {
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
		case <-lost:
			rest.Reset(quiet)
		case <-rest.C:
			l.reload()
		}
	}
}
