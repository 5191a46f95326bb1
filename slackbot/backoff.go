package slackbot

import (
	"cmp"
	"sync"
	"time"

	"vpsops/policy/ledger"
)

// backoff holds back the writing of messages while Slack takes none: what waits
// is not tried one by one, again and again, by hundreds. Messages that go the
// same way (posted in one channel, changed in one, or changed) wait together.
type backoff struct {
	now  func() time.Time
	mu   sync.Mutex
	ways map[string]setback
}

type setback struct {
	until time.Time
	pause time.Duration
	why   string // what somebody has to mend; "" where it passes by itself
}

func newBackoff(now func() time.Time) *backoff {
	return &backoff{now: now, ways: make(map[string]setback)}
}

// waysOf are the ways that a message goes: the channel's own, and for a change that
// of all changes, which Slack counts together.
func waysOf(want paper, p ledger.Post) []string {
	if p.Message != "" {
		return []string{"change in " + p.Channel, "change"}
	}
	return []string{"post in " + want.channels[0]}
}

// until is when all the ways may be tried again, now or before where they may at
// once, and why not sooner.
func (o *backoff) until(ways []string) (at time.Time, why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var last setback
	for _, way := range ways {
		if s := o.ways[way]; s.until.After(last.until) {
			last = s
		}
	}
	return last.until, cmp.Or(last.why, heldWords)
}

// failed notes that Slack took nothing that way, and returns when to try again:
// no sooner than after a pause, and the longer the longer it lasts. Of calls that
// fail at the same time one counts. What is wrong with one channel holds back no
// other's.
func (o *backoff) failed(ways []string, err error) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	way := ways[0]
	if !ofOneMessage(err) {
		way = ways[len(ways)-1]
	}
	now, s := o.now(), o.ways[way]
	if s.until.After(now) {
		return s.until
	}
	s.pause = max(pauseAfter(err), min(2*s.pause, maxPause))
	if s.why = ""; mustBeMended(err) {
		s.why = problemOf(err)
	}
	s.until = now.Add(s.pause)
	o.ways[way] = s
	return s.until
}

// ofOneMessage tells what is wrong with a message, or its channel, from what strikes
// all alike.
func ofOneMessage(err error) bool {
	code := codeOf(err)
	return code != "" && misconfigured[code] == ""
}

func (o *backoff) succeeded(ways []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, way := range ways {
		delete(o.ways, way)
	}
}
