package uptime

import "golang.org/x/sys/unix"

var clock = reading(unix.CLOCK_BOOTTIME)
