package ledger_test

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"
)

// bare runs a request's way on the ledger's schema with the bare driver: what
// the ledger costs is told from it.
type bare struct {
	db      *sql.DB
	dollars bool
	seq     int64
}

func openBare(b *testing.B, dsn string) *bare {
	b.Helper()
	driver, postgres := "pgx", strings.HasPrefix(dsn, "postgres://")
	if !postgres {
		driver = "sqlite"
		dsn += "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return &bare{db: db, dollars: postgres}
}

type statement struct {
	text string
	args []any
}

const bareRequest = "version, state, person, identity_kind, identity_id, front, channel, client, action, account, server_id, " +
	"operation, reason, intent, shown, digest, policy_hash, needs, rules, created_at, expires_at, approved_at, ended_at, " +
	"fence, lease_until, sending_at, message, server_status, settled_at"

func bareValues(state string) []any {
	d := strings.Repeat("d", 64)
	needs := `[{"count":1,"factor":2,"type_name":true,"rules":["delete"]},{"from":"sre","count":2,"factor":2,"rules":["prod-delete"]}]`
	return []any{
		1, state, "ana", "local", "ana", "mcp", "", "", "delete", "prod", "12345", `{"action":"delete","server":"12345"}`, "", "intent", `{"server":{"id":12345,"name":"prod-db-1"}}`,
		d, d, needs, "", 1, 1, 0, 0, "", 0, 0, "", "", 0,
	}
}

func (d *bare) audit(id string) statement {
	d.seq++
	return statement{
		"INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		[]any{d.seq, 1, "vote", id, "", "", "ben", "", "", "page", "approve by factor person", "", `{"state":"pending"}`, strings.Repeat("a", 64)},
	}
}

func (d *bare) run(statements ...statement) error {
	tx, err := d.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	all := append([]statement{{"UPDATE head SET writes = writes + 1 WHERE id = 1 RETURNING writes, numbers, seq, hash, signed_seq, signed_at", nil}}, statements...)
	all = append(all, statement{"UPDATE head SET numbers = ?, seq = ?, hash = ?, signed_seq = ?, signed_at = ? WHERE id = 1", []any{d.seq, d.seq, strings.Repeat("a", 64), 0, 0}})
	for _, s := range all {
		if err := d.one(tx, s); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (d *bare) one(tx *sql.Tx, s statement) error {
	text := s.text
	if d.dollars {
		for n := 1; strings.Contains(text, "?"); n++ {
			text = strings.Replace(text, "?", "$"+strconv.Itoa(n), 1)
		}
	}
	if !strings.HasPrefix(text, "SELECT") && !strings.Contains(text, "RETURNING") {
		_, err := tx.Exec(text, s.args...)
		return err
	}
	rows, err := tx.Query(text, s.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d *bare) ask(id string) error {
	insert := "INSERT INTO requests (" + bareRequest + ", id, number, changed) VALUES (" + strings.Repeat("?, ", 31) + "?)"
	return d.run(statement{insert, append(bareValues("pending"), id, d.seq+1, 1)}, d.audit(id))
}

func selectRequest(id string) statement {
	return statement{"SELECT id, " + bareRequest + " FROM requests WHERE id = ?", []any{id}}
}

func selectVotes(id string) statement {
	return statement{"SELECT * FROM votes WHERE request_id = ? ORDER BY number", []any{id}}
}

func bareUpdate(id, state string) statement {
	return statement{
		"UPDATE requests SET " + strings.ReplaceAll(bareRequest, ",", " = ?,") + " = ?, changed = ? WHERE id = ? AND version = ?",
		append(bareValues(state), 1, id, 1),
	}
}

func (d *bare) vote(id string) error {
	return d.run(
		selectRequest(id),
		statement{"DELETE FROM votes WHERE request_id = ? AND person = ?", []any{id, "ben"}},
		statement{"INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", []any{id, "ben", d.seq + 1, "", "", "page", 2, 0, 1, 0, "", strings.Repeat("d", 64), 1}},
		d.audit(id), selectVotes(id), bareUpdate(id, "approved"), d.audit(id),
	)
}

func (d *bare) claim(id string) error {
	return d.run(
		selectRequest(id), selectVotes(id),
		statement{"SELECT * FROM holds WHERE from_at <= ? AND (until_at = 0 OR until_at > ?) ORDER BY number", []any{1, 1}},
		statement{"SELECT SUM(uses), SUM(cents) FROM budget_uses WHERE budget = ? AND at >= ?", []any{"bench", 2}},
		statement{"INSERT INTO budget_uses (number, budget, request_id, uses, cents, at) VALUES (?, ?, ?, ?, ?, ?)", []any{d.seq + 1, "bench", id, 1, 0, 1}},
		bareUpdate(id, "executing"), d.audit(id),
	)
}

func (d *bare) outcome(id string) error {
	return d.run(selectRequest(id), bareUpdate(id, "succeeded"), d.audit(id))
}
