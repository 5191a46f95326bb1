package slackbot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// readSince reads those of these groups that nobody has asked Slack for since a time,
// and returns which could not be read since then, and why, and how long Slack takes no
// reads of them yet; it leaves some of a minute's reads to others. Those of other
// workspaces, which the token can't read, are left out: nobody is known to be in them.
func (u *Usergroups) readSince(ctx context.Context, ids []string, since time.Time, leave int) (unread map[string]string, wait time.Duration) {
	u.take(ctx, ids, since, since, leave)
	team := u.team()
	u.mu.Lock()
	defer u.mu.Unlock()
	full := u.wait(1+leave) > 0
	unread, wait = make(map[string]string), u.wait(len(ids)+leave)
	for _, id := range ids {
		of, _, _ := cutIdentity(id)
		known, read := u.read[id]
		failure, failed := u.failed[id]
		switch {
		case team == "":
			unread[id] = "Slack hasn't told yet which workspace the token is of"
		case of != team, read && !known.at.Before(since):
		case failed:
			unread[id] = failure.why
		case full:
			unread[id] = tooManyReads
		default:
			unread[id] = "Slack did not answer in time"
		}
	}
	return unread, wait
}

// wait is how long Slack takes no more reads yet, so many of them. Callers hold u.mu.
func (u *Usergroups) wait(more int) time.Duration {
	now := u.now()
	return max(0, u.held.Sub(now), u.pace.wait(now, more))
}

// take reads groups that were not asked for since a time, one caller at a time: who
// comes second finds read what was asked for since that time, and takes a read that
// failed since another for their own. Where there are too few reads for all, each
// group has its turn.
func (u *Usergroups) take(ctx context.Context, ids []string, since, failedSince time.Time, leave int) {
	select {
	case u.refreshing <- struct{}{}:
		defer func() { <-u.refreshing }()
	case <-ctx.Done():
		return
	}
	team := u.team()
	for _, id := range u.oldestFirst(ids) {
		of, group, _ := cutIdentity(id)
		switch {
		case of != team: // the token reads no other workspace's
			u.noteForeign(id, team)
		case u.wanted(id, since, failedSince, leave):
			u.readOne(ctx, id, team, group)
		}
	}
}

// oldestFirst puts first what was not tried for longest.
func (u *Usergroups) oldestFirst(ids []string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	tried := func(id string) time.Time {
		read, failed := u.read[id].at, u.failed[id].at
		if failed.After(read) {
			return failed
		}
		return read
	}
	return slices.SortedStableFunc(slices.Values(ids), func(a, b string) int { return tried(a).Compare(tried(b)) })
}

func (u *Usergroups) noteForeign(id, team string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if team != "" && !u.foreign[id] {
		u.foreign[id] = true
		u.logger.Warn("slack: " + foreignGroup(theGroup+id, team))
	}
}

// foreignGroup says what is wrong with a group, or "it", of another workspace than
// the token's.
func foreignGroup(which, team string) string {
	return which + " is of another workspace than the bot token, which is of " + team + ": nobody is known to be in it"
}

// wanted tells whether a group is to be read. Until Slack takes reads again none is:
// each would be refused, and may put off when it does.
func (u *Usergroups) wanted(id string, since, failedSince time.Time, leave int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	failure, tried := u.failed[id]
	known, read := u.read[id]
	inVain := tried && failure.at.After(failedSince)
	fresh := read && !known.at.Before(since) && !tried
	return !inVain && !fresh && u.wait(1+leave) == 0
}

func (u *Usergroups) readOne(ctx context.Context, id, team, group string) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	began := u.now()
	u.mu.Lock()
	u.pace.note(began)
	u.mu.Unlock()
	members, err := u.api.GetUserGroupMembersContext(ctx, group)
	u.mu.Lock()
	defer u.mu.Unlock()
	if err != nil {
		var limited *slack.RateLimitedError
		if errors.As(err, &limited) {
			u.held = u.now().Add(pauseAfter(err))
		}
		before := u.failed[id]
		u.failed[id] = groupFailure{u.now(), groupProblem(err), max(pauseAfter(err), min(2*before.pause, maxPause))}
		if before.why != u.failed[id].why { // else the log has it
			u.logger.Warn("slack: a user group can't be read; nobody is known to be in it", "group", id, "error", err)
		}
		return // what is known grows old
	}
	users := make([]string, len(members))
	for i, user := range members {
		users[i] = team + "/" + user
	}
	u.read[id] = groupMembers{users, began}
	delete(u.failed, id)
	u.derived = nil
}

const (
	theGroup     = "the Slack user group "
	tooManyReads = "Slack takes no more reads at the moment"
)

func groupProblem(err error) string {
	var limited *slack.RateLimitedError
	switch code := codeOf(err); {
	case code == "plan_upgrade_required":
		return "the workspace's plan has none: list the people in the policy"
	case code == "missing_scope":
		return "the app lacks the scope usergroups:read"
	case code == "no_such_subteam":
		return "there is no such group, or it is disabled"
	case code != "":
		return code
	case errors.As(err, &limited):
		return tooManyReads
	}
	return "Slack cannot be reached"
}
