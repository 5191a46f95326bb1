package slackbot

import (
	"cmp"
	"sync"
	"time"
)

// backoff holds back the writing of messages while Slack takes none: what waits
// is not tried one by one, again and again, by hundreds. Messages that go the
// same way (posted in one channel, or changed) wait together.
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

// wayOf is the way that a message goes.
func wayOf(want paper, message string) string {
	if message != "" {
		return "change"
	}
	return "post in " + want.channels[0]
}

// until is when the way may be tried again, now or before where it may at once, and
// why not sooner.
func (o *backoff) until(way string) (at time.Time, why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.ways[way]
	return s.until, cmp.Or(s.why, heldWords)
}

// failed notes that Slack took nothing that way, and returns when to try again:
// no sooner than after a pause, and the longer the longer it lasts. Of calls that
// fail at the same time one counts.
func (o *backoff) failed(way string, err error) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
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

func (o *backoff) succeeded(way string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.ways, way)
}
