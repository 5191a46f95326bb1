package slackbot

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"vpsops/policy"
)

// How old what is known of a user group may be. A workspace may let any of its
// members edit one.
const (
	groupEvery = 3 * time.Minute
	groupGood  = 10 * time.Minute // afterwards nobody is known to be in it
)

// Usergroups knows the members of the Slack user groups that a policy names. It
// is safe for concurrent use.
type Usergroups struct {
	api    *slack.Client
	base   func() *policy.Policy
	team   func() string
	now    func() time.Time
	logger *slog.Logger

	refreshing chan struct{} // holds one while somebody reads
	woken      chan struct{} // has run look at once
	mu         sync.Mutex
	read       map[string]groupMembers // by "TEAM/GROUP"
	failed     map[string]groupFailure // where a read failed, and none has succeeded since
	held       time.Time               // until then Slack takes no reads, of whichever group
	pace       pace
	foreign    map[string]bool // of another workspace than the token: the log was told
	from       *policy.Policy  // what derived was made of
	derived    *policy.Policy
	derivedAt  time.Time // of the oldest read in derived
}

type groupMembers struct {
	users []string  // "TEAM/USER"
	at    time.Time // when Slack was asked
}

type groupFailure struct {
	at    time.Time // when Slack had said so
	why   string
	pause time.Duration // before it is tried again unasked
}

// NewUsergroups makes one for the policy that base returns. The bot that it is
// handed to keeps it up to date; before, nobody is known to be in any group.
func NewUsergroups(api *slack.Client, base func() *policy.Policy, logger *slog.Logger) *Usergroups {
	return &Usergroups{
		api: api, base: base, now: time.Now, logger: logger, team: func() string { return "" },
		refreshing: make(chan struct{}, 1), woken: make(chan struct{}, 1), read: make(map[string]groupMembers),
		failed: make(map[string]groupFailure), foreign: make(map[string]bool),
	}
}

// Policy is the policy with the groups' members as they were read last. A group
// that can't be read, or wasn't lately, counts as the policy says: as the
// strictest.
func (u *Usergroups) Policy() *policy.Policy {
	base := u.base()
	if len(base.Usergroups()) == 0 {
		return base
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.now()
	if u.from == base && u.derived != nil && now.Sub(u.derivedAt) < groupGood {
		return u.derived
	}
	if u.from != base { // it may name others
		select {
		case u.woken <- struct{}{}:
		default:
		}
	}
	users, oldest := make(map[string][]string), now
	for id, g := range u.read {
		if now.Sub(g.at) >= groupGood {
			delete(u.read, id)
			continue
		}
		users[id] = g.users
		if g.at.Before(oldest) {
			oldest = g.at
		}
	}
	u.from, u.derived, u.derivedAt = base, base.WithUsergroups(users), oldest
	return u.derived
}

// Refresh reads what is older than maxAge.
func (u *Usergroups) Refresh(ctx context.Context, maxAge time.Duration) {
	now := u.now()
	u.take(ctx, u.base().Usergroups(), now.Add(-maxAge), now, leaveForVotes)
}

// Forget drops what is known of a group, since it was edited.
func (u *Usergroups) Forget(group string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range u.base().Usergroups() {
		if _, of, _ := cutIdentity(id); of == group {
			delete(u.read, id)
			delete(u.failed, id)
			u.derived = nil
		}
	}
}

// Problem says which of the policy's groups can't be read and why; "" where all
// could.
func (u *Usergroups) Problem() string {
	team := u.team()
	u.mu.Lock()
	defer u.mu.Unlock()
	var problems []string
	for _, id := range u.base().Usergroups() {
		if of, _, _ := cutIdentity(id); team != "" && of != team {
			problems = append(problems, foreignGroup(theGroup+id, team))
		} else if f, failed := u.failed[id]; failed {
			problems = append(problems, theGroup+id+" can't be read: "+f.why)
		}
	}
	return strings.Join(problems, "; ")
}

func (u *Usergroups) run(ctx context.Context) {
	for {
		u.Refresh(ctx, groupEvery-time.Second)
		select {
		case <-ctx.Done():
			return
		case <-time.After(u.pause()):
		case <-u.woken:
		}
	}
}

// pause is how long everything can be left as it is: what failed is tried again
// soon, since somebody may be refused meanwhile.
func (u *Usergroups) pause() time.Duration {
	team := u.team()
	if team == "" {
		return time.Second // who we are is about to be known
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	now, next := u.now(), groupEvery
	for _, id := range u.base().Usergroups() {
		if of, _, _ := cutIdentity(id); of != team {
			continue
		}
		if f, failed := u.failed[id]; failed {
			next = min(next, f.at.Add(f.pause).Sub(now))
		} else {
			next = min(next, u.read[id].at.Add(groupEvery).Sub(now)) // one that was forgotten: at once
		}
	}
	return max(time.Second, next, u.wait(1+leaveForVotes))
}
