package main

import (
	"runtime/debug"

	"vpsops/internal/config"
)

// collectSeldom lets the heap grow to five times what is in use. That is a few
// megabytes here, which Go's own setting would collect at every hundred calls:
// a fifth of a busy server's time, for some 20 MB. Whoever sets GOGC or
// GOMEMLIMIT has decided for themselves.
func collectSeldom(environ config.Environ) {
	if environ["GOGC"] == "" && environ["GOMEMLIMIT"] == "" {
		debug.SetGCPercent(400)
	}
}
