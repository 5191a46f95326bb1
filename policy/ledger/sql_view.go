package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
)

// sqlView reads in one transaction.
type sqlView struct {
	s   *SQL
	ctx context.Context //nolint:containedctx // it is the transaction's, and ends with it
	tx  *sql.Tx
}

// fault tells the end of the context from a fault: a driver that is interrupted
// answers with an error of its own.
func (v *sqlView) fault(op string, err error) error {
	if err != nil && v.ctx.Err() != nil {
		return v.ctx.Err()
	}
	return v.s.fault(op, err)
}

func (v *sqlView) exec(op, query string, args ...any) (rows int64, err error) {
	result, err := v.tx.ExecContext(v.ctx, v.s.query(query), args...)
	if err != nil {
		return 0, v.fault(op, err)
	}
	rows, err = result.RowsAffected()
	return rows, v.fault(op, err)
}

// one scans the one row of a query, or returns ErrNotFound.
func (v *sqlView) one(op, query string, args []any, into ...any) error {
	err := found(v.tx.QueryRowContext(v.ctx, v.s.query(query), args...).Scan(into...))
	if err == ErrNotFound { //nolint:errorlint // found returns it as it is
		return err
	}
	return v.fault(op, err)
}

// collect scans every row of a query.
func collect[T any](v *sqlView, op, query string, args []any, scan func(*T) []any, check func(*T) error) (all []T, err error) {
	rows, err := v.tx.QueryContext(v.ctx, v.s.query(query), args...)
	if err != nil {
		return nil, v.fault(op, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one T
		if err := rows.Scan(scan(&one)...); err != nil {
			return nil, v.fault(op, err)
		}
		if check != nil {
			if err := check(&one); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
	return all, v.fault(op, rows.Err())
}

// where collects the conditions of a query.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

func (w *where) equals(column, value string) {
	if value != "" {
		w.add(column+" = ?", toText(value))
	}
}

func (w *where) in(column string, values []any) {
	if len(values) > 0 {
		w.add(column+" IN ("+placeholders(len(values))+")", values...)
	}
}

func (w *where) text() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

func (v *sqlView) Votes(requestID string) ([]Vote, error) {
	return collect(v, "read votes", "SELECT "+voteColumns+" FROM votes WHERE request_id = ? ORDER BY number",
		[]any{toText(requestID)}, scanVote, nil)
}

func (v *sqlView) Session(idHash string, now time.Time) (s Session, err error) {
	err = v.one("read a sign-in", "SELECT "+sessionColumns+" FROM sessions WHERE id_hash = ? AND expires_at > ?",
		[]any{toText(idHash), nanos(now)}, scanSession(&s)...)
	if err != nil {
		return Session{}, err
	}
	return s, nil
}

func (v *sqlView) Used(key string, since time.Time) (count int, cents int64, err error) {
	err = v.one("read what is used of a budget",
		"SELECT CAST(COALESCE(SUM(uses), 0) AS BIGINT), CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM budget_uses WHERE budget = ? AND at >= ?",
		[]any{toText(key), nanos(since)}, &count, &cents)
	return count, cents, err
}

func (v *sqlView) Uses(key string, since time.Time) ([]Use, error) {
	uses, err := collect(v, "read what is used of a budget",
		"SELECT request_id, uses, cents, at FROM budget_uses WHERE budget = ? AND at >= ? ORDER BY at, number",
		[]any{toText(key), nanos(since)}, func(u *Use) []any {
			return []any{(*column)(&u.RequestID), &u.Count, &u.Cents, (*timeColumn)(&u.At)}
		}, nil)
	for i := range uses {
		uses[i].Key = key
	}
	return uses, err
}

func (v *sqlView) Holds(now time.Time) ([]Hold, error) {
	return collect(v, "read locks and freezes",
		"SELECT "+holdColumns+" FROM holds WHERE from_at <= ? AND (until_at = 0 OR until_at > ?) ORDER BY number",
		[]any{nanos(now), nanos(now)}, scanHold, nil)
}

func (v *sqlView) Events(limit int) ([]Event, error) {
	rows, err := v.Trail(EventFilter{Limit: limit})
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = row.Event
	}
	return events, err
}

func (v *sqlView) Trail(f EventFilter) ([]Row, error) {
	var w where
	w.add("a.seq > ?", f.After)
	if f.Before > 0 {
		w.add("a.seq < ?", f.Before)
	}
	w.equals("a.request_id", f.RequestID)
	w.equals("a.person", f.Person)
	if !f.Since.IsZero() {
		w.add("a.at >= ?", nanos(f.Since))
	}
	if !f.Until.IsZero() {
		w.add("a.at < ?", nanos(f.Until))
	}
	var kinds []any
	for _, kind := range f.Kinds {
		kinds = append(kinds, toText(kind))
	}
	w.in("a.kind", kinds)
	w.about(f)
	order := " ORDER BY a.seq DESC"
	if f.Oldest {
		order = " ORDER BY a.seq"
	}
	if f.Limit > 0 {
		order += " LIMIT ?"
		w.args = append(w.args, f.Limit)
	}
	prev := prevColumn
	if f.leavesNoneOut() {
		prev = "''" // it is the row before it
	}
	rows, err := collect(v, "read the audit trail", "SELECT "+rowColumns+", "+prev+" FROM audit a"+w.text()+order, w.args, scanRow, nil)
	if err != nil {
		return nil, err
	}
	if !f.Oldest {
		slices.Reverse(rows)
	}
	return rows, v.linkRows(rows)
}

// linkRows gives each row that has none its Prev: the hash of the row before it
// or, for the first, of the last that retention took away.
func (v *sqlView) linkRows(rows []Row) error {
	for i := range rows {
		switch {
		case rows[i].Prev != "":
		case i > 0 && rows[i].Seq == rows[i-1].Seq+1:
			rows[i].Prev = rows[i-1].Hash
		default:
			if err := v.one("read the audit trail", hashBefore, []any{rows[i].Seq - 1}, &rows[i].Prev); err != nil {
				return err
			}
		}
	}
	return nil
}

// about takes rows about a server by two indexes: its own, and that of the
// requests for it.
func (w *where) about(f EventFilter) {
	if f.ServerID == "" {
		if f.Account != "" {
			w.add("(a.account = ? OR a.request_id IN (SELECT id FROM requests WHERE account = ?))", toText(f.Account), toText(f.Account))
		}
		return
	}
	account := ""
	args := []any{toText(f.ServerID), toText(f.ServerID)}
	if f.Account != "" {
		account = " AND account = ?"
		args = []any{toText(f.ServerID), toText(f.Account), toText(f.ServerID), toText(f.Account)}
	}
	w.add("a.seq IN (SELECT seq FROM audit WHERE server_id = ?"+account+
		" UNION SELECT seq FROM audit WHERE request_id IN (SELECT id FROM requests WHERE server_id = ?"+account+"))", args...)
}
