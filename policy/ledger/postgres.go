package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// connections is how many a process holds to one PostgreSQL. Writers come one
// after the other anyway.
const connections = 8

// writers is how many of them write at once: while one holds the head, the next
// stands ready. The rest stay free for readers.
const writers = 3

const channel = "vpsops_ledger"

// postgresClock is in microseconds since 1970.
const postgresClock = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"

func postgresDialect() *dialect {
	return &dialect{
		goose:   goose.DialectPostgres,
		dollars: true,
		read:    &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		write:   &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		problem: postgresProblem,
		made:    "SELECT COUNT(*) FROM (VALUES (to_regclass('head')), (to_regclass('audit'))) AS tables (name) WHERE name IS NOT NULL",
		again:   mayRunAgain,
		tell:    "NOTIFY " + channel,
		listen:  listen,
		clock:   "SELECT " + postgresClock,
		now:     postgresClock + " * 1000",
	}
}

// openPostgres opens a pool. A connection that hangs in a transaction or waits
// for a lock is ended by the server: it would hold everybody else up.
func (s *SQL) openPostgres(ctx context.Context, dsn string) error {
	s.dialect, s.store, s.explain = postgresDialect(), "in PostgreSQL", explainStandby
	config, err := pgx.ParseConfig(dsn)
	if err != nil { // its text quotes the address, and with it the password
		return &StoreError{Op: "open", Store: s.store, Problem: Unreachable, Err: errors.New("the address cannot be read")}
	}
	s.store = fmt.Sprintf("postgres://%s/%s", strings.Join(hosts(config), ","), config.Database)
	for name, value := range map[string]string{
		"application_name": "vpsops", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "30s",
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	s.writer, s.reader = pool, pool
	s.turns = make(chan struct{}, writers)
	return s.fault("open", pool.PingContext(ctx))
}

// hosts are those of the address, in its order.
func hosts(config *pgx.ConnConfig) []string {
	found := []string{config.Host}
	for _, f := range config.Fallbacks { // some are the same host without TLS
		if !slices.Contains(found, f.Host) {
			found = append(found, f.Host)
		}
	}
	return found
}

// mayRunAgain tells a transaction that certainly left nothing behind: a
// serialization_failure, a deadlock_detected, or a connection that broke before
// the commit, as those of the pool do when the server starts anew.
func mayRunAgain(err error) bool {
	var failure *pgconn.PgError
	if errors.As(err, &failure) && (failure.Code == "40001" || failure.Code == "40P01") {
		return true
	}
	var fault *StoreError
	return errors.As(err, &fault) && fault.Problem == Unreachable && fault.Op != opCommit
}

// postgresProblem goes by PostgreSQL's error codes (its manual, appendix A).
func postgresProblem(err error) Problem {
	var failure *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &failure):
		return codeProblem(failure.Code)
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, sql.ErrConnDone), pgconn.SafeToRetry(err),
		errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Unreachable
	}
	return OtherFault
}

const readOnlyTransaction = "25006"

func codeProblem(code string) Problem {
	switch {
	case code == readOnlyTransaction, code == "42501": // insufficient_privilege
		return ReadOnly
	case code == "53100": // disk_full
		return Full
	case code == "55P03", code == "40P01", code == "25P03": // lock_not_available, deadlock_detected, idle_in_transaction_session_timeout
		return Locked
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "28"),
		code == "3D000": // connection, shutdown, too many, who goes there, no such database
		return Unreachable
	case code == "XX001", code == "XX002": // data_corrupted, index_corrupted
		return Damaged
	}
	return OtherFault
}

// explainStandby says where another host has to be named.
func explainStandby(p Problem, err error) (Problem, error) {
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == readOnlyTransaction {
		err = fmt.Errorf("%w; it is a standby, or was made read-only: name the primary in VPSOPS_STORE, too, with target_session_attrs=read-write", err)
	}
	return p, err
}

// listen takes a connection of the pool for as long as it listens.
func listen(ctx context.Context, db *sql.DB, wake func()) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		ours, ok := driver.(*stdlib.Conn)
		if !ok {
			return errors.New("this is no connection to PostgreSQL")
		}
		c := ours.Conn()
		// It must not go back to the pool, where it would go on listening.
		defer c.Close(context.WithoutCancel(ctx))
		if _, err := c.Exec(ctx, "LISTEN "+channel); err != nil {
			return err
		}
		for {
			wake()
			if _, err := c.WaitForNotification(ctx); err != nil {
				return err
			}
		}
	})
}
