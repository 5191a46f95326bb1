//go:build unix

package config

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// ownGroup tells whether a file's group is its owner's own: the primary one, of the
// same name.
func ownGroup(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	owner, err := user.LookupId(strconv.FormatUint(uint64(stat.Uid), 10))
	if err != nil || owner.Gid != strconv.FormatUint(uint64(stat.Gid), 10) {
		return false
	}
	group, err := user.LookupGroupId(owner.Gid)
	return err == nil && group.Name == owner.Username
}
