package ledger

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// A backup is JSON lines: this header, then for each table a line with its
// name and columns and a line for each row, then an end with a hash of all
// before it. Since there are but texts and whole numbers, any database takes
// what any other gave.
const (
	backupFormat  = "vpsops-ledger"
	backupVersion = 1
)

type backupHeader struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Schema  int    `json:"schema"`
}

type backupTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type backupEnd struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the lines before, in hex
}

// tables are what a backup holds, with their columns and order.
var tables = []struct{ name, columns, order string }{
	{"head", "id, writes, numbers, seq, hash, signed_seq, signed_at, anchor_seq, anchor_hash", "id"},
	{"requests", "id, number, changed, " + requestColumns, "number"},
	{"votes", voteColumns + ", number", "number"},
	{"spent", "token, valid_until", "token"},
	{"sessions", sessionColumns, "id_hash"},
	{"budget_uses", "number, budget, request_id, uses, cents, at", "number"},
	{"holds", holdColumns + ", number", "number"},
	{"posts", postColumns, "request_id, name"},
	{"passkeys", passkeyColumns, "id"},
	{"audit", eventColumns, "seq"},
}

// Backup writes all that the ledger holds, as of one moment, for [Restore].
// Others may write meanwhile. Keep it as safe as the ledger: it holds sign-ins'
// hashes and everybody's words. It returns how many rows that were. The trail is
// verified on the way; an error says what is wrong with it, and the backup is then
// not to be relied on.
func (s *SQL) Backup(ctx context.Context, w io.Writer) (rows int64, err error) {
	err = s.reading(ctx, func(v *sqlView) error {
		report, err := v.verify(VerifyOptions{}.withDefaults(s.options.Key))
		if err == nil {
			err = v.mustKnowAll("backup")
		}
		if err != nil {
			return err
		}
		out := newBackupWriter(w)
		out.line(backupHeader{backupFormat, backupVersion, schema})
		for _, table := range tables {
			columns := strings.Split(table.columns, ", ")
			out.line(backupTable{table.name, columns})
			if err := v.dump(out, len(columns), "SELECT "+table.columns+" FROM "+table.name+" ORDER BY "+table.order); err != nil {
				return err
			}
		}
		rows = out.rows
		return errors.Join(out.end(), brokenTrail(report))
	})
	return rows, err
}

// mustKnowAll refuses a ledger that holds what this version does not know of.
func (v *sqlView) mustKnowAll(op string) error {
	var version int64
	if err := v.one("read the schema", "SELECT MAX(version_id) FROM "+versionTable, nil, &version); err != nil {
		return err
	}
	if version > schema {
		return v.s.newerSchema(op, version)
	}
	return nil
}

// brokenTrail is a *TrailError of a trail that has been tampered with, or nil.
func brokenTrail(r Report) error {
	for _, f := range r.Faults {
		switch f.Kind {
		case ChainFault, TailFault, BeginningFault, CheckpointFault:
			return &TrailError{f}
		}
	}
	return nil
}

// dump writes every row of a query, its texts as they are stored.
func (v *sqlView) dump(out *backupWriter, columns int, query string) error {
	rows, err := v.tx.QueryContext(v.ctx, query)
	if err != nil {
		return v.fault("back up", err)
	}
	defer rows.Close()
	values, into := make([]any, columns), make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() && out.err == nil {
		if err := rows.Scan(into...); err != nil {
			return v.fault("back up", err)
		}
		out.rows++
		out.line(values)
	}
	return errors.Join(out.err, v.fault("back up", rows.Err()))
}

// backupWriter writes lines and hashes them.
type backupWriter struct {
	out  *bufio.Writer
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	rows int64
	err  error
}

func newBackupWriter(w io.Writer) *backupWriter {
	return &backupWriter{out: bufio.NewWriterSize(w, 64<<10), hash: sha256.New()}
}

func (b *backupWriter) line(v any) {
	if b.err != nil {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		b.err = err
		return
	}
	text = append(text, '\n')
	_, _ = b.hash.Write(text) // a hash takes everything
	_, b.err = b.out.Write(text)
}

func (b *backupWriter) end() error {
	var sum hash
	copy(sum[:], b.hash.Sum(nil))
	b.line(backupEnd{b.rows, sum.String()})
	return errors.Join(b.err, b.out.Flush())
}
