package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/policy/ledger"
)

// aheadVariable is by how much a story's programs take their machine's clock to be
// ahead.
const aheadVariable = "STORY_CLOCK_AHEAD"

func init() {
	if ahead, err := time.ParseDuration(os.Getenv(aheadVariable)); err == nil {
		clock = func() time.Time { return time.Now().Add(ahead) }
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
