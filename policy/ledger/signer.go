package ledger

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"vpsops/internal/seal"
)

// CheckKey refuses a ledger whose newest checkpoint is signed with another key: what two
// keys sign can be verified with neither. The zero key is none, so any is another. Where
// there is no ledger at dsn yet, or no checkpoint in it, every key fits. Unlike [Open] it
// makes nothing and changes nothing. Errors are a *StoreError, as of a file that is no
// ledger.
func CheckKey(ctx context.Context, dsn string, key seal.Key) error {
	s := &SQL{options: Options{Key: key}.withDefaults()}
	look := s.lookAtFile
	if isPostgres(dsn) {
		look = s.openPostgres
	}
	err := look(ctx, dsn)
	if err == nil && s.reader != nil {
		err = s.reading(ctx, func(v *sqlView) error {
			if made, err := v.made(); err != nil || !made {
				return err
			}
			return v.mustBeOurs()
		})
	}
	return errors.Join(err, s.closePools())
}

// mustBeOurs refuses a ledger that another key has signed.
func (v *sqlView) mustBeOurs() error {
	signer, err := v.signer()
	if err != nil || signer == nil {
		return err
	}
	if key := v.s.options.Key; key != (seal.Key{}) && signer.Equal(CheckpointKey(key)) {
		return nil
	}
	return &StoreError{Op: "open", Store: v.s.store, Problem: OtherKey}
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

// made tells whether the ledger's tables are there. What keeps them from being read is
// no sign that they aren't: it would open a ledger to every key.
func (v *sqlView) made() (bool, error) {
	var tables int64
	err := v.one("look for the ledger's tables", v.s.made, nil, &tables)
	return tables == 2, err
}

// signer finds whose the newest checkpoint is: nobody's where there is none.
func (v *sqlView) signer() (ed25519.PublicKey, error) {
	var line string
	err := v.one("read the newest checkpoint", "SELECT detail FROM audit WHERE seq = (SELECT signed_seq FROM head WHERE id = 1)", nil, &line)
	if errors.Is(err, ErrNotFound) {
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
