//go:build postgres && unix

package ledger_test

import (
	"database/sql"
	"strings"
	"testing"

	"vpsops/policy/ledger"
	"vpsops/policy/ledger/pgtest"
)

func TestPostgresThatCannotBeWrittenSaysSo(t *testing.T) {
	dsn := newDSN(t)
	l := openAt(t, dsn, ledger.Options{})
	mustAudit(t, l)
	t.Run("read-only", func(t *testing.T) {
		standby := openAt(t, dsn+"&default_transaction_read_only=on", ledger.Options{})
		for _, err := range []error{audit(standby), standby.TryWrite(t.Context())} {
			if got := problemOf(t, err); got != ledger.ReadOnly || !strings.Contains(err.Error(), "target_session_attrs=read-write") {
				t.Errorf("%s: %v", got, err)
			}
		}
		mustHold(t, verify(t, standby, ledger.VerifyOptions{}))
	})
	t.Run("locked", func(t *testing.T) {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("UPDATE head SET writes = writes"); err != nil {
			t.Fatal(err)
		}
		impatient := openAt(t, dsn+"&lock_timeout=50ms", ledger.Options{})
		for _, err := range []error{audit(impatient), impatient.TryWrite(t.Context())} {
			if got := problemOf(t, err); got != ledger.Locked {
				t.Error(got)
			}
		}
	})
	t.Run("unreachable", func(t *testing.T) {
		if got := openFails(t, "postgres://ana:secret-word@127.0.0.1:1/ledger?connect_timeout=2", ledger.Options{}); got != ledger.Unreachable {
			t.Error(got)
		}
		_, err := ledger.Open(t.Context(), "postgres://ana:secret-word@127.0.0.1:1/ledger", ledger.Options{})
		if strings.Contains(err.Error(), "secret-word") {
			t.Errorf("the password is shown: %v", err)
		}
	})
	t.Run("no address", func(t *testing.T) {
		_, err := ledger.Open(t.Context(), "postgres://ana:secret-word@[/ledger", ledger.Options{})
		if problemOf(t, err) != ledger.Unreachable || strings.Contains(err.Error(), "secret-word") {
			t.Error(err)
		}
	})
}

func TestPostgresComesBackAfterAPowerCut(t *testing.T) {
	private, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := private.Stop(); err != nil {
			t.Error(err)
		}
	})
	dsn, err := private.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := openAt(t, dsn, ledger.Options{})
	newStory(t, l, "req_1").carriedOut()
	_, stop := l.Watch("req_1")
	defer stop()
	if err := private.Kill(); err != nil {
		t.Fatal(err)
	}
	if got := problemOf(t, audit(l)); got != ledger.Unreachable {
		t.Error(got)
	}
	if err := private.Run(); err != nil {
		t.Fatal(err)
	}
	mustAudit(t, l) // the pool's connections have died with the server
	r := verify(t, l, ledger.VerifyOptions{})
	mustHold(t, r)
	if r.Rows != 9 {
		t.Errorf("%d rows", r.Rows)
	}
}
