package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vpsops/policy"
	"vpsops/policy/ledger"
)

// cmdOrphan gives a pending request its asker's yes, as a process would that ended
// before it could claim it.
func cmdOrphan(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "orphan REQUEST")
	ctx := context.Background()
	l, err := ledger.Open(ctx, filepath.Join(worldOf(ts).state, "vpsops", "ledger.db"), ledger.Options{})
	ts.Check(err)
	ts.Check(l.Write(ctx, func(tx ledger.Tx) error {
		r, err := tx.Request(args[0])
		if err != nil {
			return err
		}
		then := time.Now().Add(-10 * time.Second)
		yes := ledger.Vote{
			RequestID: r.ID, Person: r.Person, Identity: r.Identity, Front: policy.Page, Factor: policy.PersonFactor,
			Approve: true, Digest: r.Digest, At: then,
		}
		if err := tx.AddVote(yes); err != nil {
			return err
		}
		r.State, r.ApprovedAt, r.ExpiresAt = ledger.Approved, then, then.Add(5*time.Minute)
		if r, err = tx.Update(r); err != nil {
			return err
		}
		return tx.Audit(ledger.Event{At: time.Now(), Kind: "state", RequestID: r.ID, ServerID: r.ServerID, Account: r.Account, Detail: "approved"})
	}))
	ts.Check(l.Close())
}

// cmdBarred has the ledger refuse every write, as a full disk does, for every process
// that has it open and whoever it runs as.
func cmdBarred(ts *testscript.TestScript, neg bool, args []string) {
	noNegation(ts, neg)
	arguments(ts, args, 1, 1, "barred yes|no")
	change := map[string]string{
		"yes": "CREATE TRIGGER barred BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'barred by the story'); END",
		"no":  "DROP TRIGGER barred",
	}
	db, err := sql.Open("sqlite", filepath.Join(worldOf(ts).state, "vpsops", "ledger.db")+"?_pragma=busy_timeout(10000)")
	ts.Check(err)
	_, err = db.Exec(change[args[0]])
	ts.Check(err)
	ts.Check(db.Close())
}
