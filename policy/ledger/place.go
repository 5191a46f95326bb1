package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// CheckPlace says what would keep [Open] from making the SQLite file at path, where there
// is none yet. It leaves nothing there. The error is a *StoreError.
func CheckPlace(path string) error {
	refuse := func(p Problem, err error) error { return &StoreError{Op: "open", Store: path, Problem: p, Err: err} }
	full, err := filepath.Abs(path)
	if err != nil {
		return refuse(OtherFault, err)
	}
	folder, err := nearestFolder(filepath.Dir(full))
	if err != nil {
		return refuse(fileProblem(err), err)
	}
	kind, err := Options{}.withDefaults().networkFS(folder)
	if err != nil {
		return refuse(fileProblem(err), err)
	}
	if kind != "" {
		return refuse(NetworkFS, errors.New(kind))
	}
	if err := tryFile(folder); err != nil {
		if why := denied(folder); why != nil && errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w; %w", err, why)
		}
		return refuse(fileProblem(err), err)
	}
	return nil
}

// nearestFolder is the folder in which those that lack on the way to path would be made.
func nearestFolder(path string) (string, error) {
	for {
		info, err := os.Stat(path)
		switch {
		case err == nil && info.IsDir():
			return path, nil
		case err == nil:
			return "", &fs.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		if _, dangling := os.Lstat(path); dangling == nil || filepath.Dir(path) == path {
			return "", err
		}
		path = filepath.Dir(path)
	}
}

// tryFile makes a file in a folder and takes it away again: nothing less shows that a
// full disk or one that may only be read would take one.
func tryFile(folder string) error {
	f, err := os.CreateTemp(folder, ".vpsops-*")
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: "write in", Path: folder, Err: fault.Err}
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
