package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxBackupLine is the longest line of a backup that is read, in bytes: more
// than all the texts of one request.
const maxBackupLine = 16 << 20

// BackupError says that what was to be restored is no whole backup. Nothing was
// restored.
type BackupError struct {
	Line    int
	Problem string
}

func (e *BackupError) Error() string {
	return fmt.Sprintf("ledger: this is no whole backup: line %d: %s", e.Line, e.Problem)
}

// Restore fills a new ledger at dsn, of either database, with what [SQL.Backup]
// wrote, and verifies the trail before anything is committed. It refuses a
// ledger that holds something. Errors are a *BackupError, a *StoreError or a
// *TrailError; nothing was restored then, and no file is left that was not there. In
// PostgreSQL the tables stay, empty, for the next restore to fill: another
// process may have opened that ledger meanwhile, and would have its tables taken away.
func Restore(ctx context.Context, dsn string, r io.Reader, o Options) error {
	if _, err := os.Lstat(dsn); isPostgres(dsn) || !errors.Is(err, fs.ErrNotExist) {
		return restoreInto(ctx, dsn, r, o)
	}
	return restoreBeside(ctx, dsn, r, o)
}

// restoreBeside gives the file its name only when it is whole and on the disk,
// and never takes one from another that was made meanwhile.
func restoreBeside(ctx context.Context, path string, r io.Reader, o Options) error {
	unfinished := path + ".restore-" + rand.Text()
	defer func() {
		for _, suffix := range besides {
			_ = os.Remove(unfinished + suffix) // mostly it is gone
		}
	}()
	if err := restoreInto(ctx, unfinished, r, o); err != nil {
		return err
	}
	if info, err := os.Stat(unfinished + "-wal"); err == nil && info.Size() > 0 {
		return &StoreError{Op: "restore", Store: path, Problem: OtherFault, Err: errors.New("what was written is not in its file yet")}
	}
	err := os.Link(unfinished, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &StoreError{Op: "restore", Store: path, Problem: NotEmpty}
	case err != nil:
		return &StoreError{Op: "restore", Store: path, Problem: fileProblem(err), Err: err}
	}
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync() // where it can be; Windows need not
		_ = folder.Close()
	}
	return nil
}

func restoreInto(ctx context.Context, dsn string, r io.Reader, o Options) (err error) {
	s, err := Open(ctx, dsn, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	tx, err := s.beginWrite(ctx, "restore")
	if err != nil {
		return err
	}
	defer tx.end()
	v := &sqlView{s: s, ctx: ctx, tx: tx.Tx}
	if err := v.mustBeEmpty(); err != nil {
		return err
	}
	if err := newBackupReader(r).into(v); err != nil {
		return err
	}
	report, err := v.verify(VerifyOptions{}.withDefaults(o.Key))
	if err != nil {
		return err
	}
	if err := brokenTrail(report); err != nil {
		return err
	}
	return tx.commit()
}

// mustBeEmpty takes the head from the others, and leaves no row of it.
func (v *sqlView) mustBeEmpty() error {
	rows, err := v.exec("restore", "DELETE FROM head WHERE writes = 0 AND seq = 0")
	if err == nil && rows != 1 {
		err = &StoreError{Op: "restore", Store: v.s.store, Problem: NotEmpty}
	}
	return err
}

// backupReader reads lines and hashes them.
type backupReader struct {
	lines  *bufio.Scanner
	number int
	rows   int64
	sum    interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func newBackupReader(r io.Reader) *backupReader {
	b := &backupReader{lines: bufio.NewScanner(r), sum: sha256.New()}
	b.lines.Buffer(make([]byte, 0, 64<<10), maxBackupLine)
	return b
}

func (b *backupReader) bad(format string, args ...any) error {
	return &BackupError{b.number, fmt.Sprintf(format, args...)}
}

// next returns the next line. The end of the file is too early for every line.
func (b *backupReader) next() ([]byte, error) {
	b.number++
	if b.lines.Scan() {
		return b.lines.Bytes(), nil
	}
	if err := b.lines.Err(); err != nil {
		return nil, b.bad("%v", err)
	}
	return nil, b.bad("it ends in the middle")
}

func (b *backupReader) hashed(line []byte) {
	_, _ = b.sum.Write(line)
	_, _ = b.sum.Write([]byte{'\n'})
}

// into writes the backup's rows.
func (b *backupReader) into(v *sqlView) error {
	line, err := b.next()
	if err != nil {
		return err
	}
	var header backupHeader
	if json.Unmarshal(line, &header) != nil || header.Format != backupFormat || header.Version != backupVersion {
		return b.bad("it was not written by vpsops ledger backup, or by a newer one")
	}
	if header.Schema != schema {
		return b.bad("its schema is %d, and this version restores %d: restore with the version that wrote it, and start this one then", header.Schema, schema)
	}
	b.hashed(line)
	if line, err = b.next(); err != nil {
		return err
	}
	for _, table := range tables {
		var head backupTable
		if json.Unmarshal(line, &head) != nil || head.Table != table.name || strings.Join(head.Columns, ", ") != table.columns {
			return b.bad("the table %s belongs here", table.name)
		}
		b.hashed(line)
		if line, err = b.table(v, table.name, head.Columns); err != nil {
			return err
		}
	}
	return b.end(line)
}

// table writes the rows of one table, and returns the line after them.
func (b *backupReader) table(v *sqlView, name string, columns []string) ([]byte, error) {
	insert, err := v.tx.PrepareContext(v.ctx, v.s.query("INSERT INTO "+name+" ("+strings.Join(columns, ", ")+") VALUES ("+placeholders(len(columns))+")"))
	if err != nil {
		return nil, v.fault("restore", err)
	}
	defer insert.Close()
	for {
		line, err := b.next()
		if err != nil || len(line) == 0 || line[0] != '[' {
			return line, err
		}
		values, err := b.row(line, len(columns))
		if err != nil {
			return nil, err
		}
		if _, err := insert.ExecContext(v.ctx, values...); err != nil {
			return nil, v.fault("restore", err)
		}
		b.rows++
		b.hashed(line)
	}
}

// row reads texts and whole numbers, and nothing else.
func (b *backupReader) row(line []byte, columns int) ([]any, error) {
	var values []any
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil || len(values) != columns {
		return nil, b.bad("it is no row of %d columns", columns)
	}
	for i, value := range values {
		switch value := value.(type) {
		case string:
		case json.Number:
			n, err := value.Int64()
			if err != nil {
				return nil, b.bad("%s is no whole number", value)
			}
			values[i] = n
		default:
			return nil, b.bad("it holds neither text nor number")
		}
	}
	return values, nil
}

func (b *backupReader) end(line []byte) error {
	var end backupEnd
	var sum hash
	copy(sum[:], b.sum.Sum(nil))
	if json.Unmarshal(line, &end) != nil || end.Rows != b.rows || end.SHA256 != sum.String() {
		return b.bad("its end does not fit what is before it: it was changed, or is not whole")
	}
	if b.lines.Scan() {
		b.number++
		return b.bad("something follows the end")
	}
	return nil
}
