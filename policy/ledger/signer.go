package ledger

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Signer is whose key the newest checkpoint in the ledger at dsn is signed with, or nil
// where there is no ledger yet, or none in it. Unlike [Open] it makes nothing and
// changes nothing. Errors are a *StoreError, as of a file that is no ledger.
func Signer(ctx context.Context, dsn string) (key ed25519.PublicKey, err error) {
	s := &SQL{options: Options{}.withDefaults()}
	look := s.lookAtFile
	if isPostgres(dsn) {
		look = s.openPostgres
	}
	err = look(ctx, dsn)
	if err == nil && s.reader != nil {
		err = s.reading(ctx, func(v *sqlView) error {
			key, err = v.signer()
			return err
		})
	}
	return key, errors.Join(err, s.closePools())
}

// lookAtFile opens a file that is a ledger, and refuses one that can be none. Where
// there is no file, or an empty one, no reader is left open.
func (s *SQL) lookAtFile(ctx context.Context, path string) error {
	s.dialect, s.store = sqliteDialect(), path
	path, err := filepath.Abs(path)
	if err != nil {
		return &StoreError{Op: "open", Store: s.store, Problem: OtherFault, Err: err}
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	real, err := s.prepareOld(path)
	if err != nil {
		return err
	}
	s.explain = deniedFile(real)
	if s.writer, err = sql.Open("sqlite", s.sqliteDSN(real, "mode=rw", "query_only(1)")); err != nil {
		return s.fault("open", err)
	}
	if ours, err := s.owned(ctx, real); !ours {
		return err
	}
	s.reader = s.writer
	return nil
}

// signer finds the newest checkpoint. A ledger whose tables are yet to be made has none.
func (v *sqlView) signer() (ed25519.PublicKey, error) {
	var line string
	err := v.one("read the newest checkpoint", "SELECT detail FROM audit WHERE seq = (SELECT signed_seq FROM head WHERE id = 1)", nil, &line)
	var fault *StoreError
	if errors.Is(err, ErrNotFound) || errors.As(err, &fault) && fault.Problem == OtherFault {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := ParseCheckpoint(line)
	if err != nil { // the trail was tampered with: verifying it says how
		return nil, nil //nolint:nilerr // nobody is known to have signed it
	}
	return c.Key, nil
}
