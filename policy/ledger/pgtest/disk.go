//go:build postgres && unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// disk is what a server's data is on, so that it can be full: a small file system
// in memory where one may be mounted, else a folder, and a limit to how long the
// server's files may be.
type disk struct {
	folder  string
	mounted bool
}

// newDisk makes a disk in a server's folder.
func newDisk(folder string) (*disk, error) {
	d, err := newFolder(folder)
	if err == nil {
		d.mounted = mount(d.folder) == nil
	}
	return d, err
}

// newFolder makes a disk that is no file system of its own.
func newFolder(folder string) (*disk, error) {
	d := &disk{folder: filepath.Join(folder, "disk")}
	return d, os.Mkdir(d.folder, 0o700)
}

func (d *disk) remove() error {
	if d.mounted {
		return unmount(d.folder)
	}
	return nil
}

// DiskKind says by what a server's disk is full.
func (s *Server) DiskKind() string {
	if s.disk.mounted {
		return "a small file system"
	}
	return "a file-size limit"
}

// FillDisk leaves the server no space, until FreeDisk.
func (s *Server) FillDisk() error {
	if s.disk.mounted {
		return fill(s.disk.folder)
	}
	return s.limitFiles(fullSize)
}

// FreeDisk gives the server space again, and starts it again where it has ended
// meanwhile, as whoever keeps it running would.
func (s *Server) FreeDisk() error {
	var err error
	if s.disk.mounted {
		err = free(s.disk.folder)
	} else {
		err = s.limitFiles(noLimit)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		if err = s.probe(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: it does not come back: %w\n%s", err, s.log.String())
		case <-s.ended:
			return errors.Join(s.Kill(), s.Run())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
