//go:build postgres && unix

// Package pgtest runs a private PostgreSQL for tests, with its data in a temporary
// folder, and with fsync on as in production: alone on a Unix socket, or as a
// [Pair] that fails over.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTime = 30 * time.Second
	owner     = "vpsops"
)

// Server is a PostgreSQL. It is not safe for concurrent use, but for DSN and Exec.
type Server struct {
	folder  string
	bin     string
	address string // host:port beside the socket, or ""
	disk    *disk  // what its data is on, where that can be full
	process *exec.Cmd
	ended   chan struct{} // closed when process has ended, its children with it
	log     output
	schemas atomic.Int64
}

// Start makes a cluster and runs it. PostgreSQL refuses to run as root, so
// there it runs as the user postgres, or nobody. Stop it in the end.
func Start() (*Server, error) {
	s, err := newServer("")
	if err != nil {
		return nil, err
	}
	return s.begun(s.start())
}

// StartOnDisk is Start on a disk that [Server.FillDisk] can fill.
func StartOnDisk() (*Server, error) {
	s, err := newServer("")
	if err != nil {
		return nil, err
	}
	if s.disk, err = newDisk(s.folder); err == nil {
		err = s.start()
	}
	return s.begun(err)
}

// StartLimited is StartOnDisk with a disk that is full by a limit to how long files
// may be, which the write-ahead log meets first.
func StartLimited() (*Server, error) {
	s, err := newServer("")
	if err != nil {
		return nil, err
	}
	if s.disk, err = newFolder(s.folder); err == nil {
		err = s.start()
	}
	return s.begun(err)
}

func newServer(address string) (*Server, error) {
	bin, err := findBin()
	if err != nil {
		return nil, err
	}
	// The path of a Unix socket is at most 107 bytes long.
	folder, err := os.MkdirTemp("/tmp", "pg")
	return &Server{folder: folder, bin: bin, address: address}, err
}

// begun is the server, or what came of trying.
func (s *Server) begun(err error) (*Server, error) {
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, s.log.String()), s.Stop())
	}
	return s, nil
}

// output is what the server's programs print: the postmaster's children may
// outlive a Wait.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
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
	initdb := s.command(attributes, "initdb", "-D", s.data(), "-U", owner, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync",
		"--wal-segsize", "1") // MB: on a disk that fills, the next file is near
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w", err)
	}
	return s.Run()
}

func (s *Server) data() string {
	if s.disk != nil {
		return filepath.Join(s.disk.folder, "data")
	}
	return filepath.Join(s.folder, "data")
}

// Run starts the server of a cluster that was made, such as after Kill.
func (s *Server) Run() error {
	attributes, err := s.unprivileged()
	if err != nil {
		return err
	}
	host, port := "", "5432"
	if s.address != "" {
		if host, port, err = net.SplitHostPort(s.address); err != nil {
			return err
		}
	}
	s.process = s.command(attributes, "postgres", "-D", s.data(), "-k", s.folder, "-p", port,
		"-c", "listen_addresses="+host, "-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=32MB",
		"-c", "wal_keep_size=32MB", "-c", "wal_retrieve_retry_interval=200ms")
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	s.ended = make(chan struct{})
	go func(process *exec.Cmd, ended chan struct{}) {
		_ = process.Wait() // how it ends is not its caller's concern
		close(ended)
	}(s.process, s.ended)
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
	if s.disk != nil {
		if err := os.Chown(s.disk.folder, int(uid), int(gid)); err != nil {
			return nil, err
		}
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}

// wait returns when the server takes connections.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		err := s.probe(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: it does not start: %w", err)
		case <-s.ended:
			return fmt.Errorf("pgtest: it ended: %w\n%s", err, s.log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) probe(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.dsn())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (s *Server) dsn() string {
	dsn := fmt.Sprintf("postgres://%s@/postgres?host=%s", owner, s.folder)
	if _, port, err := net.SplitHostPort(s.address); err == nil {
		dsn += "&port=" + port
	}
	return dsn
}

// DSN returns the address of an empty place for one ledger.
func (s *Server) DSN(ctx context.Context) (string, error) {
	name := fmt.Sprintf("ledger%d", s.schemas.Add(1))
	return s.dsn() + "&search_path=" + name, s.Exec(ctx, "CREATE SCHEMA "+name)
}

// Exec runs a statement as the server's owner.
func (s *Server) Exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.dsn())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Kill ends the server as a power cut would: at once, with nothing tidied. One that
// has ended by itself is as well.
func (s *Server) Kill() error {
	err := syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
	<-s.ended
	s.process = nil
	if errors.Is(err, syscall.ESRCH) {
		err = nil
	}
	if left := os.Remove(filepath.Join(s.data(), "postmaster.pid")); !errors.Is(left, fs.ErrNotExist) {
		err = errors.Join(err, left)
	}
	return err
}

// Stop ends the server and removes its data.
func (s *Server) Stop() error {
	var err error
	if s.process != nil && s.process.Process != nil {
		if err = s.process.Process.Signal(syscall.SIGINT); errors.Is(err, os.ErrProcessDone) { // a fast shutdown
			err = nil
		}
		<-s.ended
	}
	if s.disk != nil {
		err = errors.Join(err, s.disk.remove())
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
