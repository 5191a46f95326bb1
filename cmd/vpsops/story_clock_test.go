package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/policy/ledger"
)

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
