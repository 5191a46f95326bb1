// Package uptime tells how long this machine has run, by a clock that nobody
// sets and that goes on while the machine sleeps. Go's own monotonic clock
// stops then, and a laptop that wakes would seem to have had its clock set.
package uptime

import "time"

// Clock returns the time since some moment before this process began. It is nil
// on a system where no such clock is known.
func Clock() func() time.Duration { return clock }
