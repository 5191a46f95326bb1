//go:build unix

package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// denied says that this user may not write a file or folder that is there, or nil.
func denied(path string) error { return deniedAccess(path, unix.W_OK, "write") }

func deniedReading(path string) error { return deniedAccess(path, unix.R_OK, "read") }

func deniedAccess(path string, mode uint32, verb string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS); !errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return forbidden(path, verb)
}

// forbidden says whose a file is, and how this user gets it.
func forbidden(path, verb string) error {
	me := userName(os.Geteuid())
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s may not %s %s", me, verb, path)
	}
	owner, cure := "", "chmod u+rwX"
	if sys, ok := info.Sys().(*syscall.Stat_t); ok && int(sys.Uid) != os.Geteuid() {
		owner, cure = "which is "+userName(int(sys.Uid))+"'s, ", "chown "+me
	}
	return fmt.Errorf("%s may not %s %s, %smode %04o; run: %s '%s'", me, verb, path, owner, info.Mode().Perm(), cure, strings.ReplaceAll(path, "'", `'\''`))
}

func userName(id int) string {
	number := strconv.Itoa(id)
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return number
}
