package main

import (
	"runtime"
	"runtime/debug"

	"vpsops/internal/config"
)

// collectSeldom lets the heap grow to two and a half times what is in use. That is a few
// megabytes here, which Go's own setting would collect at every hundred calls:
// a tenth of a busy server's time, for some 5 MB. Whoever sets GOGC or
// GOMEMLIMIT has decided for themselves.
func collectSeldom(environ config.Environ) {
	if environ["GOGC"] == "" && environ["GOMEMLIMIT"] == "" {
		debug.SetGCPercent(150)
	}
}

// letGo gives back what only the start needed, which an idle program would keep
// for minutes. Among it are buffers of 4 MB in which migrations were read, in a
// pool that lets go of them at the second collection: until then the heap would
// be let grow to a multiple of them.
func letGo() {
	runtime.GC()
	debug.FreeOSMemory()
}
