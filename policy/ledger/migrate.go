package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	schema        = 3 // the newest migration's number
	versionTable  = "vpsops_schema"
	migrateTries  = 20
	migrateEvery  = 100 * time.Millisecond
	newerThanThis = "its schema is %d, and this version knows %d"
)

// migrate brings the schema up to date. Where it is already, that costs one
// query.
func (s *SQL) migrate(ctx context.Context) error {
	var err error
	for range migrateTries {
		var version int64
		// No table is no version: what else may be wrong, migrating says.
		if s.writer.QueryRowContext(ctx, "SELECT MAX(version_id) FROM "+versionTable).Scan(&version) == nil {
			if version > schema {
				return &StoreError{Op: "open", Store: s.store, Problem: NewerSchema, Err: fmt.Errorf(newerThanThis, version, schema)}
			}
			if version == schema {
				return nil
			}
		}
		// Another process may be migrating: then this fails, and the next look
		// finds it done.
		if err = s.migrateUp(ctx); err == nil {
			return nil
		}
		if problem := s.problem(err); problem != OtherFault && problem != Locked {
			break
		}
		if pause(ctx, migrateEvery) != nil {
			break
		}
	}
	return s.fault("bring the schema up to date", err)
}

func (s *SQL) migrateUp(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(s.goose, s.writer, files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithSlog(s.options.Logger))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return partial.Err
	}
	return err
}
