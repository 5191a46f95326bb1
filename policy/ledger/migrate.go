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

// Replicas are upgraded one after the other, so for a while an older version
// writes a ledger that a newer one has migrated. A migration therefore either
// expands (tables, and columns with a default, that older versions do without) and
// takes the next number; or it contracts, once no version in use needs what it takes
// away, and begins the next era: older versions refuse a ledger of a later era.
const eraSize = 1000 // 00001 to 00999 are the first era

const (
	schema        = 4 // the newest migration's number
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
			if version/eraSize > schema/eraSize {
				return s.newerSchema("open", version)
			}
			if version > schema {
				s.options.Logger.Info("a newer vpsops has added to the ledger's schema; this one goes on with what it knows", "schema", version, "known", schema)
			}
			if version >= schema {
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

func (s *SQL) newerSchema(op string, version int64) error {
	return &StoreError{Op: op, Store: s.store, Problem: NewerSchema, Err: fmt.Errorf(newerThanThis, version, schema)}
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
