package socket

import "time"

// State is how the client stands, for readiness and metrics.
type State struct {
	Live   int // connections that Slack has greeted; one more each for a moment while they are renewed
	Wanted int

	Problem   error // the last one; it may be over
	ProblemAt time.Time

	Dialed  uint64 // connections asked for
	Taken   uint64 // deliveries acknowledged
	Failed  uint64 // deliveries that the bot didn't take, or that were refused
	Dropped uint64 // deliveries left to Slack to send again, there being too many at once
}

// State returns how the client stands now.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

func (c *Client) note(change func(*State)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.state)
}

// stands counts the connections up and down.
func (c *Client) stands(by int) {
	c.note(func(s *State) {
		s.Live += by
		c.Live(s.Live) // in the order in which it came about
	})
}

func (c *Client) noteProblem(err error) {
	c.note(func(s *State) { s.Problem, s.ProblemAt = err, time.Now() })
	c.Logger.Warn("a connection to Slack", "err", err)
}
