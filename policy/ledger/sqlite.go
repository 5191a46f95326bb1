package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// applicationID marks an SQLite file as a ledger ("vpso").
const applicationID = 0x7670736f

// readers is how many connections read one SQLite file at once.
const readers = 4

func sqliteDialect() *dialect {
	return &dialect{
		goose:   goose.DialectSQLite3,
		read:    nil,
		write:   nil, // the writer's connection makes every transaction an immediate one
		problem: sqliteProblem,
		made:    "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('head', 'audit')",
		again:   func(error) bool { return false }, // the busy time-out has waited already
	}
}

// openSQLite opens the file with one connection that writes and a few that
// read.
//
// The file is never opened here but by SQLite: closing it would drop the POSIX
// locks of every connection of this process.
func (s *SQL) openSQLite(ctx context.Context, path string) error {
	s.dialect, s.store = sqliteDialect(), path
	real, err := s.prepareFile(path)
	if err != nil {
		return err
	}
	s.explain = deniedFile(real)
	// fdatasync makes a commit as durable as fsync does, without the file's
	// timestamps. Where there is none, the default holds.
	_, _ = sqliteFdatasync()
	if s.writer, err = sql.Open("sqlite", s.sqliteDSN(real, "_txlock=immediate", "synchronous(FULL)", "fullfsync(1)")); err != nil {
		return s.fault("open", err)
	}
	s.writer.SetMaxOpenConns(1)
	s.turns = make(chan struct{}, 1)
	if s.reader, err = sql.Open("sqlite", s.sqliteDSN(real, "", "query_only(1)", "cache_size(-500)")); err != nil {
		return s.fault("open", err)
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	if err := s.claimPatiently(ctx, real); err != nil {
		return err
	}
	return s.watchFile(real)
}

// claimEvery is the pause between two tries to claim a file that others open.
const claimEvery = 20 * time.Millisecond

// claimPatiently claims the file as soon as those who open it at the same time
// let it: SQLite does not wait by itself where two turn a new file to WAL.
func (s *SQL) claimPatiently(ctx context.Context, path string) error {
	patience := time.NewTimer(s.options.busy)
	defer patience.Stop()
	for {
		err := s.claimFile(ctx, path)
		var fault *StoreError
		if !errors.As(err, &fault) || fault.Problem != Locked {
			return err
		}
		select {
		case <-patience.C:
			return err
		default:
		}
		if pause(ctx, claimEvery) != nil {
			return err
		}
	}
}

var sqliteFdatasync = sync.OnceValues(func() (bool, error) { return sqlite.Fdatasync(true) })

func (s *SQL) sqliteDSN(path, extra string, pragmas ...string) string {
	busy := fmt.Sprintf("busy_timeout(%d)", s.options.busy.Milliseconds())
	q := url.Values{"_pragma": append([]string{busy, "trusted_schema(0)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode() + "&" + extra}).String()
}

// prepareFile makes the file where there is none, and refuses what can be no
// ledger. It returns the path without symbolic links.
func (s *SQL) prepareFile(path string) (string, error) {
	refuse := func(p Problem, err error) (string, error) {
		if why := denied(filepath.Dir(path)); why != nil && errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w; %w", err, why)
		}
		return "", &StoreError{Op: "open", Store: path, Problem: p, Err: err}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return refuse(OtherFault, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return refuse(fileProblem(err), err)
	}
	kind, err := s.options.networkFS(filepath.Dir(path))
	if err != nil {
		return refuse(fileProblem(err), err)
	}
	if kind != "" {
		return refuse(NetworkFS, errors.New(kind))
	}
	// SQLite gives its other files the mode of this one.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return path, file.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return refuse(fileProblem(err), err)
	}
	return s.prepareOld(path)
}

func (s *SQL) prepareOld(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", &StoreError{Op: "open", Store: path, Problem: fileProblem(err), Err: err}
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return "", &StoreError{Op: "open", Store: path, Problem: fileProblem(err), Err: err}
	case !info.Mode().IsRegular():
		return "", &StoreError{Op: "open", Store: path, Problem: Foreign, Err: fmt.Errorf("it is a %s", kindOf(info.Mode()))}
	}
	if err := mayRead(real); err != nil {
		return "", &StoreError{Op: "open", Store: path, Problem: Forbidden, Err: err}
	}
	s.tellEmpty(real, info)
	return real, nil
}

// justMade is how long a file that another process has made may be empty.
const justMade = 10 * time.Second

// tellEmpty says so where a file that was there already holds nothing: it is a new
// ledger as it is, and what it may have held is missed by nobody else.
func (s *SQL) tellEmpty(path string, info fs.FileInfo) {
	if info.Size() == 0 && time.Since(info.ModTime()) > justMade {
		s.options.Logger.Warn("the ledger's file was there and empty: a new audit trail begins in it; if it ever held one, restore the last backup", "store", path)
	}
}

func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "folder"
	case m&fs.ModeNamedPipe != 0:
		return "pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

func fileProblem(err error) Problem {
	switch {
	case errors.Is(err, fs.ErrPermission), isReadOnlyFS(err):
		return ReadOnly
	case errors.Is(err, fs.ErrNotExist):
		return Gone
	case isNoSpace(err):
		return Full
	}
	return OtherFault
}

// claimFile marks a new file as a ledger and refuses another program's, which
// is left as it is: its mode and its journal are nobody's here to change.
func (s *SQL) claimFile(ctx context.Context, path string) error {
	ours, err := s.owned(ctx, path)
	if err != nil {
		return err
	}
	if err := s.closeToOthers(path); err != nil {
		return err
	}
	if !ours {
		if _, err := s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
			return s.fault("open", err)
		}
	}
	// The file keeps this, for every connection that opens it after.
	_, err = s.writer.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return s.fault("open", err)
}

// owned tells a ledger from a file that may become one. Any other is refused: also
// one that SQLite would take for empty and write over, as it does where the few
// numbers of its header that it reads first are zero, in a short text or an archive.
func (s *SQL) owned(ctx context.Context, path string) (bool, error) {
	info, err := os.Stat(path) // first, since another process may begin to fill it
	if err != nil {
		return false, &StoreError{Op: "open", Store: s.store, Problem: fileProblem(err), Err: err}
	}
	var id, tables, pages int64
	err = s.writer.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT COUNT(*) FROM sqlite_master), (SELECT page_count FROM pragma_page_count)`).Scan(&id, &tables, &pages)
	switch {
	case err != nil:
		return false, s.fault("open", err)
	case pages == 0 && info.Size() > 0:
		return false, &StoreError{Op: "open", Store: s.store, Problem: Foreign, Err: errors.New("it is no database")}
	case id != applicationID && (id != 0 || tables > 0):
		return false, &StoreError{Op: "open", Store: s.store, Problem: Foreign, Err: errors.New("it is another program's database")}
	}
	return id == applicationID, nil
}

// besides are the ends of the names of SQLite's files: the ledger's own and what
// stands beside it.
var besides = []string{"", "-wal", "-shm"}

// closeToOthers takes from others what would let them read sign-ins, or write
// votes.
func (s *SQL) closeToOthers(path string) error {
	for _, suffix := range besides {
		info, err := os.Stat(path + suffix)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(path+suffix, 0o600)
		}
		switch {
		case errors.Is(err, fs.ErrPermission):
			return &StoreError{Op: "open", Store: s.store, Problem: Forbidden, Err: forbidden(path+suffix, "keep others out of")}
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return &StoreError{Op: "open", Store: s.store, Problem: fileProblem(err), Err: err}
		}
	}
	return nil
}

// watchFile remembers which file was opened.
func (s *SQL) watchFile(path string) error {
	opened, err := os.Stat(path)
	if err != nil {
		return &StoreError{Op: "open", Store: s.store, Problem: Gone, Err: err}
	}
	s.present = func() error {
		now, err := os.Stat(path)
		if err == nil && !os.SameFile(opened, now) {
			err = errors.New("another file is in its place")
		}
		return err
	}
	return nil
}

// sqliteProblem goes by SQLite's result codes (sqlite.org/rescode.html).
func sqliteProblem(err error) Problem {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return OtherFault
	}
	if failure.Code() == lib.SQLITE_IOERR_SHMSIZE { // the -shm could not be made as long as it has to be
		return Full
	}
	switch failure.Code() & 0xff {
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_AUTH:
		return ReadOnly
	case lib.SQLITE_FULL:
		return Full
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return Locked
	case lib.SQLITE_CANTOPEN:
		return Gone
	case lib.SQLITE_NOTADB:
		return Foreign
	case lib.SQLITE_CORRUPT:
		return Damaged
	}
	return OtherFault
}
