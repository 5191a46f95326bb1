package uptime

import "golang.org/x/sys/windows"

var clock = windows.DurationSinceBoot
