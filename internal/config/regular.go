package config

import (
	"errors"
	"io/fs"
	"os"
	"strings"
)

// Readable refuses what is no file at that path: who opens a pipe that nobody writes
// into, or some devices, waits for ever. Links to files are files, and so is what the
// program was handed open, as by a shell's <(…): that has its writer. Where the path
// leads nowhere, opening it says so better. The error is the end of a sentence about
// the path.
func Readable(path string) error {
	info, err := os.Stat(path)
	if err != nil || path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") {
		return nil //nolint:nilerr // told by who opens it
	}
	for _, kind := range []struct {
		mode fs.FileMode
		name string
	}{{fs.ModeDir, "folder"}, {fs.ModeNamedPipe, "pipe"}, {fs.ModeSocket, "socket"}, {fs.ModeDevice, "device"}, {fs.ModeIrregular, "special file"}} {
		if info.Mode()&kind.mode != 0 {
			return errors.New("is a " + kind.name + ", and a regular file is needed")
		}
	}
	return nil
}
