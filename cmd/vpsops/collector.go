package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"vpsops/internal/config"
)

// collectSeldom lets the heap grow to three and a half times what is in use. That is a
// few megabytes here, which Go's own setting would collect at every hundred
// calls: a tenth of a busy server's time, for some 8 MB. Whoever sets GOGC or
// GOMEMLIMIT has decided for themselves.
func collectSeldom(environ config.Environ) {
	if environ["GOGC"] == "" && environ["GOMEMLIMIT"] == "" {
		debug.SetGCPercent(250)
	}
}

// letGo gives back what only the start needed, or a busy time, and which an idle
// program would keep. Among a start's are buffers of 4 MB in which migrations
// were read, in a pool that lets go of them at the second collection: until then
// the heap would be let grow to a multiple of them.
func letGo() {
	runtime.GC()
	debug.FreeOSMemory()
	letGoOfText()
}

const (
	restEvery  = time.Minute
	atRest     = 64 << 20 // bytes allocated in that time: a busy program allocates as much in a second
	worthwhile = 4 << 20  // bytes allocated since the last time
)

// letGoAtRest gives back what a busy time has left once a minute has passed in
// which little was done, until ctx ends. The runtime by itself keeps a tenth more
// than the size at which it collects, which is a multiple of what is in use.
func letGoAtRest(ctx context.Context) {
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	var before, given uint64
	ticks := time.NewTicker(restEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		metrics.Read(allocated)
		now := allocated[0].Value.Uint64()
		if now-before < atRest && now-given > worthwhile {
			letGo()
			given = now
		}
		before = now
	}
}
