package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"vpsops/internal/config"
	"vpsops/policy"
)

// What counts as a change is what the file says, never what is told of its
// folder: a file may be a symbolic link to anywhere, as in Kubernetes, and its
// neighbours may be written to without end. What is told only has it looked at
// sooner, and nothing that comes after puts that look off.
const (
	lookSoon   = 150 * time.Millisecond // after something happened in the folder, and between looks at a file that changes
	lookAnyway = 5 * time.Second        // where nothing is told: no watch reaches a link's other end, or outlives the folder
	mostLooks  = 5                      // at a file that is another each time; then it is taken as it is: within a second
)

// sight is what a look at the file finds: its text, or why it can't be read.
// The same again is no news.
type sight struct{ text, fault string }

func see(file string) sight {
	text, err := policyText(file)
	if err != nil {
		return sight{fault: err.Error()}
	}
	return sight{text: string(text)}
}

// policyText reads what is followed, and waits for nobody who would write it.
func policyText(file string) ([]byte, error) {
	if err := config.Readable(file); err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	return os.ReadFile(file)
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
	var taken *news
	if found := see(l.file); found != l.taken {
		taken = l.take(found)
	}
	l.mu.Unlock()
	if taken == nil {
		l.logger.Info("the policy file was read, and is what it was", "file", l.file)
	}
	l.say(taken)
}

// look takes news that rests, and tells whether to look again soon, since there
// is some that may not: editors write in several steps, and half a policy may
// lack its guards.
func (l *livePolicy) look() (again bool) {
	taken, again := l.lookAt(see(l.file))
	l.say(taken)
	return again
}

func (l *livePolicy) lookAt(found sight) (taken *news, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch rests := l.looks > 0 && found == l.coming; {
	case found == l.taken:
		l.looks = 0
	case rests || l.looks == mostLooks:
		return l.take(found), false
	default:
		l.coming = found
		l.looks++
		return nil, true
	}
	return nil, false
}

// follow reloads the file when it changes and at SIGHUP, until ctx ends or unfollow
// is called.
func (l *livePolicy) follow(ctx context.Context) {
	if l.file == "" {
		return
	}
	ctx, l.stop = context.WithCancel(ctx)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		// The folder, since a file that is replaced is another file.
		err = watcher.Add(filepath.Dir(l.file))
	}
	if err != nil {
		l.logger.Warn("the policy file is not watched; it is looked at every few seconds and at SIGHUP", "error", err)
	}
	l.following.Go(func() {
		defer signal.Stop(hangups)
		if watcher == nil {
			l.followLoop(ctx, nil, nil, hangups)
			return
		}
		defer func() { _ = watcher.Close() }()
		l.followLoop(ctx, watcher.Events, watcher.Errors, hangups)
	})
}

// unfollow ends the following. Of what it has put in force everybody has been told
// when it returns.
func (l *livePolicy) unfollow() {
	if l.stop != nil {
		l.stop()
	}
	l.following.Wait()
}

// followLoop follows the file by what it is told. lost is where a watch says that
// it has missed something; it tells nothing more until it is heard.
func (l *livePolicy) followLoop(ctx context.Context, events <-chan fsnotify.Event, lost <-chan error, hangups <-chan os.Signal) {
	look, soon := time.NewTimer(lookSoon), true // the file may have changed since it was loaded
	defer look.Stop()
	hurry := func() {
		if !soon {
			soon = true
			look.Reset(lookSoon)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			l.reload()
		case <-events:
			hurry()
		case err := <-lost:
			l.logger.Debug("the watch of the policy file has missed something", "error", err)
			hurry()
		case <-look.C:
			look.Reset(lookAnyway)
			soon = false
			if l.look() {
				hurry()
			}
		}
	}
}
