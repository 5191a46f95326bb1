package slackbot

import "time"

// Slack takes 20 reads of user groups a minute, of every process together
// (https://docs.slack.dev/apis/web-api/rate-limits#tiers).
const (
	paceReads = 20
	paceEvery = time.Minute + time.Second // two may come closer to Slack than they were sent
)

// How many reads of a minute are left to what goes before: votes and claims before
// what is only kept up to date, and that before asks.
const (
	leaveForVotes = 5
	leaveForAll   = 10
)

// pace remembers the reads of the last minute. All of them may come at once: a token
// bucket that surely stays within the rate would give half of them. Who holds it
// locks it.
type pace struct{ sent []time.Time } // oldest first

func (p *pace) note(now time.Time) {
	p.sent = append(p.sent, now)
	p.sent = p.sent[max(0, len(p.sent)-paceReads):]
}

// wait is how long it is until some more may be sent; of more than fit into a minute,
// until as many as do.
func (p *pace) wait(now time.Time, more int) time.Duration {
	over := min(len(p.sent), len(p.sent)+more-paceReads)
	if over <= 0 {
		return 0
	}
	return max(0, p.sent[over-1].Add(paceEvery).Sub(now))
}
