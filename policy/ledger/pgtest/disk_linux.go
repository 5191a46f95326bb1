//go:build postgres

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	diskSize = "size=1g" // of memory, and only what is used of it
	fullSize = "524288"  // less than a file of the write-ahead log, so that it soon cannot go on
	noLimit  = "unlimited"

	fillTries = 100
)

// mount takes privileges that containers seldom have.
func mount(folder string) error { return unix.Mount("tmpfs", folder, "tmpfs", 0, diskSize) }

func unmount(folder string) error { return unix.Unmount(folder, unix.MNT_DETACH) }

// fill makes the file system as small as what is in it.
func fill(folder string) error {
	for range fillTries {
		var now unix.Statfs_t
		if err := unix.Statfs(folder, &now); err != nil {
			return err
		}
		err := unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("nr_blocks=%d", now.Blocks-now.Bfree))
		if !errors.Is(err, unix.EINVAL) { // more was written meanwhile
			return err
		}
	}
	return errors.New("pgtest: the disk could not be filled")
}

func free(folder string) error {
	return unix.Mount("tmpfs", folder, "tmpfs", unix.MS_REMOUNT, diskSize)
}

// limitFiles sets how long the files may be that the server's processes write. It is
// done as their user: root may lack the right to.
func (s *Server) limitFiles(size string) error {
	attributes, err := s.unprivileged()
	if err != nil {
		return err
	}
	limit := func(pid int) error {
		c := exec.CommandContext(context.Background(), "prlimit", "--pid", strconv.Itoa(pid), "--fsize="+size+":") //nolint:gosec // a number of ours
		c.SysProcAttr = attributes
		said, err := c.CombinedOutput()
		if _, gone := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil || errors.Is(gone, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("pgtest: prlimit: %w: %s", err, said)
	}
	// The parent first: the children that it gets from now on have it from there.
	parent := s.process.Process.Pid
	if err := limit(parent); err != nil {
		return err
	}
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil || parentOf(folder) != parent {
			continue
		}
		if err := limit(pid); err != nil {
			return err
		}
	}
	return nil
}

// parentOf is 0 where the process has ended.
func parentOf(folder string) int {
	status, err := os.ReadFile(filepath.Join(folder, "status"))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "\nPPid:\t")
	line, _, _ := strings.Cut(after, "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		return 0
	}
	return pid
}
