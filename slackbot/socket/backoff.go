package socket

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait = time.Second
	maxWait   = 30 * time.Second

	// lasting is how long a connection must have stood to count as one that
	// went well. One that is closed sooner is a failure, whatever the reason: a
	// flapping Slack must not be dialled in a loop.
	lasting = time.Minute

	// maxHold bounds what Slack may ask for by Retry-After.
	maxHold = 5 * time.Minute
)

// backoff is how long to wait before the next dial: anything up to a bound that
// doubles with each failure ("full jitter"), so that many clients that lost
// their connections together don't come back together.
type backoff struct {
	failures int
}

func (b *backoff) next(lived time.Duration) time.Duration {
	if lived >= lasting {
		b.failures = 0
	}
	bound := maxWait
	if b.failures < 5 {
		bound = min(bound, firstWait<<b.failures)
	}
	b.failures++
	return rand.N(bound) //nolint:gosec // jitter needs no secrets
}

// pause reports whether the time passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
