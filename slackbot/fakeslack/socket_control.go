package fakeslack

import "context"

// The reasons of a disconnect.
// https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
const (
	Warning          = "warning"           // this connection ends in some ten seconds
	RefreshRequested = "refresh_requested" // this connection ends: open another
	LinkDisabled     = "link_disabled"     // Socket Mode was turned off
)

// Connections is how many Socket Mode connections are open.
func (s *Slack) Connections() int { return len(s.openSockets()) }

// AwaitConnections returns once exactly n are open, or with ctx's error.
func (s *Slack) AwaitConnections(ctx context.Context, n int) error {
	return s.Await(ctx, func() bool { return s.Connections() == n })
}

// Disconnect tells every connection that it ends and why. After a warning it
// stays; else the Slack closes it.
func (s *Slack) Disconnect(reason string) {
	for _, c := range s.openSockets() {
		c.write(disconnect(reason))
		if reason != Warning {
			_ = c.conn.Close()
		}
	}
}

// Kill cuts up to n connections without a word, all where n is less than 0.
func (s *Slack) Kill(n int) {
	for i, c := range s.openSockets() {
		if n >= 0 && i >= n {
			return
		}
		c.cut()
		<-c.gone
	}
}

// DisableSocketMode turns Socket Mode off: every connection, and each that is
// opened after, ends with link_disabled.
func (s *Slack) DisableSocketMode() {
	s.mu.Lock()
	s.state.sockets.disabled = true
	s.mu.Unlock()
	s.Disconnect(LinkDisabled)
}

// StopPings leaves connections without pings, as a dead one is.
func (s *Slack) StopPings() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.sockets.quiet = true
}

func (s *Slack) closeSockets() {
	for _, c := range s.openSockets() {
		_ = c.conn.Close()
	}
}
