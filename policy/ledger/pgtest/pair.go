//go:build postgres && unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// standbyName is what the primary knows its standby by.
const standbyName = "standby"

// Pair is a primary and a standby, each on its own loopback address and disk. The
// primary acknowledges what the standby has, too: whoever takes over has all that
// anybody was told. It is not safe for concurrent use, but for DSN and Exec.
type Pair struct {
	one, two *Server
	primary  atomic.Pointer[Server]
}

// StartPair makes a cluster, runs it, and has a standby follow it. Stop it in the
// end.
func StartPair(ctx context.Context) (*Pair, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := new(Pair)
	for i, place := range []**Server{&p.one, &p.two} {
		s, err := newServer(net.JoinHostPort(fmt.Sprintf("127.0.0.%d", 21+i), port))
		*place = s
		if err == nil {
			s.disk, err = newDisk(s.folder)
		}
		if err != nil {
			return nil, errors.Join(err, p.Stop())
		}
	}
	err = p.one.start()
	p.primary.Store(p.one)
	if err == nil {
		err = p.Rejoin(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s\n%s", err, p.one.log.String(), p.two.log.String()), p.Stop())
	}
	return p, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// other is the one that is not the primary.
func (p *Pair) other() *Server {
	if p.primary.Load() == p.one {
		return p.two
	}
	return p.one
}

// Primary is the one that is written to now.
func (p *Pair) Primary() *Server { return p.primary.Load() }

// DSN returns the address of an empty place for one ledger, by which whoever is the
// primary is found.
func (p *Pair) DSN(ctx context.Context) (string, error) {
	name := fmt.Sprintf("ledger%d", p.one.schemas.Add(1))
	dsn := fmt.Sprintf("postgres://%s@%s,%s/postgres?target_session_attrs=read-write&sslmode=disable&connect_timeout=3&search_path=%s",
		owner, p.one.address, p.two.address, name)
	return dsn, p.Exec(ctx, "CREATE SCHEMA "+name)
}

// Exec runs a statement at the primary as its owner.
func (p *Pair) Exec(ctx context.Context, statement string) error {
	return p.Primary().Exec(ctx, statement)
}

// FailOver kills the primary for good, and has the standby take its place. Nobody
// stands by then, until Rejoin.
func (p *Pair) FailOver(ctx context.Context) error {
	if err := p.Primary().Kill(); err != nil {
		return err
	}
	if err := p.other().Exec(ctx, "SELECT pg_promote()"); err != nil {
		return fmt.Errorf("pgtest: promote: %w", err)
	}
	p.primary.Store(p.other())
	return nil
}

// Rejoin makes the one that was lost the standby of the other, from a fresh copy,
// and returns when commits wait for it.
func (p *Pair) Rejoin(ctx context.Context) error {
	primary, standby := p.Primary(), p.other()
	attributes, err := standby.unprivileged()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(standby.data()); err != nil {
		return err
	}
	source := strings.Replace(primary.dsn(), "postgres://", "postgresql://", 1) + "&application_name=" + standbyName
	backup := standby.command(attributes, "pg_basebackup", "-D", standby.data(), "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")
	if err := backup.Run(); err != nil {
		return fmt.Errorf("pgtest: pg_basebackup: %w", err)
	}
	if err := standby.Run(); err != nil {
		return err
	}
	if err := primary.Exec(ctx, "ALTER SYSTEM SET synchronous_standby_names = '"+standbyName+"'"); err != nil {
		return err
	}
	if err := primary.Exec(ctx, "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	return p.InStep(ctx)
}

// InStep returns when the standby has all that the primary has.
func (p *Pair) InStep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		synchronous, err := p.ask(ctx, "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '"+standbyName+"' AND state = 'streaming' AND sync_state = 'sync')")
		if err == nil && synchronous {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: the standby does not follow: %w", errors.Join(ctx.Err(), err))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// LoseStandby kills the standby: commits wait for it, until Rejoin.
func (p *Pair) LoseStandby() error { return p.other().Kill() }

// CutWaiting cuts the connections whose commits wait for the standby, and tells
// whether there was one.
func (p *Pair) CutWaiting(ctx context.Context) (cut bool, err error) {
	return p.ask(ctx, "SELECT COUNT(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
}

// ask asks the primary a question of yes or no.
func (p *Pair) ask(ctx context.Context, question string) (yes bool, err error) {
	conn, err := pgx.Connect(ctx, p.Primary().dsn())
	if err != nil {
		return false, err
	}
	err = conn.QueryRow(ctx, question).Scan(&yes)
	return yes, errors.Join(err, conn.Close(ctx))
}

// Stop ends both servers and removes their data.
func (p *Pair) Stop() error {
	var err error
	for _, s := range []*Server{p.one, p.two} {
		if s != nil {
			err = errors.Join(err, s.Stop())
		}
	}
	return err
}
