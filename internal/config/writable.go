package config

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// OpenToOthers says how other users than its owner could have a file say something else,
// and what closes it; it is "" where they can't. What counts is the file and the folder
// that the path leads to: on the way orchestrators have links and folders that anybody
// may write, as they show. The text is the end of a sentence about the file.
func OpenToOthers(path string) string {
	const writable = 0o022
	real, err := filepath.EvalSymlinks(path)
	if err != nil || runtime.GOOS == "windows" { // there modes say nothing
		return ""
	}
	real, err = filepath.Abs(real)
	if err != nil {
		return ""
	}
	file, err := os.Stat(real)
	if err != nil || !file.Mode().IsRegular() { // a shell's <(…) is nobody else's
		return ""
	}
	if mode := file.Mode(); othersMay(file, writable) {
		return fmt.Sprintf("can be written by other users (mode %04o); run: chmod go-w %s", mode.Perm(), quoteForShell(real))
	}
	folder := filepath.Dir(real)
	info, err := os.Stat(folder)
	if err != nil || info.Mode()&fs.ModeSticky != 0 || !othersMay(info, writable) {
		return ""
	}
	return fmt.Sprintf("can be replaced by other users, who may write to its folder (mode %04o); run: chmod go-w %s", info.Mode().Perm(), quoteForShell(folder))
}

// openToReaders tells whether users who are neither a file's owner nor in its group may
// read it.
func openToReaders(path string) (mode fs.FileMode, open bool) {
	const readable, enterable = 0o004, 0o001
	real, err := filepath.EvalSymlinks(path)
	if err != nil || runtime.GOOS == "windows" {
		return 0, false
	}
	if real, err = filepath.Abs(real); err != nil {
		return 0, false
	}
	file, err := os.Stat(real)
	if err != nil || !file.Mode().IsRegular() || file.Mode().Perm()&readable == 0 {
		return 0, false
	}
	for folder := filepath.Dir(real); ; folder = filepath.Dir(folder) {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm()&enterable == 0 {
			return 0, false
		}
		if folder == filepath.Dir(folder) {
			return file.Mode().Perm(), true
		}
	}
}

// othersMay tells whether users other than the owner have one of these bits. Those of
// a group that is the owner's alone, as many systems give each user one, count for none.
func othersMay(info fs.FileInfo, bits fs.FileMode) bool {
	perm := info.Mode().Perm() & bits
	if ownGroup(info) {
		perm &^= 0o070
	}
	return perm != 0
}
