package main

import (
	"os"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// busyEvery is well below what a file is given to rest.
const busyEvery = lookSoon / 10

func cmdBusy(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "busy FILE")
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	over := make(chan struct{})
	var writing sync.WaitGroup
	ts.Defer(func() {
		close(over)
		writing.Wait()
		ts.Check(f.Close())
	})
	writing.Go(func() {
		next := time.NewTicker(busyEvery)
		defer next.Stop()
		for {
			select {
			case <-over:
				return
			case <-next.C:
				_, _ = f.WriteString("busy\n") // what matters is that the folder is told of it
			}
		}
	})
}
