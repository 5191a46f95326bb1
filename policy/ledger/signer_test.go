//go:build unix

package ledger_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"vpsops/internal/seal"
	"vpsops/policy/ledger"
)

var otherKey = seal.NewKey([32]byte{31: 77})

// What two keys sign can be verified with neither, backed up or restored: who has
// another key is refused before it writes anything, and may read.
func TestALedgerThatAnotherKeySignsIsOnlyRead(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		if err := ledger.CheckKey(t.Context(), dsn, otherKey); err != nil {
			t.Errorf("where there is no ledger yet: %v", err)
		}
		newStory(t, openAt(t, dsn, ledger.Options{Key: key}), "req_1").carriedOut()
		if got := openFails(t, dsn, ledger.Options{Key: otherKey}); got != ledger.OtherKey {
			t.Error(got)
		}
		for name, wrong := range map[string]seal.Key{"another key": otherKey, "no key": {}} {
			if got := problemOf(t, ledger.CheckKey(t.Context(), dsn, wrong)); got != ledger.OtherKey {
				t.Errorf("%s: %s", name, got)
			}
		}
		if err := ledger.CheckKey(t.Context(), dsn, key); err != nil {
			t.Error(err)
		}
		report := verify(t, openAt(t, dsn, ledger.Options{Key: otherKey, OnlyRead: true}), ledger.VerifyOptions{})
		if report.Executions != 1 || len(report.Faults) != 1 || report.Faults[0].Kind != ledger.CheckpointFault {
			t.Errorf("%+v", report)
		}
		again := openAt(t, dsn, ledger.Options{Key: key})
		newStory(t, again, "req_2").carriedOut()
		mustHold(t, verify(t, again, ledger.VerifyOptions{}))
	})
}

func TestALedgerWithoutACheckpointTakesAnyKey(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		mustAudit(t, openAt(t, dsn, ledger.Options{}))
		for _, any := range []seal.Key{{}, key, otherKey} {
			if err := ledger.CheckKey(t.Context(), dsn, any); err != nil {
				t.Error(err)
			}
		}
		mustAudit(t, openAt(t, dsn, ledger.Options{Key: otherKey}))
	})
}

// Two replicas that begin a ledger together, each with a key of its own, both open it
// before there is a checkpoint.
func TestAReplicaWithAnotherKeySignsNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		ours := openAt(t, dsn, ledger.Options{Key: key})
		others := openAt(t, dsn, ledger.Options{Key: otherKey, CheckpointRows: 1})
		if err := others.TryWrite(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustAudit(t, ours)
		for what, err := range map[string]error{"a write that it signs": audit(others), "a try": others.TryWrite(t.Context())} {
			if got := problemOf(t, err); got != ledger.OtherKey {
				t.Errorf("%s: %s", what, got)
			}
		}
		mustHold(t, verify(t, ours, ledger.VerifyOptions{}))
	})
}

// What can't be read is no sign that nobody has signed it.
func TestALedgerWhoseSignerCannotBeReadTakesNoKey(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		l := openAt(t, dsn, ledger.Options{Key: key})
		newStory(t, l, "req_1").carriedOut()
		tamper(t, dsn, "ALTER TABLE audit RENAME COLUMN detail TO another")
		for name, k := range map[string]seal.Key{"its own": key, "another": otherKey} {
			if got := problemOf(t, ledger.CheckKey(t.Context(), dsn, k)); got != ledger.OtherFault {
				t.Errorf("with %s key: %s", name, got)
			}
		}
		if got := openFails(t, dsn, ledger.Options{Key: otherKey}); got != ledger.OtherFault {
			t.Errorf("it says %s", got)
		}
		if got := problemOf(t, l.TryWrite(t.Context())); got != ledger.OtherFault {
			t.Errorf("a try says %s", got)
		}
	})
}

func TestCheckingAKeyMakesNothing(t *testing.T) {
	path := newPath(t)
	if err := ledger.CheckKey(t.Context(), path, key); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file now: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ledger.CheckKey(t.Context(), path, key); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("an empty file was filled: %v, %v", info, err)
	}
}
