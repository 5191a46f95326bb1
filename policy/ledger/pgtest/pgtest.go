//go:build postgres && unix

// Package pgtest runs a private PostgreSQL for tests: on a Unix socket alone,
// with its data in a temporary folder, and with fsync on as in production.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTime = 30 * time.Second
	owner     = "vpsops"
)

// Server is a running PostgreSQL.
type Server struct {
	folder  string
	bin     string
	process *exec.Cmd
	log     bytes.Buffer
	schemas atomic.Int64
}

// Start makes a cluster and runs it. PostgreSQL refuses to run as root, so
// there it runs as the user postgres, or nobody. Stop it in the end.
func Start() (*Server, error) {
	bin, err := findBin()
	if err != nil {
		return nil, err
	}
	// The path of a Unix socket is at most 107 bytes long.
	folder, err := os.MkdirTemp("/tmp", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, bin: bin}
	if err := s.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, s.log.String()), s.Stop())
	}
	return s, nil
}

func findBin() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		real, err := filepath.EvalSymlinks(path)
		return filepath.Dir(real), err
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return "", errors.New("pgtest: PostgreSQL is not installed (on Debian: apt-get install postgresql)")
	}
	return found[len(found)-1], nil
}

func (s *Server) start() error {
	attributes, err := s.unprivileged()
	if err != nil {
		return err
	}
	data := filepath.Join(s.folder, "data")
	initdb := s.command(attributes, "initdb", "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w", err)
	}
	return s.Run()
}

// Run starts the server of a cluster that was made, such as after Kill.
func (s *Server) Run() error {
	attributes, err := s.unprivileged()
	if err != nil {
		return err
	}
	s.process = s.command(attributes, "postgres", "-D", filepath.Join(s.folder, "data"), "-k", s.folder,
		"-c", "listen_addresses=", "-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return s.wait()
}

func (s *Server) command(attributes *syscall.SysProcAttr, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...) //nolint:gosec // a program of PostgreSQL's, found above
	c.Dir, c.Stdout, c.Stderr, c.SysProcAttr = s.folder, &s.log, &s.log, attributes
	c.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + s.bin + ":/usr/bin:/bin"}
	return c
}

// unprivileged gives the folder to the user that the server is to run as.
func (s *Server) unprivileged() (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err1 := strconv.ParseUint(who.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(who.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(s.folder, int(uid), int(gid))); err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}

// wait returns when the server takes connections.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.dsn("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: it does not start: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) dsn(database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s", owner, database, s.folder)
}

// DSN returns the address of an empty place for one ledger.
func (s *Server) DSN(ctx context.Context) (string, error) {
	name := fmt.Sprintf("ledger%d", s.schemas.Add(1))
	return s.dsn("postgres") + "&search_path=" + name, s.Exec(ctx, "CREATE SCHEMA "+name)
}

// Exec runs a statement as the server's owner.
func (s *Server) Exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.dsn("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Kill ends the server as a power cut would: at once, with nothing tidied.
func (s *Server) Kill() error {
	err := syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
	_ = s.process.Wait() // it was killed
	s.process = nil
	return errors.Join(err, os.Remove(filepath.Join(s.folder, "data", "postmaster.pid")))
}

// Stop ends the server and removes its data.
func (s *Server) Stop() error {
	var err error
	if s.process != nil && s.process.Process != nil {
		err = s.process.Process.Signal(syscall.SIGINT) // a fast shutdown
		_ = s.process.Wait()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
