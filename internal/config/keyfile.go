package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// keyFile is the name of the key's file.
const keyFile = "vpsops.key"

// KeyFileError says why the key's file can't be used and what to do. Nothing is
// signed or believed until it is mended.
type KeyFileError struct {
	Path   string
	Reason string
	Remedy string // a command to run, or a variable to set
	Err    error  // the system's own error, where there is one
}

// Error is one line.
func (e *KeyFileError) Error() string {
	reason := e.Reason
	if e.Err != nil {
		reason = fmt.Sprintf("%s (%v)", reason, cause(e.Err))
	}
	return fmt.Sprintf("the key file %s %s; %s", e.Path, reason, e.Remedy)
}

// Unwrap returns the system's error.
func (e *KeyFileError) Unwrap() error { return e.Err }

func (c *Config) keyPath() (string, error) {
	store, err := c.StorePath()
	if err != nil {
		return "", err
	}
	if store != "" {
		return filepath.Join(filepath.Dir(store), keyFile), nil
	}
	folder, err := c.StateFolder()
	return filepath.Join(folder, keyFile), err
}

// LoadKey reads the key in the file at path, or makes both. See [Config.Key].
func LoadKey(path string) (Key, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, &KeyFileError{
			Path: path, Reason: "can't be made", Err: err,
			Remedy: "let this user write there, or set VPSOPS_KEY=" + exampleOf("VPSOPS_KEY"),
		}
	}
	// Read back, since another process may have been first.
	return readKey(path)
}

func readKey(path string) (Key, error) {
	if err := Readable(path); err != nil {
		return Key{}, &KeyFileError{Path: path, Reason: err.Error(), Remedy: "put the key's file there again, or remove it for a new key (open requests and old checkpoints are then void)"}
	}
	f, err := os.Open(path)
	if err != nil {
		return Key{}, &KeyFileError{Path: path, Reason: "can't be read", Err: err, Remedy: "let this user read it"}
	}
	defer f.Close()
	// Of the open file, not of the path: that could be another one by now.
	info, err := f.Stat()
	if err != nil {
		return Key{}, &KeyFileError{Path: path, Reason: "can't be read", Err: err, Remedy: "let this user read it"}
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, &KeyFileError{
			Path: path, Reason: fmt.Sprintf("can be used by others (mode %04o)", info.Mode().Perm()),
			Remedy: "run: chmod 600 " + quoteForShell(path),
		}
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize))
	if err != nil {
		return Key{}, &KeyFileError{Path: path, Reason: "can't be read", Err: err, Remedy: "let this user read it"}
	}
	key, ok := decodeKey(strings.TrimSpace(string(content)))
	if !ok {
		return Key{}, &KeyFileError{
			Path: path, Reason: fmt.Sprintf("doesn't hold %d bytes in base64", KeySize),
			Remedy: "put it back from a backup, or remove it for a new key (open requests and old checkpoints are then void)",
		}
	}
	if key.isZero() {
		return Key{}, &KeyFileError{
			Path: path, Reason: "is all zeros, which anybody can guess",
			Remedy: "put it back from a backup, or remove it for a new key (open requests and old checkpoints are then void)",
		}
	}
	return key, nil
}

// makeKey writes a new key and gives it its name only when it is whole and on the
// disk, without ever replacing one: whoever links first wins, and all others
// get fs.ErrExist.
func makeKey(path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(folder, "."+keyFile+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = io.WriteString(tmp, NewKey().encode()+"\n")
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return err
	}
	syncFolder(folder)
	return nil
}

// syncFolder makes the new name itself last, where the file system can: Windows
// and some network ones can't, and need not.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

func quoteForShell(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
