package fakeslack

import "time"

// The rate of Slack's second tier, of the user groups' methods.
// https://docs.slack.dev/apis/web-api/rate-limits#tiers
const (
	tier2Calls  = 20
	tier2Window = time.Minute
)

// pace refuses what comes more than most times in a window, and says how long to
// leave it alone. Callers hold s.mu.
func (s *Slack) pace(what string, most int, window time.Duration) *apiError {
	if !s.opts.Pace {
		return nil
	}
	now, recent := s.now(), s.state.paced[what]
	for len(recent) > 0 && now.Sub(recent[0]) >= window {
		recent = recent[1:]
	}
	if len(recent) >= most {
		return &apiError{code: "ratelimited", retryAfter: window - now.Sub(recent[0])}
	}
	s.state.paced[what] = append(recent, now)
	return nil
}
