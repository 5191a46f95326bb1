//go:build !linux && !darwin && !windows

package uptime

import "time"

var clock func() time.Duration
