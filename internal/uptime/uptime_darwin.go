package uptime

import "golang.org/x/sys/unix"

// Unlike elsewhere, this one goes on while the machine sleeps: clock_gettime(3).
var clock = reading(unix.CLOCK_MONOTONIC)
