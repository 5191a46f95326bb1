package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/policy/ledger"
)

const (
	// aheadVariable is by how much a story's programs take their machine's clock to be
	// ahead.
	aheadVariable = "STORY_CLOCK_AHEAD"
	// slowedVariable is how many times slower it goes for them.
	slowedVariable = "STORY_CLOCK_SLOWED"
	// patienceVariable is how long their consoles wait for a server.
	patienceVariable = "STORY_CONSOLE_PATIENCE"
)

func init() {
	if ahead, err := time.ParseDuration(os.Getenv(aheadVariable)); err == nil {
		clock = func() time.Time { return time.Now().Add(ahead) }
	}
	if limit, err := time.ParseDuration(os.Getenv(patienceVariable)); err == nil {
		settleTime, restTime = 20*limit, limit
	}
	if times, err := strconv.Atoi(os.Getenv(slowedVariable)); err == nil {
		began := time.Now()
		clock = func() time.Time { return began.Add(time.Since(began) / time.Duration(times)) }
	}
}

// cmdDated writes a row into the ledger as another clock would have dated it.
func cmdDated(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "dated OFFSET")
	off, err := time.ParseDuration(args[0])
	ts.Check(err)
	ctx := context.Background()
	l, err := ledger.Open(ctx, filepath.Join(worldOf(ts).state, "vpsops", "ledger.db"), ledger.Options{})
	ts.Check(err)
	ts.Check(l.Write(ctx, func(tx ledger.Tx) error {
		return tx.Audit(ledger.Event{At: time.Now().Add(off), Kind: "policy", Detail: "by another clock"})
	}))
	ts.Check(l.Close())
}
